"""The collective reading (level C): what a team says of a situation, with no field that can hold an identity."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self

from babel.dates import format_date

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Places
from passerelle.foundation.clock import PARIS, Clock
from passerelle.foundation.phone import spoken
from passerelle.foundation.text import clean
from passerelle.foundation.texts import Texts
from passerelle.orientation.places import intercommunality, is_place_name
from passerelle.orientation.resources import LANGUAGE, Resource, find_resources
from passerelle.portal.communes import ChosenCommune, choose_commune
from passerelle.portal.forms import Form
from passerelle.safety.identity import IdentityCheck
from passerelle.screening.questions import Questionnaire

LEVEL = "C"

FACTORS = (
    "discharge",
    "rights_lost",
    "separation",
    "death",
    "job_lost",
    "home_lost",
    "isolated",
    "children",
    "cannot_online",
    "cannot_read",
    "helper_tired",
    "help_refused",
    "failed",
    "no_referent",
    "many_professionals",
    "deadline",
)
#: Circumstances heard in words (nlu_data/<language>/signals.yml), as factors.
FACTOR_OF_SIGNAL = {
    "rupture_discharge": "discharge",
    "rupture_rights_lost": "rights_lost",
    "rupture_separation": "separation",
    "rupture_death": "death",
    "rupture_job_lost": "job_lost",
    "rupture_home_lost": "home_lost",
    "isolated": "isolated",
    "lives_with_children": "children",
    "cannot_online": "cannot_online",
    "cannot_read": "cannot_read",
    "deadline_week": "deadline",
    "deadline_month": "deadline",
}

STRENGTHS = ("relative", "home", "income", "rights", "trusted", "wants_help", "steps")
LEVELS = ("N1", "N2", "N3", "N4")
ECHELONS = ("local", "departement", "region")
DELAYS = ("week", "month", "later")
WEIGHTS = ("1", "2", "3")

#: Free text is short: what is long tells a story, and a story names its people.
LONGEST = 120
_FREE_FIELDS = {"factor_text": 2, "strength_text": 2, "decision_text": 4, "resource_text": 2}
FREE_FIELDS = tuple(f"{name}_{number}" for name, count in _FREE_FIELDS.items() for number in range(1, count + 1))

#: More of one domain would be a directory.
_PER_DOMAIN = 4
_MOST_RESOURCES = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedResource:
    """A dispositif as it was when the note was made."""

    name: str
    contact: str
    asked_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectiveNote:
    """The shared note: codes, short texts that name nobody, and a territory no smaller than an intercommunalité."""

    #: Day it was made, ISO 8601.
    day: str
    territory: str
    #: (domain, weight), the heaviest first.
    domains: tuple[tuple[str, int], ...]
    factors: tuple[str, ...]
    other_factors: tuple[str, ...]
    strengths: tuple[str, ...]
    other_strengths: tuple[str, ...]
    levels: tuple[str, ...]
    echelons: tuple[str, ...]
    #: (what, before when).
    decisions: tuple[tuple[str, str], ...]
    resources: tuple[NamedResource, ...]
    other_resources: tuple[str, ...]

    @property
    def spoken_day(self) -> str:
        """The day as people say it: 23 novembre 2026."""
        return str(format_date(date.fromisoformat(self.day), "d MMMM y", locale=LANGUAGE))

    def as_json(self) -> dict[str, Any]:
        """Plain values, to keep."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read back what `as_json` wrote."""
        lists = {name: tuple(content) for name, content in value.items() if isinstance(content, list)}
        lists["domains"] = tuple((domain, weight) for domain, weight in value["domains"])
        lists["decisions"] = tuple((what, delay) for what, delay in value["decisions"])
        lists["resources"] = tuple(NamedResource(**resource) for resource in value["resources"])
        return cls(day=value["day"], territory=value["territory"], **lists)


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A form as it was sent, without what was refused."""

    #: What the next page sends back: known codes and accepted texts only.
    fields: Mapping[str, str]
    commune: ChosenCommune
    #: Field → why it is refused (`team.refused.<why>`).
    refused: Mapping[str, str]

    @property
    def is_sound(self) -> bool:
        """Whether a note can be made of it."""
        return not self.refused

    def weights(self) -> dict[str, int]:
        """Domain → weight, the heaviest first."""
        found = {
            name.removeprefix("domain_"): int(value)
            for name, value in self.fields.items()
            if name.startswith("domain_") and value in WEIGHTS
        }
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


class CollectiveReading:
    """Reads the form of a team and makes the note."""

    def __init__(
        self,
        *,
        questionnaire: Questionnaire,
        places: Places,
        catalogue: Callable[[], Catalogue],
        texts: Texts,
        identity: IdentityCheck,
        clock: Clock,
    ) -> None:
        self._questionnaire = questionnaire
        self._places = places
        self._catalogue = catalogue
        self._texts = texts
        self._identity = identity
        self._clock = clock

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that a dispositif may answer; a recent change is a factor."""
        return tuple(sorted({thematique.domain for thematique in self._questionnaire.thematiques.values()}))

    def read(self, form: Form) -> Draft:
        """Sort what may go on from what must not; a refused text goes no further than here."""
        fields = dict(self._codes(form))
        refused: dict[str, str] = {}
        for name in FREE_FIELDS:
            text = " ".join(clean(form.get(name, "")).split())
            why = self._why_refused(text)
            if why:
                refused[name] = why
            elif text:
                fields[name] = text
        commune = choose_commune(form, self._places)
        if commune.code is None:
            refused["commune"] = "homonyms" if commune.homonyms else "commune"
        else:
            fields["commune_code"] = commune.code
        if not any(name.startswith("domain_") for name in fields):
            refused["domains"] = "domains"
        return Draft(fields=fields, commune=commune, refused=refused)

    def resources(self, draft: Draft) -> tuple[Resource, ...]:
        """Dispositifs for the domains touched, the heaviest domain first."""
        found: dict[str, Resource] = {}
        for domain in draft.weights():
            for resource in self._of_domain(domain, draft)[:_PER_DOMAIN]:
                found.setdefault(resource.service_id, resource)
        return tuple(found.values())[:_MOST_RESOURCES]

    def note(self, draft: Draft) -> CollectiveNote:
        """The note of a sound draft."""
        fields = draft.fields
        chosen = [one for one in self.resources(draft) if f"service_{one.service_id}" in fields]
        return CollectiveNote(
            day=self._today().date().isoformat(),
            # The commune itself is not said: a village and a few factors would be somebody.
            territory=intercommunality(self._places, draft.commune.code or ""),
            domains=tuple(draft.weights().items()),
            factors=_ticked(fields, "factor", FACTORS),
            other_factors=_written(fields, "factor_text"),
            strengths=_ticked(fields, "strength", STRENGTHS),
            other_strengths=_written(fields, "strength_text"),
            levels=_ticked(fields, "level", LEVELS),
            echelons=_ticked(fields, "echelon", ECHELONS),
            decisions=tuple(_decisions(fields)),
            resources=tuple(
                NamedResource(name=one.name, contact=spoken(one.phone) if one.phone else one.how, asked_by=one.asked_by)
                for one in chosen
            ),
            other_resources=_written(fields, "resource_text"),
        )

    def _today(self) -> datetime:
        return self._clock.now().astimezone(PARIS)

    def _why_refused(self, text: str) -> str | None:
        if len(text) > LONGEST:
            return "long"
        return self._identity.find(
            text, today=self._today().date(), is_place=lambda name: is_place_name(self._places, name)
        )

    def _codes(self, form: Form) -> Iterator[tuple[str, str]]:
        """The fields that are choices, when they are choices of ours."""
        for domain in self.domains:
            if form.get(f"domain_{domain}") in WEIGHTS:
                yield f"domain_{domain}", form[f"domain_{domain}"]
        groups = {"factor": FACTORS, "strength": STRENGTHS, "level": LEVELS, "echelon": ECHELONS}
        for group, codes in groups.items():
            for code in codes:
                if form.get(f"{group}_{code}"):
                    yield f"{group}_{code}", "1"
        for number in range(1, _FREE_FIELDS["decision_text"] + 1):
            if form.get(f"decision_delay_{number}") in DELAYS:
                yield f"decision_delay_{number}", form[f"decision_delay_{number}"]
        offers = self._catalogue().offers
        for name in form:
            if name.startswith("service_") and name.removeprefix("service_") in offers:
                yield name, "1"

    def _of_domain(self, domain: str, draft: Draft) -> tuple[Resource, ...]:
        catalogue = self._catalogue()
        offered = catalogue.thematiques()
        signals = frozenset(signal for signal, code in FACTOR_OF_SIGNAL.items() if f"factor_{code}" in draft.fields)
        known = [
            thematique
            for value, thematique in self._questionnaire.thematiques.items()
            if thematique.domain == domain and value in offered
        ]
        # The needs that weigh most come first: the shortlist is short.
        needs = tuple(one.value for one in sorted(known, key=lambda one: -one.weight(signals)))
        if not needs:
            return ()
        return find_resources(
            needs,
            draft.commune.code,
            catalogue=catalogue,
            places=self._places,
            texts=self._texts,
            at=self._clock.now(),
        ).found


def _ticked(fields: Mapping[str, str], group: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in codes if f"{group}_{code}" in fields)


def _written(fields: Mapping[str, str], name: str) -> tuple[str, ...]:
    numbered = (f"{name}_{number}" for number in range(1, _FREE_FIELDS[name] + 1))
    return tuple(fields[field] for field in numbered if field in fields)


def _decisions(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for number in range(1, _FREE_FIELDS["decision_text"] + 1):
        if f"decision_text_{number}" in fields:
            yield fields[f"decision_text_{number}"], fields.get(f"decision_delay_{number}", "later")
