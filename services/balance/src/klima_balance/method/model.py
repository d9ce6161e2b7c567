"""The tables of the method as the engine sees them: frozen, typed, read by
`klima_balance.method`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Final, NamedTuple, Self

import numpy as np
import pandas as pd

from klima_balance.method.expected import NOT_NEGATIVE, columns, one_of
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject

FACTOR_COLUMNS: Final = ("category", "year", "gas", "value", "unit", "source", "certainty", "note")
_NUMERIC: Final = ("year", "value")
_NO_TABLES: Final = frozenset({"version", "digest", "edition", "former"})


class Edition(NamedTuple):
    """One publication of the national tables, for all years; `digest` covers their bytes."""

    id: str
    digest: str


class NationalTables(NamedTuple):
    """The tables of one edition: they are replaced together."""

    edition: Edition
    national_energy: pd.DataFrame
    carrier_splits: pd.DataFrame
    key_totals: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Method:
    """Every table of the method. Frames are never changed; `digest` covers all their bytes."""

    version: str
    digest: str
    edition: Edition
    factor_sets: pd.DataFrame
    factors: pd.DataFrame
    gwp: pd.DataFrame
    agriculture: pd.DataFrame
    agriculture_reference: pd.DataFrame
    land_use: pd.DataFrame
    land_use_reference: pd.DataFrame
    heating_values: pd.DataFrame
    national_energy: pd.DataFrame
    carrier_splits: pd.DataFrame
    keys: pd.DataFrame
    key_totals: pd.DataFrame
    allocation: pd.DataFrame
    carrier_factors: pd.DataFrame
    required_cells: pd.DataFrame
    full_load_hours: pd.DataFrame
    weather: pd.DataFrame
    vehicles: pd.DataFrame
    plausibility: pd.DataFrame
    parameters: pd.DataFrame
    regions: pd.DataFrame
    statistics: pd.DataFrame
    statistic_names: pd.DataFrame
    former: Mapping[str, NationalTables] = field(default_factory=dict)
    """Former editions by id, in no digest: balances made with one can be made again."""

    def __repr__(self) -> str:
        return f"Method(version={self.version!r}, digest={self.digest!r})"

    @cached_property
    def _parameters(self) -> dict[str, float]:
        return {
            str(k): float(v)
            for k, v in zip(self.parameters["parameter"], self.parameters["value"], strict=True)
        }

    def parameter(self, name: str) -> float:
        """A number of `parameters.csv` by its name."""
        return self._parameters[name]

    @cached_property
    def _gwp(self) -> dict[tuple[str, str], float]:
        rows = zip(self.gwp["set"], self.gwp["gas"], self.gwp["value"], strict=True)
        return {(str(s), str(g)): float(v) for s, g, v in rows} | {
            (s, "CO2e"): 1.0 for s in set(self.gwp["set"])
        }

    def gwp_of(self, gas: str, gwp_set: str) -> float:
        """Kg CO2e per kg of `gas`; a factor that is already CO2e counts 1."""
        try:
            return self._gwp[gwp_set, gas]
        except KeyError:
            raise InputError.at(
                "gas", gas, Text("a gas of the GWP set {gwp_set}", gwp_set=gwp_set)
            ) from None

    def factor_set(self, identifier: str) -> JsonObject:
        """The header of a factor set with the digest of its rows. Raises `InputError` when there is
        none."""
        if identifier not in self._headers:
            rows = self.factor_sets[self.factor_sets["id"] == identifier]
            if rows.empty:
                known = ", ".join(self.factor_sets["id"])
                raise InputError.at("factor_set", identifier, Text("one of {known}", known=known))
            header = {str(k): v for k, v in rows.iloc[0].items()}
            header["digest"] = factor_digest(self.factors[self.factors["set"] == identifier])
            self._headers[identifier] = header
        return dict(self._headers[identifier])

    def chain(self, identifier: str) -> list[str]:
        """A factor set and those it rests on: what it lacks comes from the next."""
        found = [identifier]
        while (base := self._bases.get(found[-1])) is not None:
            found.append(base)
        return found

    @cached_property
    def _bases(self) -> dict[str, str]:
        if "base" not in self.factor_sets.columns:
            return {}
        rows = zip(self.factor_sets["id"], self.factor_sets["base"], strict=True)
        return {str(key): str(base) for key, base in rows if isinstance(base, str) and base}

    @cached_property
    def factor_index(self) -> dict[tuple[str, str], list[JsonObject]]:
        """The factor rows of every set and category."""
        found: dict[tuple[str, str], list[JsonObject]] = {}
        for row in self.factors.to_dict("records"):
            found.setdefault((str(row["set"]), str(row["category"])), []).append(
                {str(k): v for k, v in row.items()}
            )
        return found

    @cached_property
    def carrier_rules(self) -> dict[tuple[str, str], JsonObject]:
        """The rule of every carrier and use (`any` for both)."""
        rows = self.carrier_factors.to_dict("records")
        return {(str(r["carrier"]), str(r["use"])): {str(k): v for k, v in r.items()} for r in rows}

    @cached_property
    def _headers(self) -> dict[str, JsonObject]:
        return {}

    def of_edition(self, identity: str | None) -> Self:
        """The method with the national tables of a former edition; None is the newest. `InputError`
        for an edition that is not kept."""
        if identity is None or identity == self.edition.id:
            return self
        if identity not in self.former:
            raise InputError.at(
                "options.edition", identity, one_of([self.edition.id, *sorted(self.former)])
            )
        tables = self.former[identity]
        digest = _sha(self.digest + tables.edition.digest)
        return replace(self, digest=digest, **tables._asdict())

    def with_factor_set(self, header: Json, factors: pd.DataFrame) -> Self:
        """A method with one more factor set (`header` as factor_sets.csv, `factors` as factors.csv
        without `set`).

        Raises `InputError` for a missing column, an id that exists, or a value that is no finite
        non-negative number.
        """
        identifier = str(header.get("id", ""))
        if not identifier:
            raise InputError.at("factor_set.id", header.get("id"), Label("eine Kennung", "an id"))
        if identifier in set(self.factor_sets["id"]):
            raise InputError.at(
                "factor_set.id",
                identifier,
                Text("an id that does not exist: a released set never changes"),
            )
        missing = [c for c in FACTOR_COLUMNS if c not in factors.columns]
        if missing:
            raise InputError.at("factors", sorted(factors.columns), columns(FACTOR_COLUMNS))
        value = pd.to_numeric(factors["value"], errors="coerce").to_numpy(dtype=float)
        if bad := [int(i) for i in np.flatnonzero(~(np.isfinite(value) & (value >= 0)))]:
            raise InputError.at(
                "value", factors["value"].iloc[bad[0]], NOT_NEGATIVE, row=bad[0] + 1
            )
        texts = {
            c: factors[c].astype(object).where(factors[c].notna(), "")
            for c in FACTOR_COLUMNS
            if c not in _NUMERIC
        }
        year = pd.to_numeric(factors["year"], errors="coerce").astype("float64")
        rows = factors.assign(set=identifier, value=value, year=year, **texts)
        rows = rows[list(self.factors.columns)]
        columns_ = dict.fromkeys([*self.factor_sets.columns, "base"])
        head = pd.DataFrame([{c: header.get(c, "") for c in columns_}])
        return replace(
            self,
            digest=_sha(self.digest + repr(sorted(header.items())) + factor_digest(rows)),
            factor_sets=pd.concat([self.factor_sets, head], ignore_index=True),
            factors=pd.concat([self.factors, rows], ignore_index=True),
        )


def table_names() -> tuple[str, ...]:
    """The names of the frames of `Method`, in order."""
    return tuple(f.name for f in fields(Method) if f.name not in _NO_TABLES)


def factor_digest(rows: pd.DataFrame) -> str:
    """`sha256:...` over the factor rows in a canonical order; the order in which they were
    delivered is irrelevant."""
    text = sorted(
        "|".join(
            ("" if pd.isna(v) else format(float(v), ".17g") if c in {"value", "year"} else str(v))
            for c, v in r.items()
        )
        for r in rows[list(FACTOR_COLUMNS)].to_dict("records")
    )
    return _sha("\n".join(text))


def _sha(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
