"""A question as it is shown: its sentence and its numbered options."""

from passerelle.foundation.texts import Form, Texts
from passerelle.screening.questions import Question


def question_body(question: Question, texts: Texts, language: str, form: Form, **values: object) -> str:
    """The sentence, then one line per option. T1 and T2 need `need`, the label of the need (see need_label)."""
    lines = [texts.say(f"question.{question.id}", language=language, form=form, **values)]
    lines += [
        f"{option.number} {option_label(question, option.code, texts, language, form)}" for option in question.options
    ]
    return "\n".join(lines)


def option_labels(question: Question, texts: Texts, language: str, form: Form = "web") -> tuple[str, ...]:
    """The labels in the order of their numbers, as the answer parser and the buttons want them."""
    ordered = sorted(question.options, key=lambda option: option.number)
    return tuple(option_label(question, option.code, texts, language, form) for option in ordered)


def option_label(question: Question, code: str, texts: Texts, language: str, form: Form = "web") -> str:
    """The short label of one option."""
    return texts.say(f"question.{question.id}.option.{code}", language=language, form=form)


def question_why(question: Question, texts: Texts, language: str, form: Form = "web") -> str:
    """Why this is asked, in one sentence."""
    return texts.say(f"question.{question.id}.why", language=language, form=form)


def need_label(thematique: str, texts: Texts, language: str, form: Form = "web") -> str:
    """The short plain name of a need for the person ("un loyer en retard")."""
    return texts.say(f"need.{thematique}", language=language, form=form)
