"""Figures, dates and spans of time of a sheet as people read them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_date

from klima_measures.sheets.model.codes import Precision
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.rules.sums import Amount
from klima_shared.language.numbers import NO_DATA, Lang, quantity
from klima_shared.language.text import Label, Text


def euro(amount: Decimal | None, lang: Lang) -> str:
    """Whole euro without cents, others with both."""
    if amount is None:
        return NO_DATA.get(lang)
    return quantity(amount, "EUR", lang, 0 if amount == amount.to_integral_value() else 2)


def tonnes(value: float | None, lang: Lang) -> str:
    return quantity(value, "t CO2e", lang)


def megawatt_hours(value: float | None, lang: Lang) -> str:
    return quantity(value, "MWh", lang)


def percentage(value: float | None, lang: Lang) -> str:
    """Per cent as they were written: 70 stays 70."""
    return quantity(value, "%", lang, None if value is None or value != int(value) else 0)


def amount(found: Amount, lang: Lang) -> str:
    """A sum with what it leaves out."""
    if found.known_eur is None:
        return NO_DATA.get(lang)
    more = Text(" (and {unknown} without a figure)", unknown=found.unknown)
    return euro(found.known_eur, lang) + (more.get(lang) if found.unknown else "")


def day(value: date | None, precision: Precision, lang: Lang) -> str:
    """A date as exactly as it is meant."""
    if value is None:
        return NO_DATA.get(lang)
    match precision:
        case Precision.YEAR:
            return str(value.year)
        case Precision.QUARTER:
            quarter = (value.month - 1) // 3 + 1
            return (
                f"{quarter}. Quartal {value.year}" if lang == "de" else f"Q{quarter} {value.year}"
            )
        case Precision.MONTH:
            return str(format_date(value, "MM/yyyy", locale=lang))
        case _:
            return str(
                format_date(value, "dd.MM.yyyy" if lang == "de" else "d MMM yyyy", locale=lang)
            )


def span(start: date | None, end: date | None, precision: Precision, lang: Lang) -> str:
    if start is None and end is None:
        return NO_DATA.get(lang)
    if start is None:
        return Label("bis ", "until ").get(lang) + day(end, precision, lang)
    if end is None:
        return Label("ab ", "from ").get(lang) + day(start, precision, lang)
    return f"{day(start, precision, lang)} – {day(end, precision, lang)}"


def duration(sheet: Sheet, lang: Lang) -> str:
    """Dauer: in words where the sheet has them, with the dates as far as there are any."""
    parts: Sequence[str] = [sheet.duration] if sheet.duration else []
    permanent = Label("dauerhaft", "permanent").get(lang)
    if sheet.continuous and permanent not in sheet.duration:
        parts = [*parts, permanent]
    start, end = sheet.actual_start or sheet.planned_start, sheet.actual_end or sheet.planned_end
    if start is not None or end is not None:
        parts = [*parts, span(start, end, sheet.precision, lang)]
    return "; ".join(parts) or NO_DATA.get(lang)
