"""A list that is worked out when somebody reads it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Later(Sequence[T]):
    """The list that a function gives, asked for once, at the first look."""

    def __init__(self, give: Callable[[], Sequence[T]]) -> None:
        self._give = give
        self._given: Sequence[T] | None = None

    @property
    def _list(self) -> Sequence[T]:
        if self._given is None:
            self._given = self._give()
        return self._given

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._list[index]

    def __len__(self) -> int:
        return len(self._list)

    def __iter__(self) -> Iterator[T]:
        return iter(self._list)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(self._list)
