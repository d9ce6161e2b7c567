"""Waste and waste water: emissions of treatment as delivered, a block beside every total."""

from typing import Final

from klima_balance.method.factors import Factor
from klima_shared.language.text import Label

WASTE: Final = "waste"
WASTE_KINDS: Final = {
    "landfill": Label("Deponien", "Landfills"),
    "biological_treatment": Label("Vergärung und Kompostierung", "Biological treatment"),
    "waste_water": Label("Abwasserbehandlung", "Waste water treatment"),
    "other": Label("Sonstige Abfallbehandlung", "Other treatment of waste"),
}
"""What is emitted by treating waste, in t CO2e as delivered: there is no default. Waste that is
burnt for heat or power is a carrier of the balance."""
AS_DELIVERED: Final = Factor(
    set="as_delivered",
    category=WASTE,
    gas="CO2e",
    value=1.0,
    unit="t CO2e/t CO2e",
    year=None,
    carried=False,
    source="emissions as delivered",
    certainty="verified",
    t_per_unit=1.0,
)
