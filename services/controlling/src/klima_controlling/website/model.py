"""What a public page of a region is made of."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import orjson

from klima_controlling.base.model import Contact
from klima_controlling.status.model import Judged
from klima_controlling.targets.model import Target
from klima_controlling.upstream.model import Projection, RegionState, ScenarioKind
from klima_shared.language.numbers import Lang


class Member(NamedTuple):
    """A municipality of the county with its figure per inhabitant, its target, the light's code and
    word; `own`: whether the target is its own."""

    ags: str
    name: str
    per: float | None
    target: Target | None
    light: str
    word: str
    own: bool


@dataclass(frozen=True)
class Page:
    """What a page is made of. `key` changes whenever anything on the page would."""

    state: RegionState
    county: RegionState | None
    judged: Sequence[Judged]
    members: Sequence[Member]
    projections: Sequence[Projection]
    lang: Lang
    today: date
    contact: Contact
    balance_url: str
    measures_url: str

    @property
    def passing(self) -> bool:
        """Whether it will look otherwise soon: something could not be confirmed, or is still to
        come."""
        expected = len(ScenarioKind) if self.state.balances else 0
        return (
            bool(self.state.stale or self.state.down)
            or len(self.projections) < expected
            or any(light.awaits_band for light in self.judged)
        )

    @property
    def key(self) -> bytes:
        s = self.state
        parts = (
            self.lang,
            self.today,
            s.region,
            [d["id"] for d in s.balances],
            s.measures,
            self.county.latest["id"] if self.county and self.county.latest else None,
            sorted(s.stale.items()),
            sorted(s.down),
            [(one["year"], one["kind"], one["cells"]) for one in s.breaks],
            [
                (j.target.code, j.target.version, j.light.value, j.settled, j.gap, j.rule.de)
                for j in self.judged
            ],
            [j.place for j in self.judged],
            [p.id for p in self.projections],
            [
                (*m._replace(target=None), *((m.target.code, m.target.version) if m.target else ()))
                for m in self.members
            ],
        )
        return hashlib.blake2b(orjson.dumps(parts), digest_size=16).digest()
