"""Shapes of states, so that none is told by colour alone; the word stands beside each.

Circle: on track. Triangle: at risk. Square: late or missed. Ring: unknown. Dash: not begun. Tick:
done.
"""

from __future__ import annotations

from typing import Final

_SHAPES: Final = {
    "on_track": ('<circle cx="8" cy="8" r="7"/>', "green"),
    "at_risk": ('<path d="M8 1 15.5 15H.5z"/>', "yellow"),
    "late": ('<rect x="1" y="1" width="14" height="14"/>', "red"),
    "achieved": (
        '<path d="M2 8.5 6.5 13 14 3.5" fill="none" stroke="currentColor" stroke-width="3"/>',
        "green",
    ),
    "not_started": ('<path d="M2 8H14" stroke="currentColor" stroke-width="3"/>', "soft"),
    "unknown": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2.2"/>',
        "soft",
    ),
}


def status_mark(status: str) -> str:
    """The shape of a measure's status, for beside its word."""
    shape, colour = _SHAPES.get(status, _SHAPES["unknown"])
    return f'<svg class="mark {colour}" viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>'
