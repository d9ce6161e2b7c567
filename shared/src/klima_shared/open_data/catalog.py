"""The open-data catalogue of a service after DCAT-AP.de: what a dataset is, said once; RDF, data
package, CSVW from it.

A service lists its `Dataset`s; `klima_shared.open_data.routes` serves them. Addresses in the
catalogue are whole ones, below the address under which the world sees the service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from klima_shared.formats import Column
from klima_shared.language.text import Label, Text

DCATDE: Final = Namespace("http://dcat-ap.de/def/dcatde/")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)  # when nothing has been published yet
LICENCE_URI: Final = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
_EU: Final = "http://publications.europa.eu/resource/authority/"
_GEO: Final = "http://dcat-ap.de/def/politicalGeocoding/"
_FILE_TYPES: Final = {
    "csv": ("text/csv", "CSV"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    "json": ("application/json", "JSON"),
    "geojson": ("application/geo+json", "GEOJSON"),
    "parquet": ("application/vnd.apache.parquet", "PARQUET"),
    "ics": ("text/calendar", "ICS"),
    "atom": ("application/atom+xml", "ATOM"),
    "pdf": ("application/pdf", "PDF"),
    "jsonld": ("application/ld+json", "JSON_LD"),
}


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
    if ags.startswith("DG"):
        return "", f"{_GEO}Level/federal"
    if ags.endswith("000000"):
        return f"{_GEO}stateKey/{ags[:2]}", f"{_GEO}Level/state"
    if ags.endswith("000"):
        return f"{_GEO}districtKey/{ags[:5]}", f"{_GEO}Level/administrativeDistrict"
    return f"{_GEO}municipalityKey/{ags}", f"{_GEO}Level/municipality"


def _both(text: Text) -> Iterator[Literal]:
    yield Literal(text.de, lang="de")
    if text.en != text.de:
        yield Literal(text.en, lang="en")


def graph(catalogue: Catalogue) -> Graph:
    """The catalogue as RDF."""
    made = Graph(bind_namespaces="none")
    for prefix, namespace in (
        ("dcat", DCAT),
        ("dct", DCTERMS),
        ("foaf", FOAF),
        ("dcatde", DCATDE),
        ("vcard", VCARD),
        ("xsd", XSD),
    ):
        made.bind(prefix, namespace)
    me = URIRef(catalogue.address)
    publisher = URIRef(f"{catalogue.base}/catalog.ttl#publisher")
    _add(
        made,
        publisher,
        {RDF.type: FOAF.Organization, FOAF.name: Literal(catalogue.publisher.name, lang="de")},
    )
    made.add((publisher, RDF.type, FOAF.Agent))
    if catalogue.publisher.url:
        made.add((publisher, FOAF.homepage, URIRef(catalogue.publisher.url)))
    moment = Literal(catalogue.modified.isoformat(timespec="seconds"), datatype=XSD.dateTime)
    _add(made, me, {RDF.type: DCAT.Catalog, DCTERMS.publisher: publisher, DCTERMS.modified: moment})
    _add(
        made,
        me,
        {
            DCTERMS.license: URIRef(LICENCE_URI),
            FOAF.homepage: URIRef(catalogue.base + catalogue.home),
        },
    )
    made.add((me, DCAT.themeTaxonomy, URIRef(_EU + "data-theme")))
    for code in ("DEU", "ENG"):
        made.add((me, DCTERMS.language, URIRef(f"{_EU}language/{code}")))
    for title in _both(catalogue.title):
        made.add((me, DCTERMS.title, title))
    for text in _both(catalogue.description):
        made.add((me, DCTERMS.description, text))
    for dataset in catalogue.datasets:
        made.add((me, DCAT.dataset, _dataset(made, catalogue, dataset, publisher, moment)))
    for address, name in catalogue.others:
        other = URIRef(address)
        _add(made, other, {RDF.type: DCAT.Catalog, DCTERMS.publisher: publisher})
        for text in _both(name):
            made.add((other, DCTERMS.title, text))
            made.add((other, DCTERMS.description, text))
        made.add((me, DCAT.catalog, other))
        made.add((me, DCTERMS.hasPart, other))
    return made


def _add(made: Graph, subject: Node, values: Mapping[Any, Node]) -> None:
    for predicate, value in values.items():
        made.add((subject, predicate, value))


def _dataset(
    made: Graph, catalogue: Catalogue, dataset: Dataset, publisher: URIRef, moment: Literal
) -> URIRef:
    me = URIRef(f"{catalogue.base}/v1/datasets/{dataset.id}")
    _add(made, me, {RDF.type: DCAT.Dataset, DCTERMS.publisher: publisher, DCTERMS.modified: moment})
    _add(
        made,
        me,
        {
            DCTERMS.identifier: Literal(str(me)),
            DCTERMS.accessRights: URIRef(f"{_EU}access-right/PUBLIC"),
        },
    )
    made.add((me, DCTERMS.accrualPeriodicity, URIRef(f"{_EU}frequency/{dataset.periodicity}")))
    made.add(
        (me, DCAT.landingPage, URIRef(f"{catalogue.base}/redoc#operation/{dataset.operation}"))
    )
    for code in ("DEU", "ENG"):
        made.add((me, DCTERMS.language, URIRef(f"{_EU}language/{code}")))
    if catalogue.publisher.contributor:
        made.add((me, DCATDE.contributorID, URIRef(catalogue.publisher.contributor)))
    for title in _both(dataset.title):
        made.add((me, DCTERMS.title, title))
    for text in _both(dataset.description):
        made.add((me, DCTERMS.description, text))
    for word in dataset.keywords:
        made.add((me, DCAT.keyword, Literal(word, lang="de")))
    for theme in dataset.themes:
        made.add((me, DCAT.theme, URIRef(f"{_EU}data-theme/{theme}")))
    for key in dataset.keys or (catalogue.county,):
        uri, level = spatial_keys(key)
        if uri:
            made.add((me, DCATDE.politicalGeocodingURI, URIRef(uri)))
            made.add((me, DCTERMS.spatial, URIRef(uri)))
            made.add((URIRef(uri), RDF.type, DCTERMS.Location))
        made.add((me, DCATDE.politicalGeocodingLevelURI, URIRef(level)))
    contact = BNode(f"contact{dataset.id}")
    _add(made, contact, {RDF.type: VCARD.Organization, VCARD.fn: Literal(catalogue.publisher.name)})
    made.add((contact, RDF.type, VCARD.Kind))
    if catalogue.publisher.mail:
        made.add((contact, VCARD.hasEmail, URIRef(f"mailto:{catalogue.publisher.mail}")))
    made.add(
        (contact, VCARD.hasURL, URIRef(catalogue.publisher.url or catalogue.base + catalogue.home))
    )
    made.add((me, DCAT.contactPoint, contact))
    if dataset.years:
        period = BNode(f"years{dataset.id}")
        _add(
            made,
            period,
            {RDF.type: DCTERMS.PeriodOfTime, DCAT.startDate: _day(dataset.years[0], 1, 1)},
        )
        made.add((period, DCAT.endDate, _day(dataset.years[1], 12, 31)))
        made.add((me, DCTERMS.temporal, period))
    for number, distribution in enumerate(dataset.distributions, start=1):
        made.add(
            (me, DCAT.distribution, _distribution(made, catalogue, dataset, distribution, number))
        )
    return me


def _day(year: int, month: int, day: int) -> Literal:
    return Literal(date(year, month, day).isoformat(), datatype=XSD.date)


def _distribution(
    made: Graph, catalogue: Catalogue, dataset: Dataset, what: Distribution, number: int
) -> URIRef:
    me = URIRef(f"{catalogue.base}/v1/datasets/{dataset.id}#{number}")
    media, code = _FILE_TYPES[what.form]
    address = URIRef(catalogue.base + what.path)
    _add(
        made, me, {RDF.type: DCAT.Distribution, DCAT.accessURL: address, DCAT.downloadURL: address}
    )
    _add(
        made,
        me,
        {
            DCTERMS.license: URIRef(LICENCE_URI),
            DCATDE.licenseAttributionByText: Literal(catalogue.publisher.name, lang="de"),
        },
    )
    _add(made, me, {DCTERMS.format: URIRef(f"{_EU}file-type/{code}")})
    made.add((me, DCAT.mediaType, URIRef(f"http://www.iana.org/assignments/media-types/{media}")))
    for title in _both(what.title):
        made.add((me, DCTERMS.title, title))
    if what.form == "csv" and dataset.columns:
        made.add((me, DCTERMS.conformsTo, URIRef(f"{me.partition('#')[0]}/csvw.json")))
    return me


@lru_cache(maxsize=16)
def serialize(catalogue: Catalogue, form: str) -> bytes:
    """`turtle` or `json-ld`, in an order that does not change between two calls."""
    made = graph(catalogue)
    if form == "json-ld":
        prefixes = {prefix: str(uri) for prefix, uri in made.namespaces() if prefix}
        return made.serialize(
            format="json-ld", context=prefixes, encoding="utf-8", indent=1, sort_keys=True
        )
    return made.serialize(format="turtle", encoding="utf-8")
