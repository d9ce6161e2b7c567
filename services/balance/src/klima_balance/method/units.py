"""Quantities to MWh (lower heating value), with the heating values of the method.

Energy units need no heating value. `(Hs)` marks the gross calorific value in which gas is billed.
Other units go with the carrier, as in `heating_values.csv`; where that has several products for a
unit, the product follows: `l Autogas`.
"""

import re
from typing import Final

import numpy as np

from klima_balance.method.equation import energy
from klima_balance.method.expected import FINITE
from klima_balance.method.model import Method
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text

_MWH: Final = {
    "Wh": 1e-6,
    "kWh": 1e-3,
    "MWh": 1.0,
    "GWh": 1e3,
    "TWh": 1e6,
    "MJ": 1 / 3600,
    "GJ": 1 / 3.6,
    "TJ": 1e3 / 3.6,
}
_ALIASES: Final = {
    "m³": "m3",
    "Nm3": "m3",
    "Nm³": "m3",
    "m3(N)": "m3",
    "srm": "SRM",
    "rm": "Rm",
    "Liter": "l",
    "t": "kg",
}
# What people write around a unit of energy without another meaning: per year, net calorific value.
_PER_YEAR: Final = re.compile(
    r" ?(?:/ ?(?:a|Jahr|yr|year)|pro Jahr|per year|p\. ?a\.?|im Jahr)$", re.I
)
_NET: Final = re.compile(r"[ _]?\(?(?:Hi|Hu)\)?$", re.I)
_MULTIPLE: Final = re.compile(r"^(?P<word>Tsd|Mio|Mrd)\.? ?(?P<unit>[kMGT]?Wh|[MGT]J)\b", re.I)
_MULTIPLES: Final = {"tsd": 1e3, "mio": 1e6, "mrd": 1e9}
_SPELLINGS: Final = {spelt(unit): unit for unit in _MWH for spelt in (str.lower, str.upper)}
_GROSS: Final = re.compile(r"^(?P<unit>[kMGT]?Wh)[ _]?\(?(hs|Hs|ho|Ho)\)?$")


def to_mwh(quantity: float, unit: str, carrier: str, method: Method) -> float:
    """MWh of a quantity. Raises `InputError` for a unit in which the carrier does not come, or for
    no finite number."""
    if not np.isfinite(quantity):
        raise InputError.at("quantity", quantity, FINITE)
    times, text = _plain(unit)
    quantity *= times
    if text in _MWH:
        return quantity * _MWH[text]
    if gross := _GROSS.match(text):
        if carrier != "natural_gas":
            raise InputError.at(
                "unit", unit, Text("MWh: only natural gas is billed by its gross calorific value")
            )
        return quantity * _MWH[gross["unit"]] * method.parameter("gas_hs_to_hi")
    name, _, product = text.partition(" ")
    amount = quantity * (1000.0 if name == "t" else 1.0)
    return float(energy(np.asarray(amount), _heating_value(unit, name, product, carrier, method)))


def _plain(unit: str) -> tuple[float, str]:
    """A unit of energy as it stands in the table, and how many of it: `Mio. kwh/a` is a million
    `kWh`. Other units are left as they are."""
    times, text = 1.0, _PER_YEAR.sub("", unit.strip())
    if multiple := _MULTIPLE.match(text):
        times, text = _MULTIPLES[multiple["word"].lower()], text[multiple.start("unit") :]
    name = re.match(r"[A-Za-z]+", text)
    spelling = _SPELLINGS.get(name[0], name[0]) if name else ""
    text = spelling + text[name.end() :] if name else text
    energy_unit = _NET.sub("", text)
    if energy_unit in _MWH or _GROSS.match(text):
        return times, energy_unit if energy_unit in _MWH else text
    return 1.0, unit.strip()


def _heating_value(unit: str, name: str, product: str, carrier: str, method: Method) -> float:
    table = method.heating_values[
        (method.heating_values["carrier"] == carrier) & (method.heating_values["basis"] == "Hi")
    ]
    per = table["per"].map(lambda p: _ALIASES.get(p, p))
    rows = table[per == _ALIASES.get(name, name)]
    if product:
        rows = rows[rows["product_de"].str.casefold() == product.strip().casefold()]
    values = dict(zip(rows["product_de"], rows["value"], strict=True))
    if len(set(values.values())) == 1:
        return float(next(iter(values.values())))
    if values:
        shown = [f"{name} {one}" for one in values]
        raise InputError.at("unit", unit, Label(" oder ".join(shown), " or ".join(shown)))
    fitting = [
        f"{p} {one}"
        for p, one in zip(table["per"], table["product_de"], strict=True)
        if not p.startswith("kWh")
    ]
    gas = ["MWh(Hs)"] if carrier == "natural_gas" else []
    units = ", ".join([*_MWH, *gas, *fitting])
    raise InputError.at(
        "unit", unit, Text("a unit for {carrier}: {units}", carrier=str(carrier), units=units)
    )
