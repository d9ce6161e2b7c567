"""Tables in and out: JSON, CSV for machines (`csv`) and for German spreadsheets (`csv-de`), Excel
(`xlsx`)."""

from klima_shared.formats.negotiation import (
    Format,
    RequestedFormat,
    negotiate_format,
    table_response,
    table_responses,
    tabular,
)
from klima_shared.formats.reading import (
    ReadRow,
    ReadTable,
    read_csv,
    read_further_sheets,
    read_table,
    read_xlsx,
)
from klima_shared.formats.sheets import read_texts
from klima_shared.formats.tables import Column, Kind, Table, Value
from klima_shared.formats.writing import to_bytes, write_chunks
from klima_shared.sandbox.model import Limits, Sheet

__all__ = [
    "Column",
    "Format",
    "Kind",
    "Limits",
    "ReadRow",
    "ReadTable",
    "RequestedFormat",
    "Sheet",
    "Table",
    "Value",
    "negotiate_format",
    "read_csv",
    "read_further_sheets",
    "read_table",
    "read_texts",
    "read_xlsx",
    "table_response",
    "table_responses",
    "tabular",
    "to_bytes",
    "write_chunks",
]
