"""The states of a request. Each one names who owns the next action and the clock that watches it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Literal

Owner = Literal["recipient", "person", "system", "coordinator", "operator", "nobody"]


class RequestState(StrEnum):
    """Where a request stands (reference/handoff.md §3.2)."""

    TRANSMIS = "transmis"
    RECU = "recu"
    SANS_REPONSE = "sans_reponse"
    ACCEPTE = "accepte"
    REFUSE = "refuse"
    FAIT_SERVICE = "fait_service"
    CLOS_AIDE_RECUE = "clos_aide_recue"
    CLOS_PARTIEL = "clos_partiel"
    CLOS_SANS_AIDE = "clos_sans_aide"
    RETIRE = "retire"
    EN_ECHEC = "en_echec"


class RefusalReason(StrEnum):
    """Why a recipient refuses: the words the person reads depend on it."""

    HORS_TERRITOIRE = "hors_territoire"
    PLUS_DE_PLACE = "plus_de_place"
    DEJA_SUIVI = "deja_suivi"
    MAUVAIS_SERVICE = "mauvais_service"
    NON_ELIGIBLE = "non_eligible"
    NON_JOIGNABLE = "non_joignable"
    NON_INTERESSE = "non_interesse"
    DOUBLON = "doublon"
    AUTRE = "autre"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """When nothing happens for that long, what happens then."""

    #: Business days when `business`, else calendar days.
    days: int
    business: bool
    then: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Who owns the next action in a state, what may follow, and its clock."""

    owner: Owner
    clock: Clock | None
    follows: frozenset[RequestState]


_S = RequestState
_ENDS = frozenset({_S.RETIRE})

STANDINGS: dict[RequestState, Standing] = {
    _S.TRANSMIS: Standing(
        owner="recipient",
        clock=Clock(days=2, business=True, then="remind"),
        follows=frozenset({_S.RECU, _S.ACCEPTE, _S.REFUSE, _S.SANS_REPONSE, _S.EN_ECHEC}) | _ENDS,
    ),
    _S.RECU: Standing(
        owner="recipient",
        clock=Clock(days=5, business=True, then="remind_both"),
        follows=frozenset({_S.ACCEPTE, _S.REFUSE, _S.SANS_REPONSE}) | _ENDS,
    ),
    _S.SANS_REPONSE: Standing(
        owner="coordinator",
        clock=Clock(days=5, business=True, then="offer_next"),
        follows=frozenset({_S.ACCEPTE, _S.REFUSE}) | _ENDS,
    ),
    _S.ACCEPTE: Standing(
        owner="recipient",
        clock=Clock(days=5, business=True, then="ask_person"),
        follows=frozenset({_S.FAIT_SERVICE, _S.CLOS_AIDE_RECUE, _S.CLOS_PARTIEL, _S.CLOS_SANS_AIDE, _S.REFUSE}) | _ENDS,
    ),
    _S.REFUSE: Standing(
        owner="system",
        clock=Clock(days=1, business=True, then="tell_coordinator"),
        follows=frozenset({_S.CLOS_SANS_AIDE}) | _ENDS,
    ),
    _S.FAIT_SERVICE: Standing(
        owner="person",
        clock=Clock(days=7, business=False, then="ask_person"),
        follows=frozenset({_S.CLOS_AIDE_RECUE, _S.CLOS_PARTIEL, _S.CLOS_SANS_AIDE}) | _ENDS,
    ),
    _S.EN_ECHEC: Standing(
        owner="operator",
        clock=Clock(days=1, business=True, then="tell_coordinator"),
        follows=frozenset({_S.TRANSMIS}) | _ENDS,
    ),
    _S.CLOS_AIDE_RECUE: Standing(owner="nobody", clock=None, follows=frozenset()),
    _S.CLOS_PARTIEL: Standing(owner="nobody", clock=None, follows=frozenset()),
    _S.CLOS_SANS_AIDE: Standing(owner="nobody", clock=None, follows=frozenset()),
    _S.RETIRE: Standing(owner="nobody", clock=None, follows=frozenset()),
}

#: At N4 receipt and answer are due in one business day (reference/screening.md §6.2); other levels keep these clocks.
_FASTER = {("N4", _S.TRANSMIS): 1, ("N4", _S.RECU): 1}


def clock_of(state: RequestState, level: str) -> Clock | None:
    """The clock that watches a request of that level in that state."""
    clock = STANDINGS[state].clock
    days = _FASTER.get((level, state))
    return clock if clock is None or days is None else replace(clock, days=days)


#: States from which nothing follows.
ENDED = frozenset(state for state, standing in STANDINGS.items() if not standing.follows)

#: The answer awaited from a recipient, said to the person as a date: ten business days, then it is chased.
ANSWER_WITHIN_BUSINESS_DAYS = 10

#: A link to a request opens for eight days; a new one may be asked for at any time.
LINK_LASTS = timedelta(days=8)
#: A desk session ends after 30 minutes without a click, and after ten hours in any case.
SESSION_IDLE = timedelta(minutes=30)
SESSION_LASTS = timedelta(hours=10)
