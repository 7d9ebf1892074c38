"""The conditions of a rule: a small closed form, read from data, never evaluated as code."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from passerelle.foundation.errors import BadInput
from passerelle.screening.facts import Facts
from passerelle.screening.located import Block, line_of

_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {"=": operator.eq, ">=": operator.ge, "<=": operator.le}
_FLAGS = frozenset({"r", "iso", "ref"})

#: Answers whether a rule fired, for conditions that lean on another rule.
Fired = Callable[[str], bool]


class BadCondition(BadInput):
    """{reason}"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One fact against one value; a missing deadline satisfies nothing."""

    fact: str
    sign: str
    value: int | bool

    def holds(self, facts: Facts, fired: Fired) -> bool:
        """Whether it is true of these facts."""
        return self.accepts(getattr(facts, self.fact))

    def accepts(self, known: int | bool | None) -> bool:
        """Whether it is true of this value of its fact."""
        return known is not None and _SIGNS[self.sign](known, self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleFired:
    """Another rule fired."""

    rule: str

    def holds(self, facts: Facts, fired: Fired) -> bool:
        """Whether that rule fires on the same facts."""
        return fired(self.rule)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """All of several conditions, or any of them."""

    every: bool
    conditions: tuple["Condition", ...]

    def holds(self, facts: Facts, fired: Fired) -> bool:
        """Whether all (or any) hold."""
        results = (condition.holds(facts, fired) for condition in self.conditions)
        return all(results) if self.every else any(results)


Condition = Comparison | RuleFired | Group


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison a condition is made of."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Group):
        for part in condition.conditions:
            yield from comparisons(part)


def read_condition(given: object, line: int, earlier: frozenset[str]) -> Condition:
    """Read one condition. It may lean only on the rules above it (`earlier`), so that none can lean on itself."""
    line = line_of(given, line)
    if isinstance(given, list):
        return _comparison(given, line)
    if isinstance(given, Block) and len(given) == 1:
        (word, inner) = next(iter(given.items()))
        if word == "fired" and isinstance(inner, str) and inner in earlier:
            return RuleFired(rule=inner)
        if word in ("all", "any") and isinstance(inner, list) and inner:
            parts = tuple(read_condition(part, line, earlier) for part in inner)
            return Group(every=word == "all", conditions=parts)
    reason = f"a condition is [fact, sign, value], all, any, or fired with a rule above; not {given!r}"
    raise BadCondition(line=line, reason=reason)


def _comparison(given: list[Any], line: int) -> Comparison:
    if len(given) != 3 or given[0] not in Facts.__slots__ or given[1] not in _SIGNS:
        raise BadCondition(line=line, reason=f"not a comparison of a known fact by = >= <=: {given!r}")
    fact, sign, value = given
    is_flag = fact in _FLAGS
    if is_flag != isinstance(value, bool) or not isinstance(value, int) or (is_flag and sign != "="):
        expected = "= true or false" if is_flag else "a whole number"
        raise BadCondition(line=line, reason=f"{fact} is compared with {expected}")
    return Comparison(fact=fact, sign=sign, value=value)
