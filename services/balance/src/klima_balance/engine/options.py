"""The choices behind a balance. They are printed with it and are part of its digest."""

from dataclasses import asdict, dataclass, fields
from typing import Final, Self

from klima_balance.method.expected import one_of
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject

DEFAULT_FACTOR_SET: Final = "bisko-2026.2"

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "industrial_sites": ("separate", "included"),
    "forest_factor": ("inventory_2018", "inventory_2021", "dieback_2017_2022"),
    "gwp_set": ("AR4", "AR5", "AR6"),
    "inventory_submission": ("2020", "2023"),
}


@dataclass(frozen=True)
class Options:
    """Method choices of one run.

    `industrial_sites`: coal, other petroleum and other fossil of industry beside the balance
    (`separate`) or in it. `forest_factor`: the assumption behind the forest figure.
    `heat_pump_split`: show heat pumps as ambient heat with the federal mix / 3.2 and take their
    power off electricity. `inventory_submission`: one submission for all years of a series (2020:
    data of 2018, 2023: data of 2021). `edition`: of the national tables, None for the newest; a
    former one makes old balances again. `airports`, `inland_ports`: regions (AGS) that have one.
    """

    factor_set: str = DEFAULT_FACTOR_SET
    industrial_sites: str = "separate"
    forest_factor: str = "inventory_2021"
    heat_pump_split: bool = True
    gwp_set: str = "AR5"
    inventory_submission: str = "2023"
    edition: str | None = None
    airports: tuple[str, ...] = ()
    inland_ports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError.at(f"options.{name}", getattr(self, name), one_of(allowed))
        if not isinstance(self.heat_pump_split, bool):
            raise InputError.at(
                "options.heat_pump_split", self.heat_pump_split, one_of(("true", "false"))
            )
        if not isinstance(self.factor_set, str) or not self.factor_set:
            raise InputError.at(
                "options.factor_set",
                self.factor_set,
                Label("die Kennung eines Faktorsatzes", "the id of a factor set"),
            )
        if not isinstance(self.edition, str | None):
            raise InputError.at(
                "options.edition",
                self.edition,
                Label("die Kennung einer Ausgabe", "the id of an edition"),
            )
        for name in ("airports", "inland_ports"):
            value = getattr(self, name)
            if isinstance(value, str) or not all(isinstance(ags, str) for ags in value):
                raise InputError.at(f"options.{name}", value, Text("a list of region keys as text"))
            object.__setattr__(self, name, tuple(sorted(value)))

    @classmethod
    def from_dict(cls, values: Json) -> Self:
        """Options of a request body. Raises `InputError` for an unknown name or a value that is not
        allowed."""
        known = {field.name for field in fields(cls)}
        for name in values:
            if name not in known:
                raise InputError.at(f"options.{name}", name, one_of(sorted(known)))
        given: JsonObject = {
            name: tuple(v) if isinstance(v, list) else v for name, v in values.items()
        }
        return cls(**given)

    def to_dict(self) -> JsonObject:
        """The options as JSON values, in a fixed order."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}
