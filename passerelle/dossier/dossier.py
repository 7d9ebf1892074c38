"""What the person told us, as one value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from passerelle.screening.told import Told, ToldNeed


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """One conversation's dossier as it stands."""

    conversation: str
    told: Told
    #: Answers in the person's own words (first name, when to call), by question.
    words: Mapping[str, str]
    #: Keys of the answers, in the order the questions were asked.
    asked: tuple[str, ...]

    def with_answer(self, key: str, code: str, words: str | None = None) -> Self:
        """The same, with one answer more or corrected."""
        return replace(
            self,
            told=self.told.with_answer(key, code),
            words={**self.words, key: words} if words is not None else self.words,
            asked=self.asked if key in self.asked else (*self.asked, key),
        )

    def need(self, thematique: str) -> ToldNeed | None:
        """The need of that thematique, when told."""
        return next((need for need in self.told.needs if need.thematique == thematique), None)

    def with_need(self, need: ToldNeed) -> Self:
        """The same, with one need more; a need said to be wanted once stays wanted."""
        known = self.need(need.thematique)
        if known is None:
            needs = (*self.told.needs, need)
        elif need.wanted:
            needs = tuple(need if other is known else other for other in self.told.needs)
        else:
            needs = self.told.needs
        return replace(self, told=replace(self.told, needs=needs))

    def with_signals(self, signals: Iterable[str]) -> Self:
        """The same, with more circumstances."""
        return replace(self, told=replace(self.told, signals=self.told.signals.union(signals)))

    @property
    def commune(self) -> str | None:
        """Code of the commune where the person lives, when known."""
        code = self.told.answers.get("P1")
        return None if code in {None, "unknown", "refuse"} else code

    @property
    def is_empty(self) -> bool:
        """Whether nothing was told yet that could lead to a dispositif."""
        return not self.told.needs and not any(key.startswith("Q") for key in self.told.answers)
