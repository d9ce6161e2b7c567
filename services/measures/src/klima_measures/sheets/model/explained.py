"""A derived value together with why it is so: the rule in words and what went into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from klima_shared.language.text import Text

T = TypeVar("T")


@dataclass(frozen=True)
class Explained(Generic[T]):
    """`inputs` holds JSON-ready values by name."""

    value: T
    rule: Text
    inputs: Mapping[str, Any] = field(default_factory=dict)
