"""The safety check every inbound text passes before anything else (DESIGN §1.3): pure, no model, no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from passerelle.foundation.text import Normaliser, fold
from passerelle.safety.phrases import PhraseBook

Kind = Literal["none", "vital", "suicide", "child", "violence", "vulnerable_adult", "rough_sleeping"]

#: When several kinds apply, the first of this order wins (DESIGN §8).
KINDS: tuple[Kind, ...] = ("vital", "suicide", "child", "violence", "vulnerable_adult", "rough_sleeping")

DATA = Path(__file__).parent / "data"

#: People of every language use French words for what they live here.
EVERYWHERE = "fr"


@dataclass(frozen=True, kw_only=True, slots=True)
class Safety:
    """What the check says of one message."""

    kind: Kind = "none"
    #: Advice on a symptom, a drug, a dose or a result is asked.
    medical: bool = False
    #: Who raised the alert; a model may only ever add one (reference/screening.md §5.3).
    source: Literal["rules", "model"] | None = None

    @property
    def alert(self) -> bool:
        """Whether someone may be in danger."""
        return self.kind != "none"


class SafetyCheck:
    """Looks for danger and for medical questions in every language at once: people mix them."""

    def __init__(
        self, normaliser: Normaliser, danger: Mapping[str, PhraseBook], medical: Mapping[str, PhraseBook]
    ) -> None:
        self._normaliser = normaliser
        self._danger = danger
        self._medical = medical

    @classmethod
    def load(cls, normaliser: Normaliser, data: Path | None = None) -> Self:
        """Read `danger/<language>.yaml`, `danger/look_alikes_<language>.yaml` and `medical/<language>.yaml`."""
        folder = data or DATA
        danger = {
            path.stem: PhraseBook.load(path, path.with_name(f"look_alikes_{path.stem}.yaml"))
            for path in sorted((folder / "danger").glob("??.yaml"))
        }
        medical = {path.stem: PhraseBook.load(path) for path in sorted((folder / "medical").glob("??.yaml"))}
        return cls(normaliser, danger, medical)

    def check(self, text: str, language: str) -> Safety:
        """Judge one message: danger by the lexicons of all languages, health by its own and French.

        The others hear the danger those two do not speak of: a person may write in a language not chosen. A question of
        health refused by mistake costs more than one that waits for the bot, which reads all languages too.
        """
        folded = fold(text)
        kinds = self._own(folded, language) | self._unheard(folded, language)
        medical = bool(self._heard(self._medical, folded, language))
        for kind in KINDS:
            if kind in kinds:
                return Safety(kind=kind, medical=medical, source="rules")
        return Safety(medical=medical)

    def _own(self, folded: str, language: str) -> frozenset[str]:
        """What the lexicon of the language hears, and the French one in the words the first has not judged."""
        own, french = self._danger.get(language), self._danger.get(EVERYWHERE)
        if own is None or french is None or own is french:
            return self._heard(self._danger, folded, language)
        spelled = self._normaliser.spell_out(folded, EVERYWHERE)
        return own.kinds(self._normaliser.spell_out(folded, language)) | french.kinds_unheard(
            spelled, (own,), forgives_typos=True
        )

    def _heard(self, books: Mapping[str, PhraseBook], folded: str, language: str) -> frozenset[str]:
        return frozenset[str]().union(
            *(
                books[name].kinds(self._normaliser.spell_out(folded, name))
                for name in {language, EVERYWHERE} & books.keys()
            )
        )

    def _unheard(self, folded: str, language: str) -> frozenset[str]:
        judges = tuple(self._danger[name] for name in {language, EVERYWHERE} & self._danger.keys())
        return frozenset[str]().union(
            *(
                book.kinds_unheard(self._normaliser.spell_out(folded, name), judges)
                for name, book in self._danger.items()
                if name not in (language, EVERYWHERE)
            )
        )
