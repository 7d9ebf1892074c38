"""In which order several needs are answered: what cannot wait, then what opens the rest, then the order told."""

from collections.abc import Mapping

from orientation_catalogue.profile import Profile
from orientation_catalogue.weights import Means, Weights


def ordered_needs(profile: Profile, weights: Weights) -> tuple[str, ...]:
    """The needs of a profile, in the order in which they are answered."""
    told = [need for need in profile.needs if need in profile.urgent]
    known = [need for need in weights.urgent_needs if need in profile.needs and need not in told]
    urgent = [*told, *known]
    return (*urgent, *_means_first([need for need in profile.needs if need not in urgent], weights))


def opened_by(need: str, profile: Profile, weights: Weights) -> Mapping[str, tuple[str, ...]]:
    """The other needs of the person that the answer to this one opens, by the reason that says why."""
    opened: dict[str, tuple[str, ...]] = {}
    for means in weights.means:
        others = tuple(other for other in profile.needs if other in means.opens)
        if means.need == need and others:
            opened[means.why] = others
    return opened


def _means_first(needs: list[str], weights: Weights) -> list[str]:
    """The same needs, each after those that open it and otherwise in the order told."""
    ordered: list[str] = []
    waiting = list(needs)
    while waiting:
        # The table has no circle (checked when it is read), so one of them always waits for nothing.
        ready = next(need for need in waiting if not any(_opens(other, need, weights.means) for other in waiting))
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def _opens(need: str, other: str, table: tuple[Means, ...]) -> bool:
    return any(means.need == need and other in means.opens for means in table)
