"""The professional's question: answered from the catalogue, without any dossier; the words typed are not kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Places
from passerelle.conversation.understanding import BotDown, Understands
from passerelle.foundation.clock import Clock
from passerelle.foundation.text import clean
from passerelle.foundation.texts import Texts
from passerelle.orientation.resources import LANGUAGE, Resources, find_resources
from passerelle.portal.collective import FACTOR_OF_SIGNAL
from passerelle.portal.communes import ChosenCommune, choose_commune, commune_in
from passerelle.portal.forms import Form
from passerelle.safety.answer import NumberLink, safety_numbers
from passerelle.safety.check import Kind, Safety, SafetyCheck
from passerelle.safety.numbers import HelpNumbers
from passerelle.screening.questions import Questionnaire
from passerelle.screening.situation import read_situation
from passerelle.screening.told import Told, ToldNeed

_SLOTS: dict[str, str | None] = {"stage": "telling", "role": "partner", "channel": "web", "pending": None}

#: More needs at once would answer none of them.
_MOST_NEEDS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is shown; nothing of it repeats the words typed."""

    #: Lines to call first, when the words tell a danger.
    numbers: tuple[NumberLink, ...] = ()
    danger: Kind = "none"
    medical: bool = False
    #: The bot did not answer: the needs are picked in the list.
    bot_down: bool = False
    needs: tuple[str, ...] = ()
    circumstances: tuple[str, ...] = ()
    commune: ChosenCommune = field(default_factory=ChosenCommune)
    resources: Resources | None = None

    @property
    def needs_missing(self) -> bool:
        """Whether the list must be shown first."""
        return not self.needs

    @property
    def commune_missing(self) -> bool:
        """Whether one question is left: which commune."""
        return self.commune.code is None


class ProfessionalQuestion:
    """Answers professionals."""

    def __init__(
        self,
        *,
        safety: SafetyCheck,
        numbers: HelpNumbers,
        bot: Understands,
        questionnaire: Questionnaire,
        places: Places,
        catalogue: Callable[[], Catalogue],
        texts: Texts,
        clock: Clock,
    ) -> None:
        self._safety = safety
        self._numbers = numbers
        self._bot = bot
        self._questionnaire = questionnaire
        self._places = places
        self._catalogue = catalogue
        self._texts = texts
        self._clock = clock

    def listed(self) -> dict[str, tuple[str, ...]]:
        """The thematiques to pick from, by domain: those the catalogue can answer."""
        offered = self._catalogue().thematiques()
        by_domain: dict[str, list[str]] = {}
        for value, thematique in self._questionnaire.thematiques.items():
            if value in offered:
                by_domain.setdefault(thematique.domain, []).append(value)
        return {domain: tuple(values) for domain, values in sorted(by_domain.items())}

    def answer(self, form: Form) -> Answer:
        """Answer a form: words, or needs and commune picked after them."""
        words = clean(form.get("text", ""))
        if words:
            return self.ask(words)
        known = self._questionnaire.thematiques
        needs = tuple(value for value in known if form.get(f"need_{value}"))[:_MOST_NEEDS]
        circumstances = tuple(code for code in dict.fromkeys(FACTOR_OF_SIGNAL.values()) if form.get(f"said_{code}"))
        return self._found(needs, circumstances, choose_commune(form, self._places))

    def ask(self, words: str) -> Answer:
        """Answer words typed by a professional. Safety first, with the bot down too."""
        safety = self._safety.check(words, LANGUAGE)
        commune = commune_in(words, self._places)
        try:
            understood = self._bot.understand(words, LANGUAGE, dict(_SLOTS))
        except BotDown:
            return self._found((), (), commune, safety=safety, bot_down=True)
        if not safety.alert and understood.danger != "none":
            safety = Safety(kind=understood.danger, medical=safety.medical, source="model")
        if understood.medical and not safety.medical:
            safety = Safety(kind=safety.kind, medical=True, source=safety.source)
        signals = frozenset(str(entity["entity"]) for entity in understood.entities)
        told = Told(
            needs=tuple(ToldNeed(thematique=need.thematique, wanted=True) for need in understood.needs),
            signals=signals & self._questionnaire.signals.keys(),
        )
        return self._found(tuple(self._heaviest_first(told)), tuple(_said_back(signals)), commune, safety=safety)

    def _heaviest_first(self, told: Told) -> Iterator[str]:
        needs = read_situation(told, self._questionnaire).needs
        order = {need.thematique: place for place, need in enumerate(told.needs)}
        heavy = sorted(needs, key=lambda need: (-need.weight, order.get(need.thematique, len(order))))
        return (need.thematique for need in heavy[:_MOST_NEEDS])

    def _found(
        self,
        needs: tuple[str, ...],
        circumstances: tuple[str, ...],
        commune: ChosenCommune,
        *,
        safety: Safety | None = None,
        bot_down: bool = False,
    ) -> Answer:
        judged = safety or Safety()
        return Answer(
            numbers=safety_numbers(judged, self._clock.now(), self._numbers) if judged.alert else (),
            danger=judged.kind,
            medical=judged.medical,
            bot_down=bot_down,
            needs=needs,
            circumstances=circumstances,
            commune=commune,
            resources=self._resources(needs, circumstances, commune.code) if needs and commune.code else None,
        )

    def _resources(self, needs: tuple[str, ...], circumstances: tuple[str, ...], commune: str) -> Resources:
        return find_resources(
            needs,
            commune,
            catalogue=self._catalogue(),
            places=self._places,
            texts=self._texts,
            at=self._clock.now(),
            publics=frozenset({"familles"}) if "children" in circumstances else frozenset(),
        )


def _said_back(signals: frozenset[str]) -> Iterator[str]:
    return iter(dict.fromkeys(code for signal, code in FACTOR_OF_SIGNAL.items() if signal in signals))
