"""Shapes of states, so that none is told by colour alone; the word stands beside each.

Circle: on track. Triangle: at risk. Square: late or missed. Ring: unknown. Dash: not begun. Tick:
done. The states of measures and the lights of targets share them.
"""

from typing import Final

from markupsafe import Markup

_SHAPES: Final = {
    "circle": Markup('<circle cx="8" cy="8" r="7"/>'),
    "triangle": Markup('<path d="M8 1 15.5 15H.5z"/>'),
    "square": Markup('<rect x="1" y="1" width="14" height="14"/>'),
    "ring": Markup(
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2.2"/>'
    ),
    "dash": Markup('<path d="M2 8H14" stroke="currentColor" stroke-width="3"/>'),
    "tick": Markup(
        '<path d="M2 8.5 6.5 13 14 3.5" fill="none" stroke="currentColor" stroke-width="3"/>'
    ),
}
_SYMBOLS: Final = {
    "green": ("circle", "green"),
    "on_track": ("circle", "green"),
    "yellow": ("triangle", "yellow"),
    "at_risk": ("triangle", "yellow"),
    "red": ("square", "red"),
    "late": ("square", "red"),
    "achieved": ("tick", "green"),
    "not_started": ("dash", "soft"),
}


def status_symbol(code: str) -> Markup:
    """The symbol of a measure's status or a target's light."""
    shape, colour = _SYMBOLS.get(code, ("ring", "soft"))
    symbol = Markup('<svg class="mark {}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>')
    return symbol.format(colour, _SHAPES[shape])
