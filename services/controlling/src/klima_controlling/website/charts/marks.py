"""Small drawings inside text: lights with a shape of their own, dots on an axis, bars of money."""

from __future__ import annotations

from typing import Final

# Circle: on track. Triangle: at risk. Square: missed or late. Ring: unknown. The word stands beside
# it, always.
_SHAPES: Final = {
    "green": '<circle cx="8" cy="8" r="7"/>',
    "yellow": '<path d="M8 1 15.5 15H.5z"/>',
    "red": '<rect x="1" y="1" width="14" height="14"/>',
    "unknown": '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2.2"/>',
    "waiting": '<path d="M2 8H14" stroke="currentColor" stroke-width="3"/>',
    "done": '<path d="M2 8.5 6.5 13 14 3.5" fill="none" stroke="currentColor" stroke-width="3"/>',
}
_OF_STATUS: Final = {
    "on_track": ("green", "green"),
    "at_risk": ("yellow", "yellow"),
    "late": ("red", "red"),
    "achieved": ("done", "green"),
    "not_started": ("waiting", "soft"),
    "unknown": ("unknown", "soft"),
}


def light_mark(light: str) -> str:
    """The shape of a target's light, in the colour of its class."""
    return _mark(light, "soft" if light == "unknown" else light)


def status_mark(status: str) -> str:
    """The shape of a measure's status."""
    shape, colour = _OF_STATUS.get(status, ("unknown", "soft"))
    return _mark(shape, colour)


def _mark(shape: str, colour: str) -> str:
    return (
        f'<svg class="mark {colour}" viewBox="0 0 16 16" aria-hidden="true">{_SHAPES[shape]}</svg>'
    )


def dot_on_axis(value: float, mean: float | None, highest: float) -> str:
    """A dot between 0 and `highest`, and a stroke at the mean; the figures stand beside it."""
    at = 4 + min(value / highest, 1.0) * 112
    stroke = ""
    if mean is not None:
        middle = 4 + min(mean / highest, 1.0) * 112
        stroke = f'<path d="M{middle:.1f} 1V15" class="mean"/>'
    return (
        '<svg class="axis" viewBox="0 0 120 16" aria-hidden="true"><path d="M4 8H116" class="rail"/>'
        f'{stroke}<circle cx="{at:.1f}" cy="8" r="5"/></svg>'
    )


def coverage_bar(share: float) -> str:
    """A bar of the local electricity use with the part that local renewables make; beyond 100 % it
    is full."""
    length = min(max(share, 0.0), 1.0) * 300
    return (
        '<svg class="cover" viewBox="0 0 302 22" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="1" y="1" width="300" height="20" class="whole"/><rect x="1" y="1" width="{length:.1f}" height="20" '
        'class="part"/></svg>'
    )


def money_bars(planned: float, spent: float, highest: float) -> str:
    """Planned above spent."""
    top = max(highest, 1.0)
    return (
        '<svg class="money" viewBox="0 0 120 18" aria-hidden="true">'
        f'<rect y="1" width="{planned / top * 120:.1f}" height="7" class="planned"/>'
        f'<rect y="10" width="{spent / top * 120:.1f}" height="7" class="spent"/></svg>'
    )
