"""What a service's open-data catalogue has: datasets, said once; RDF (`rdf`), data package and CSVW
(`data_package`) come from it.

A service lists its `Dataset`s; `klima_shared.open_data.routes` serves them. Addresses in the
catalogue are whole ones, below the address under which the world sees the service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from klima_shared.codes.regions import RegionKind, key_prefix, level
from klima_shared.formats import Column
from klima_shared.language.text import Label, Text

EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)  # when nothing has been published yet
_GEO: Final = "http://dcat-ap.de/def/politicalGeocoding/"


@dataclass(frozen=True)
class Distribution:
    """One file or address of a dataset; `path` below the service's address, `form` a key of the
    file types."""

    form: str
    path: str
    title: Text


@dataclass(frozen=True)
class Dataset:
    """What a portal shows of one table. `columns` describe its CSV; `operation` is the API
    operation that gives it."""

    id: str
    title: Text
    description: Text
    keywords: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    operation: str
    columns: tuple[Column, ...] = ()
    themes: tuple[str, ...] = ("ENVI", "ENER")
    keys: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    example: bool = False
    periodicity: str = "IRREG"  # code of the EU's list of frequencies

    @property
    def csv(self) -> Distribution | None:
        return next((d for d in self.distributions if d.form == "csv"), None)


@dataclass(frozen=True)
class Publisher:
    """Who publishes. `contributor`: the address GovData knows the deliverer by; None until there is
    one."""

    name: str
    url: str | None = None
    mail: str | None = None
    contributor: str | None = None


def address_of(base: str) -> str:
    """The identity of the catalogue of the service at `base`; it leads to the Turtle."""
    return f"{base}/catalog.ttl#catalog"


@dataclass(frozen=True)
class Catalogue:
    """A service's catalogue. `others` are catalogues it lists: (address, title). `home`: a page
    people can open."""

    id: str
    title: Text
    description: Text
    base: str
    county: str
    datasets: tuple[Dataset, ...]
    modified: datetime
    publisher: Publisher
    others: tuple[tuple[str, Text], ...] = ()
    home: str = "/docs"

    @property
    def address(self) -> str:
        return address_of(self.base)


def tables(
    path: str, *, forms: Sequence[str] = ("csv", "csv-de", "xlsx", "json")
) -> tuple[Distribution, ...]:
    """The distributions of an address of the API that answers tables with `?format=`."""
    titles = {
        "csv": Label("CSV (RFC 4180)", "CSV (RFC 4180)"),
        "csv-de": Label("CSV für deutsches Excel", "CSV for German Excel"),
        "xlsx": Label("Excel", "Excel"),
        "json": Label("JSON", "JSON"),
    }
    start = path + ("&" if "?" in path else "?")
    return tuple(
        Distribution("csv" if form == "csv-de" else form, f"{start}format={form}", titles[form])
        for form in forms
    )


def spatial_keys(ags: str) -> tuple[str, str]:
    """(politicalGeocodingURI, politicalGeocodingLevelURI) of a region by its AGS: the codes portals
    filter by."""
    digits = key_prefix(ags)
    match level(ags):
        case RegionKind.COUNTRY:
            return "", f"{_GEO}Level/federal"
        case RegionKind.STATE:
            return f"{_GEO}stateKey/{digits}", f"{_GEO}Level/state"
        case RegionKind.COUNTY:
            return f"{_GEO}districtKey/{digits}", f"{_GEO}Level/administrativeDistrict"
        case _:
            return f"{_GEO}municipalityKey/{digits}", f"{_GEO}Level/municipality"
