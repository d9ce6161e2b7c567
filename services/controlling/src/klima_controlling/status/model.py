"""A light with what it follows from."""

from dataclasses import dataclass

from klima_controlling.targets.model import Path, Point, Target
from klima_shared.codes.action import Light
from klima_shared.language.text import Text


@dataclass(frozen=True)
class Judged:
    """A light with everything it follows from."""

    target: Target
    light: Light
    actual: Point | None
    path: Path | None
    path_value: float | None
    gap: float | None
    gap_percent: float | None
    rule: Text
    word: Text
