"""Links between measures form no circle."""

from collections.abc import Iterable, Mapping
from uuid import UUID


def circle(
    start: UUID, targets: Iterable[UUID], edges: Mapping[UUID, Iterable[UUID]]
) -> list[UUID] | None:
    """The circle that links from `start` to `targets` would close over the other measures' `edges`;
    None without one.

    The answer begins and ends with `start`.
    """
    pending: list[tuple[UUID, list[UUID]]] = [(target, [start, target]) for target in targets]
    seen: set[UUID] = set()
    while pending:
        here, path = pending.pop()
        if here == start:
            return path
        if here in seen:
            continue
        seen.add(here)
        pending.extend((there, [*path, there]) for there in edges.get(here, ()))
    return None
