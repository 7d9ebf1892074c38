"""`passerelle ask`: a professional's question in the terminal, answered from the catalogue without any dossier."""

from collections.abc import Iterator

from passerelle.app.compose import Parts
from passerelle.foundation.phone import spoken
from passerelle.orientation.resources import LANGUAGE, Resource
from passerelle.portal.question import Answer

#: What serves another commune would fill the screen.
_MOST_ASIDE = 10


def ask(parts: Parts, words: str) -> str:
    """The answer, as lines to read."""
    return "\n".join(_lines(parts, parts.professional_question.ask(words)))


def _lines(parts: Parts, answer: Answer) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return parts.texts.say(key, language=LANGUAGE, form="web", **values)

    if answer.numbers:
        yield say("team.question.danger")
        yield from (f"  {say(line.usage)}" for line in answer.numbers if line.open)
    if answer.medical:
        yield say("safety.medical")
    if answer.needs:
        circumstances = (say(f"team.factor.{code}") for code in answer.circumstances)
        understood = ", ".join([*(say(f"need.{need}") for need in answer.needs), *circumstances])
        yield f"{say('team.question.understood')} {understood}"
    elif not answer.medical and not answer.numbers:
        yield say("team.ask.no_needs")
    if answer.commune_missing:
        yield say("team.refused.homonyms" if answer.commune.homonyms else "team.refused.commune")
        yield from (f"  {name}" for _, name in answer.commune.homonyms)
    if answer.resources is not None:
        yield say("team.question.found", commune=answer.commune.name)
        for resource in answer.resources.found:
            yield from _resource(resource, say(f"team.asked_by.{resource.asked_by}"))
        if answer.resources.set_aside:
            yield say("team.question.aside", count=len(answer.resources.set_aside))
            yield from (f"  {name} : {why}" for name, why in answer.resources.set_aside[:_MOST_ASIDE])


def _resource(resource: Resource, asked_by: str) -> Iterator[str]:
    yield f"- {resource.name} : {spoken(resource.phone) if resource.phone else resource.how}"
    yield f"    {asked_by}"
    yield from (f"    {reason}" for reason in (*resource.reasons, *resource.missing))
