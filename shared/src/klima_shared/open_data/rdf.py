"""The catalogue as RDF after DCAT-AP.de."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from klima_shared.language.text import Text
from klima_shared.open_data.catalog import Catalogue, Dataset, spatial_keys

DCATDE: Final = Namespace("http://dcat-ap.de/def/dcatde/")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
LICENCE_URI: Final = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
_EU: Final = "http://publications.europa.eu/resource/authority/"
_LANGUAGES: Final = [URIRef(f"{_EU}language/{code}") for code in ("DEU", "ENG")]
_PREFIXES: Final = {
    "dcat": DCAT,
    "dct": DCTERMS,
    "foaf": FOAF,
    "dcatde": DCATDE,
    "vcard": VCARD,
    "xsd": XSD,
}
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


def _both(text: Text) -> list[Literal]:
    german, english = text.both
    return [Literal(german, lang="de")] + [Literal(english, lang="en")] * (english != german)


def _add(graph: Graph, subject: Node, values: Mapping[Node, Node | Iterable[Node]]) -> None:
    for predicate, given in values.items():
        for value in [given] if isinstance(given, Node) else given:
            graph.add((subject, predicate, value))


def graph(catalogue: Catalogue) -> Graph:
    """The catalogue as RDF."""
    result = Graph(bind_namespaces="none")
    for prefix, namespace in _PREFIXES.items():
        result.bind(prefix, namespace)
    me = URIRef(catalogue.address)
    publisher = URIRef(f"{catalogue.base}/catalog.ttl#publisher")
    site = catalogue.publisher.url
    _add(
        result,
        publisher,
        {
            RDF.type: [FOAF.Organization, FOAF.Agent],
            FOAF.name: Literal(catalogue.publisher.name, lang="de"),
            FOAF.homepage: [URIRef(site)] if site else [],
        },
    )
    datasets = [_dataset(result, catalogue, dataset, publisher) for dataset in catalogue.datasets]
    others = [URIRef(address) for address, _ in catalogue.others]
    _add(
        result,
        me,
        {
            RDF.type: DCAT.Catalog,
            DCTERMS.publisher: publisher,
            DCTERMS.modified: _moment(catalogue),
            DCTERMS.license: URIRef(LICENCE_URI),
            FOAF.homepage: URIRef(catalogue.base + catalogue.home),
            DCAT.themeTaxonomy: URIRef(_EU + "data-theme"),
            DCTERMS.language: _LANGUAGES,
            DCTERMS.title: _both(catalogue.title),
            DCTERMS.description: _both(catalogue.description),
            DCAT.dataset: datasets,
            DCAT.catalog: others,
            DCTERMS.hasPart: others,
        },
    )
    for other, (_, name) in zip(others, catalogue.others, strict=True):
        _add(
            result,
            other,
            {
                RDF.type: DCAT.Catalog,
                DCTERMS.publisher: publisher,
                DCTERMS.title: _both(name),
                DCTERMS.description: _both(name),
            },
        )
    return result


def _moment(catalogue: Catalogue) -> Literal:
    return Literal(catalogue.modified.isoformat(timespec="seconds"), datatype=XSD.dateTime)


def _dataset(result: Graph, catalogue: Catalogue, dataset: Dataset, publisher: URIRef) -> URIRef:
    me = URIRef(f"{catalogue.base}/v1/datasets/{dataset.id}")
    contributor = catalogue.publisher.contributor
    regions = [spatial_keys(key) for key in dataset.keys or (catalogue.county,)]
    places = [URIRef(uri) for uri, _ in regions if uri]
    for place in places:
        result.add((place, RDF.type, DCTERMS.Location))
    _add(
        result,
        me,
        {
            RDF.type: DCAT.Dataset,
            DCTERMS.publisher: publisher,
            DCTERMS.modified: _moment(catalogue),
            DCTERMS.identifier: Literal(str(me)),
            DCTERMS.accessRights: URIRef(f"{_EU}access-right/PUBLIC"),
            DCTERMS.accrualPeriodicity: URIRef(f"{_EU}frequency/{dataset.periodicity}"),
            DCAT.landingPage: URIRef(f"{catalogue.base}/redoc#operation/{dataset.operation}"),
            DCTERMS.language: _LANGUAGES,
            DCATDE.contributorID: [URIRef(contributor)] if contributor else [],
            DCTERMS.title: _both(dataset.title),
            DCTERMS.description: _both(dataset.description),
            DCAT.keyword: [Literal(word, lang="de") for word in dataset.keywords],
            DCAT.theme: [URIRef(f"{_EU}data-theme/{theme}") for theme in dataset.themes],
            DCATDE.politicalGeocodingURI: places,
            DCTERMS.spatial: places,
            DCATDE.politicalGeocodingLevelURI: [URIRef(level) for _, level in regions],
            DCAT.contactPoint: _contact(result, catalogue, dataset),
            DCTERMS.temporal: _period(result, dataset),
            DCAT.distribution: [
                _distribution(result, catalogue, dataset, number)
                for number in range(len(dataset.distributions))
            ],
        },
    )
    return me


def _contact(result: Graph, catalogue: Catalogue, dataset: Dataset) -> BNode:
    contact, publisher = BNode(f"contact{dataset.id}"), catalogue.publisher
    _add(
        result,
        contact,
        {
            RDF.type: [VCARD.Organization, VCARD.Kind],
            VCARD.fn: Literal(publisher.name),
            VCARD.hasEmail: [URIRef(f"mailto:{publisher.mail}")] if publisher.mail else [],
            VCARD.hasURL: URIRef(publisher.url or catalogue.base + catalogue.home),
        },
    )
    return contact


def _period(result: Graph, dataset: Dataset) -> list[Node]:
    if not dataset.years:
        return []
    period = BNode(f"years{dataset.id}")
    first, last = date(dataset.years[0], 1, 1), date(dataset.years[1], 12, 31)
    _add(
        result,
        period,
        {
            RDF.type: DCTERMS.PeriodOfTime,
            DCAT.startDate: Literal(first.isoformat(), datatype=XSD.date),
            DCAT.endDate: Literal(last.isoformat(), datatype=XSD.date),
        },
    )
    return [period]


def _distribution(result: Graph, catalogue: Catalogue, dataset: Dataset, number: int) -> URIRef:
    one = dataset.distributions[number]
    parent = f"{catalogue.base}/v1/datasets/{dataset.id}"
    me = URIRef(f"{parent}#{number + 1}")
    media, code = _FILE_TYPES[one.form]
    address = URIRef(catalogue.base + one.path)
    described = one.form == "csv" and dataset.columns
    _add(
        result,
        me,
        {
            RDF.type: DCAT.Distribution,
            DCAT.accessURL: address,
            DCAT.downloadURL: address,
            DCTERMS.license: URIRef(LICENCE_URI),
            DCATDE.licenseAttributionByText: Literal(catalogue.publisher.name, lang="de"),
            DCTERMS.format: URIRef(f"{_EU}file-type/{code}"),
            DCAT.mediaType: URIRef(f"http://www.iana.org/assignments/media-types/{media}"),
            DCTERMS.title: _both(one.title),
            DCTERMS.conformsTo: [URIRef(f"{parent}/csvw.json")] if described else [],
        },
    )
    return me


@lru_cache(maxsize=16)
def serialize(catalogue: Catalogue, form: str) -> bytes:
    """`turtle` or `json-ld`, in an order that does not change between two calls."""
    result = graph(catalogue)
    if form == "json-ld":
        prefixes = {prefix: str(uri) for prefix, uri in result.namespaces() if prefix}
        return result.serialize(
            format="json-ld", context=prefixes, encoding="utf-8", indent=1, sort_keys=True
        )
    return result.serialize(format="turtle", encoding="utf-8")
