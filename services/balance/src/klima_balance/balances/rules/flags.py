"""Findings of a region that the engine raises as flags: severity and text of each."""

from collections.abc import Mapping
from typing import Final

from klima_shared.language.text import Text

STATISTIC_FLAGS: Final = {
    "statistic_corrected": "correction",
    "statistic_implausible": "implausible",
    "statistic_interpolated": "interpolated",
}
"""The flag of a statistic's value behind each finding of the same kind."""

FLAG_FINDINGS: Final[Mapping[str, tuple[str, Text]]] = {
    "start_balance": (
        "info",
        Text(
            "Start balance from national figures: about {share} of published totals lie within"
            " {width} of it."
        ),
    ),
    "site_fuels": (
        "warning",
        Text(
            "Coal, other petroleum and other fossil carriers of industry stand as an estimate with"
            " the plants of emissions trading and not in the BISKO sector industry."
        ),
    ),
    "warn_commercial_area": (
        "warning",
        Text("Much industrial and commercial area per inhabitant: the start balance is uncertain."),
    ),
    "warn_traffic_area": (
        "warning",
        Text("Much traffic area per inhabitant: the start balance is uncertain."),
    ),
    "warn_district_heat": (
        "warning",
        Text("Many flats on district heat: the start balance is uncertain."),
    ),
    "heat_pump_power": (
        "warning",
        Text(
            "The drive power of heat pumps exceeds the electricity of the sector; it stays with"
            " ambient heat."
        ),
    ),
    "statistic_interpolated": ("info", Text("Statistics interpolated between two known years.")),
    "statistic_carried": ("info", Text("Statistics of the nearest year.")),
    "statistic_corrected": (
        "warning",
        Text("Implausible statistics replaced by a correction with its reason."),
    ),
    "statistic_implausible": ("warning", Text("Statistics flagged as implausible are used.")),
    "shared_herd": ("info", Text("Herd of the state shared out by agricultural area (grade D).")),
}
