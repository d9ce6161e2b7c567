"""Local mileage to energy: vehicle-km x kWh/km, with the consumption of `vehicles.csv`."""

from klima_balance.method.model import Method
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text


def mileage_mwh(vehicle_km: float, category: str, drive: str, method: Method) -> tuple[str, float]:
    """Carrier and MWh of a mileage.

    `category`: car, light_duty, heavy_duty, line_bus, tram; `drive`: petrol, diesel, electric.
    """
    if not vehicle_km >= 0:
        raise InputError.at(
            "vehicle_km",
            vehicle_km,
            Label("mindestens 0 Fahrzeugkilometer", "at least 0 vehicle-km"),
        )
    table = method.vehicles
    rows = table[(table["category"] == category) & (table["drive"] == drive)]
    if rows.empty:
        known = ", ".join(
            f"{c} {d}" for c, d in zip(table["category"], table["drive"], strict=True)
        )
        raise InputError.at("category", f"{category} {drive}", Text("one of {known}", known=known))
    row = rows.iloc[0]
    return str(row["carrier"]), vehicle_km * float(row["kwh_per_km"]) / 1000.0
