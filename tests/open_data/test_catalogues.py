"""The catalogues of the running services: they validate, name every public table, and what they
name is there."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from klima_local.services import SERVICES
from klima_shared.language.text import Label
from klima_shared.open_data import rdf
from klima_shared.open_data.catalog import EPOCH, Catalogue, Dataset, tables
from klima_shared.open_data.rdf import DCATDE, VCARD
from klima_shared.open_data.routes import publisher_of
from klima_shared.service.settings import ServiceSettings

pytestmark = [
    pytest.mark.fuzz,
    # Of rdflib's own JSON-LD parser, and of fastparquet's reader.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SHAPES = Path(__file__).with_name("dcat_ap_de.shacl.ttl")


def catalogue(live: Any, service: str) -> Graph:
    answer = httpx.get(f"{getattr(live, service)}/catalog.ttl", timeout=60)
    assert answer.headers["content-type"].startswith("text/turtle")
    return Graph().parse(data=answer.text, format="turtle")


def conforms(content: Graph) -> tuple[bool, str]:
    valid, _, text = validate(content, shacl_graph=Graph().parse(SHAPES), inference="none")
    return bool(valid), str(text)


@pytest.mark.parametrize("service", SERVICES)
def test_catalogue_validates(live: Any, service: str):
    graph = catalogue(live, service)
    valid, report = conforms(graph)
    assert valid, report
    same = Graph().parse(
        data=httpx.get(f"{getattr(live, service)}/catalog.jsonld", timeout=60).text,
        format="json-ld",
    )
    assert isomorphic(graph, same)


NEEDED = {
    DCAT.Catalog: [
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.publisher,
        DCTERMS.language,
        DCAT.themeTaxonomy,
        DCAT.dataset,
    ],
    DCAT.Dataset: [
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.publisher,
        DCTERMS.identifier,
        DCTERMS.modified,
        DCAT.distribution,
        DCTERMS.accrualPeriodicity,
        DCTERMS.accessRights,
        DCAT.contactPoint,
        DCAT.keyword,
        DCAT.theme,
        DCAT.landingPage,
        DCATDE.politicalGeocodingURI,
        DCATDE.politicalGeocodingLevelURI,
    ],
    DCAT.Distribution: [
        DCTERMS.title,
        DCTERMS.license,
        DCTERMS.format,
        DCAT.accessURL,
        DCATDE.licenseAttributionByText,
    ],
    FOAF.Agent: [FOAF.name],
    VCARD.Kind: [VCARD.fn, VCARD.hasURL],
    DCTERMS.PeriodOfTime: [DCAT.startDate],
}
EU = "http://publications.europa.eu/resource/authority/"
WRONG = [
    (DCAT.Dataset, DCAT.theme, URIRef(EU + "data-theme/KLIMA")),
    (DCAT.Dataset, DCTERMS.accrualPeriodicity, URIRef(EU + "frequency/OFTEN")),
    (
        DCAT.Dataset,
        DCATDE.politicalGeocodingURI,
        URIRef("http://dcat-ap.de/def/politicalGeocoding/districtKey/5974"),
    ),
    (DCAT.Dataset, DCATDE.contributorID, URIRef("https://example.org/me")),
    (DCAT.Dataset, DCTERMS.modified, Literal("yesterday")),
    (DCAT.Dataset, DCAT.distribution, URIRef("https://example.org/nothing")),
    (DCAT.Distribution, DCTERMS.format, URIRef(EU + "file-type/EXCEL")),
    (DCAT.Distribution, DCTERMS.license, URIRef("https://www.govdata.de/dl-de/by-2-0")),
    (DCAT.Catalog, DCTERMS.language, URIRef(EU + "language/DE")),
]


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return Graph().parse(SHAPES)


def test_shapes_notice_what_is_missing_and_what_is_wrong(live: Any, shapes: Graph):
    """One thing is taken away, or replaced by what no list has, at a time."""
    whole = catalogue(live, "balance")
    unnoticed = []
    cases = [(kind, name, None) for kind, names in NEEDED.items() for name in names] + WRONG
    for kind, name, instead in cases:
        graph = Graph()
        graph += whole
        subject = min(graph.subjects(RDF.type, kind), key=str)
        graph.remove((subject, name, None))
        if instead is not None:
            graph.add((subject, name, instead))
        if validate(graph, shacl_graph=shapes, inference="none")[0]:
            unnoticed.append((kind, name, instead))
    assert unnoticed == []


@pytest.mark.parametrize("service", SERVICES)
def test_addresses_of_the_catalogue_lead_somewhere(live: Any, service: str):
    """Pages for people (homepage, contact, landing page) answer, and every operation it names
    exists."""
    graph = catalogue(live, service)
    base = getattr(live, service)
    pages = {
        str(o).partition("#")[0]
        for p in (FOAF.homepage, VCARD.hasURL, DCAT.landingPage)
        for o in graph.objects(None, p)
    }
    for page in pages:
        assert page.startswith(base), page
        answer = httpx.get(page, timeout=60)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
            200,
            "text/html",
        ), page
    paths = httpx.get(f"{base}/openapi.json", timeout=60).json()["paths"]
    operations = {one["operationId"] for item in paths.values() for one in item.values()}
    named = {d["operation"] for d in httpx.get(f"{base}/v1/datasets", timeout=60).json()["items"]}
    assert named <= operations


def test_an_installation_names_its_publisher():
    """What GovData demands beside is configured: its contributorID, and whom to write to."""
    settings = ServiceSettings(
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
        publisher_name="Kreis Beispiel",
        publisher_url="https://www.kreis.example/kontakt",
        publisher_mail="klima@kreis.example",  # type: ignore[arg-type]
        open_data_contributor="http://dcat-ap.de/def/contributors/beispiel",
    )
    request = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(settings=settings)))
    publisher = publisher_of(request)  # type: ignore[arg-type]
    one = Dataset(
        "x",
        Label("Eins", "One"),
        Label("Eine Tabelle", "A table"),
        ("Klima",),
        tables("/v1/x"),
        "list_x",
    )
    text = Label("Katalog", "Catalogue")
    made = rdf.graph(
        Catalogue("x", text, text, "https://k.example", "05974000", (one,), EPOCH, publisher)
    )
    assert conforms(made)[0], conforms(made)[1]
    assert {str(o) for o in made.objects(None, DCATDE.contributorID)} == {
        settings.open_data_contributor
    }
    assert {str(o) for o in made.objects(None, VCARD.hasEmail)} == {"mailto:klima@kreis.example"}
    assert {str(o) for o in made.objects(None, FOAF.name)} == {"Kreis Beispiel"}
    assert set(made.objects(None, DCATDE.licenseAttributionByText)) == {
        Literal("Kreis Beispiel", lang="de")
    }
    with pytest.raises(ValueError, match="contributor"):
        ServiceSettings(database_url="x", open_data_contributor="https://example.org/me")


def test_controlling_lists_the_other_two(live: Any):
    graph = catalogue(live, "controlling")
    me = URIRef(f"{live.controlling}/catalog.ttl#catalog")
    others = {str(o) for o in graph.objects(me, DCAT.catalog)}
    assert others == {f"{live.balance}/catalog.ttl#catalog", f"{live.measures}/catalog.ttl#catalog"}
    for service in ("balance", "measures"):
        assert (
            URIRef(f"{getattr(live, service)}/catalog.ttl#catalog"),
            RDF.type,
            DCAT.Catalog,
        ) in catalogue(live, service)


@pytest.mark.parametrize("service", SERVICES)
def test_every_public_table_is_in_the_catalogue(live: Any, service: str):
    """An operation that anybody may ask and that answers CSV belongs to a dataset."""
    base = getattr(live, service)
    listed = {d["operation"] for d in httpx.get(f"{base}/v1/datasets", timeout=60).json()["items"]}
    for path, item in httpx.get(f"{base}/openapi.json", timeout=60).json()["paths"].items():
        operation = item.get("get")
        if operation is None or "text/csv" not in operation["responses"].get("200", {}).get(
            "content", {}
        ):
            continue
        if "{" in path or httpx.get(f"{base}{path}?format=csv", timeout=60).status_code != 200:
            continue
        if path.startswith("/v1/exports/decidim"):
            continue  # another form of the ideas
        assert operation["operationId"] in listed, path


@pytest.mark.parametrize("service", SERVICES)
def test_every_file_is_there_and_is_what_is_said(live: Any, service: str):
    with httpx.Client(timeout=60) as client:
        for dataset in client.get(f"{getattr(live, service)}/v1/datasets").json()["items"]:
            package = client.get(dataset["data_package"]).json()
            assert package["name"] == dataset["id"]
            for resource in package["resources"]:
                answer = client.get(resource["path"])
                assert answer.status_code == 200, (resource["path"], answer.text[:300])
                if "schema" in resource:
                    text = answer.content.decode("utf-8-sig")
                    head = next(
                        csv.reader(io.StringIO(text), delimiter=resource["dialect"]["delimiter"])
                    )
                    assert head == [field["name"] for field in resource["schema"]["fields"]], (
                        resource["path"]
                    )
            if dataset["csvw"]:
                described = client.get(dataset["csvw"])
                assert described.headers["content-type"] == "application/csvm+json"
                names = [column["name"] for column in described.json()["tableSchema"]["columns"]]
                first = next(csv.reader(io.StringIO(client.get(described.json()["url"]).text)))
                assert first == names


def test_parquet_and_csv_hold_the_same(live: Any, tmp_path: Path):
    import fastparquet

    path = tmp_path / "x.parquet"
    path.write_bytes(httpx.get(f"{live.balance}/v1/exports/balances.parquet", timeout=60).content)
    frame = fastparquet.ParquetFile(str(path)).to_pandas()
    rows = list(
        csv.DictReader(
            io.StringIO(httpx.get(f"{live.balance}/v1/exports/balances.csv", timeout=60).text)
        )
    )
    assert len(frame) == len(rows) > 1000
    assert {str(r) for r in frame["region"]} == {r["region"] for r in rows}
    total = sum(float(r["emissions_t_co2e"]) for r in rows if r["emissions_t_co2e"])
    assert float(frame["emissions_t_co2e"].sum()) == pytest.approx(total)
    assert int(frame["emissions_t_co2e"].isna().sum()) == sum(
        not r["emissions_t_co2e"] for r in rows
    )
    etag = httpx.head(f"{live.balance}/v1/exports/balances.csv").headers["etag"]
    again = httpx.get(f"{live.balance}/v1/exports/balances.csv", headers={"If-None-Match": etag})
    assert again.status_code == 304


def test_boundaries_say_that_there_are_none(live: Any):
    content = httpx.get(f"{live.balance}/v1/exports/regions.geojson").json()
    assert content["type"] == "FeatureCollection"
    assert content["features"] == []
    assert len(content["missing"]) == 14
    assert "keine" in content["note"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_change_belongs_to_a_dataset(live: Any, service: str):
    with httpx.Client(base_url=getattr(live, service), timeout=60) as client:
        datasets = {dataset["id"] for dataset in client.get("/v1/datasets").json()["items"]}
        items = client.get("/v1/changes?limit=200").json()["items"]
        assert items
        assert {change["kind"] for change in items} <= datasets


def test_feed_has_what_came_and_what_went(live: Any):
    headers = {"Authorization": f"Bearer {live.token}"}
    with httpx.Client(base_url=live.measures, headers=headers, timeout=60) as client:
        cursor = None
        while True:
            feed = client.get("/v1/changes", params={"cursor": cursor} if cursor else {}).json()
            cursor = feed["next"]
            if not feed["more"]:
                break
        event = {
            "region": "05974040",
            "title": "Kommt und geht",
            "starts_at": "2098-01-01T10:00:00+01:00",
            "published": True,
        }
        made = client.post("/v1/events", json=event, headers={"Idempotency-Key": "feed"})
        draft = client.post(
            "/v1/events", json={**event, "published": False}, headers={"Idempotency-Key": "draft"}
        )
        for one in (made, draft):
            where, etag = one.headers["location"], one.headers["etag"]
            assert client.delete(where, headers={"If-Match": etag}).status_code == 204
        feed = client.get("/v1/changes", params={"cursor": cursor}).json()
        found = [(c["operation"], c["id"]) for c in feed["items"]]
        assert found == [("upsert", made.json()["id"]), ("delete", made.json()["id"])], (
            "a draft leaves no trace"
        )
        assert client.get("/v1/changes", params={"cursor": feed["next"]}).json()["items"] == []
        assert client.get("/v1/changes", params={"cursor": "unsinn"}).status_code == 422
