"""A dataset's tables described for programs: Frictionless data package, and CSV on the Web."""

from collections.abc import Iterator
from typing import Final

from klima_shared.formats import Column, Kind
from klima_shared.formats.tables import unit_column
from klima_shared.open_data.catalog import Catalogue, Dataset
from klima_shared.wire.meta import LICENCE, LICENCE_URL

_FRICTIONLESS: Final = {
    Kind.TEXT: "string",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.MONEY: "number",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "datetime",
}
_CSVW: Final = {
    Kind.TEXT: "string",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "double",
    Kind.MONEY: "decimal",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "dateTime",
}
_LICENCE_TITLE: Final = "Datenlizenz Deutschland – Namensnennung – Version 2.0"


def _written(columns: tuple[Column, ...]) -> Iterator[tuple[str, Kind, str, str, str | None]]:
    """(name, kind, German, English, unit) of the columns as the CSV file has them: with a column
    for each unit."""
    for column in columns:
        yield column.name, column.kind, column.label.de, column.label.en, column.unit
        if column.unit:
            yield (
                unit_column(column),
                Kind.TEXT,
                f"Einheit: {column.label.de}",
                f"Unit: {column.label.en}",
                None,
            )


def data_package(catalogue: Catalogue, dataset: Dataset) -> dict[str, object]:
    """Data package (datapackage.org, v2) of a dataset; its CSV with a schema, its other forms as
    plain resources."""
    resources: list[dict[str, object]] = []
    for number, one in enumerate(dataset.distributions):
        resource: dict[str, object] = {
            "name": f"{dataset.id}-{number + 1}-{one.form}",
            "path": catalogue.base + one.path,
            "title": one.title.de,
            "format": one.form,
            "encoding": "utf-8",
        }
        if one.form == "csv":
            german = "csv-de" in one.path
            resource["type"] = "table"
            resource["dialect"] = {
                "delimiter": ";" if german else ",",
                "lineTerminator": "\r\n",
                "header": True,
            }
            if dataset.columns:
                resource["schema"] = {
                    "missingValues": [""],
                    "fields": _fields(dataset.columns, german=german),
                }
        resources.append(resource)
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": dataset.id,
        "id": f"{catalogue.base}/v1/datasets/{dataset.id}",
        "title": dataset.title.de,
        "description": dataset.description.de,
        "keywords": list(dataset.keywords),
        "created": catalogue.modified.isoformat(timespec="seconds"),
        "licenses": [{"name": LICENCE, "path": LICENCE_URL, "title": _LICENCE_TITLE}],
        "contributors": [{"title": catalogue.publisher.name, "roles": ["publisher"]}],
        "resources": resources,
    }


def _fields(columns: tuple[Column, ...], *, german: bool) -> list[dict[str, object]]:
    fields = []
    for name, kind, label, _, unit in _written(columns):
        one: dict[str, object] = {"name": name, "type": _FRICTIONLESS[kind], "title": label}
        if unit:
            one["unit"] = unit
        if german and kind in (Kind.NUMBER, Kind.MONEY):
            one["decimalChar"] = ","
        if german and kind is Kind.BOOLEAN:
            one |= {"trueValues": ["ja"], "falseValues": ["nein"]}
        fields.append(one)
    return fields


def csv_on_the_web(catalogue: Catalogue, dataset: Dataset) -> dict[str, object]:
    """CSVW descriptor (W3C tabular metadata) of the dataset's CSV. The dataset has one, with
    columns."""
    assert dataset.csv is not None  # noqa: S101
    columns = [
        {
            "name": name,
            "titles": name,
            "datatype": _CSVW[kind],
            "dc:description": [
                {"@value": german, "@language": "de"},
                {"@value": english, "@language": "en"},
            ],
            **({"schema:unitText": unit} if unit else {}),
        }
        for name, kind, german, english, unit in _written(dataset.columns)
    ]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "de"}],
        "url": catalogue.base + dataset.csv.path,
        "dc:title": dataset.title.de,
        "dc:description": dataset.description.de,
        "dc:license": {"@id": LICENCE_URL},
        "dc:publisher": catalogue.publisher.name,
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "quoteChar": '"'},
        "tableSchema": {"columns": columns},
    }
