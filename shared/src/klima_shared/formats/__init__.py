"""Tables in and out: JSON, CSV for machines (`csv`) and for German spreadsheets (`csv-de`), Excel (`xlsx`)."""

from klima_shared.formats.negotiation import Format, RequestedFormat, table_response, table_responses
from klima_shared.formats.reading import Limits, Row, RowError, TableError, read_csv, read_xlsx
from klima_shared.formats.tables import Column, Kind, Table, Value
from klima_shared.formats.writing import to_bytes, write_chunks

__all__ = [
    "Column",
    "Format",
    "Kind",
    "Limits",
    "RequestedFormat",
    "Row",
    "RowError",
    "Table",
    "TableError",
    "Value",
    "read_csv",
    "read_xlsx",
    "table_response",
    "table_responses",
    "to_bytes",
    "write_chunks",
]
