"""What a reader of deliveries says to the sender: every message names what was found and what to
do, or asks."""

from __future__ import annotations

import re
from typing import Final

from klima_shared.language.text import Text


def two_readings(text: str) -> Text:
    grouped, decimal = text.replace(".", ""), f"{text}0"
    return Text(
        f"„{text}“ ist zweideutig: Ist {grouped} gemeint oder {decimal}? Bitte eindeutig schreiben: ganze Zahlen ohne "
        "Tausenderpunkt, Dezimalzahlen nicht mit genau drei Stellen.",
        f"“{text}” can be read in two ways: is it {grouped} or {decimal}? Please write it unambiguously: whole numbers "
        "without a grouping point, decimals not with exactly three digits.",
    )


def apostrophes(text: str) -> Text:
    number = re.sub("[^0-9.,+-]", "", text)
    return Text(
        f"„{text}“: Das Hochkomma als Tausenderzeichen wird nicht gelesen. Ist {number} gemeint? Bitte so schreiben.",
        f"“{text}”: the apostrophe as a grouping mark is not read. Is it {number}? Please write it like this.",
    )


def date_found(shown: str) -> Text:
    return Text(
        f"Hier steht ein Datum ({shown}), erwartet wird eine Menge. Hat die Tabellenkalkulation eine Zahl umgewandelt? "
        "Bitte die Zelle als Zahl formatieren und neu eingeben.",
        f"There is a date here ({shown}), a quantity is expected. Did the spreadsheet convert a number? Please format "
        "the cell as a number and enter it again.",
    )


def dash(text: str) -> Text:
    return Text(
        f"„{text}“ ist zweideutig: Gibt es hier keinen Verbrauch (dann 0 mit Status „bestätigt null“), oder ist er "
        "unbekannt (dann Menge und Status leer lassen)?",
        f"“{text}” can be read in two ways: is there no consumption (then 0 with the status “confirmed zero”), or is it "
        "unknown (then leave quantity and status empty)?",
    )


def no_number(shown: str) -> Text:
    return Text(f"„{shown}“ ist keine Zahl.", f"“{shown}” is no number.")


def too_long(limit: int) -> Text:
    return Text(f"Länger als {limit} Zeichen.", f"Longer than {limit} characters.")


EMPTY: Final = Text(
    "Die Menge fehlt. Ohne Verbrauch: 0 mit Status „bestätigt null“; ohne Angabe: auch Status, Güte und Quelle leer lassen.",
    "The quantity is missing. Without consumption: 0 with the status “confirmed zero”; without a figure: leave status, "
    "grade and source empty too.",
)
NO_FIGURE_HERE: Final = Text(
    "„Keine Angabe“ ist kein Status einer Menge. Bitte die Menge leer lassen oder den Status nennen.",
    "“No data” is no status of a quantity. Please leave the quantity empty or name the status.",
)
CONTRADICTION: Final = Text(
    "Keine Menge, aber ein Status: Was gilt? Ohne Angabe Status, Güte und Quelle leer lassen; ohne Verbrauch 0 mit "
    "„bestätigt null“.",
    "No quantity, but a status: which holds? Without a figure leave status, grade and source empty; without consumption "
    "0 with “confirmed zero”.",
)
TOO_WIDE: Final = Text(
    "Die Zeile hat mehr Zellen als die Überschrift. Steht ein Trennzeichen in einer Zahl oder in einem Text ohne "
    "Anführungszeichen?",
    "The row has more cells than the headings. Is there a separator inside a number, or in a text without quotation marks?",
)
FORMULA: Final = Text(
    "Die Zelle enthält eine Formel. Erwartet wird der Wert (Kopieren, Inhalte einfügen, Werte).",
    "The cell holds a formula. The value is expected (copy, paste special, values).",
)
MARKS: Final = {
    "formula": FORMULA,
    "error": Text(
        "Die Zelle enthält einen Fehler der Tabellenkalkulation.",
        "The cell holds an error of the spreadsheet.",
    ),
    "percent": Text(
        "Ein Prozentwert ist keine Menge. Erwartet wird der Verbrauch in der Einheit der Spalte daneben.",
        "A percentage is no quantity. Consumption is expected, in the unit of the column beside it.",
    ),
}
