"""The rules of the house, and that what still breaks them only becomes less."""

from __future__ import annotations

import pytest

from tests.architecture import house, source


@pytest.mark.parametrize("name", house.COUNTS)
def test_what_breaks_a_rule_only_becomes_less(name: str) -> None:
    offences = list(house.COUNTS[name]())
    most = house.limits()[name]["now"]
    message = "\n".join([f"at most {most}, now {len(offences)}", *offences[-30:]])
    assert len(offences) <= most, message


def test_every_limit_belongs_to_a_rule_and_never_lies_below_its_goal() -> None:
    assert house.limits().keys() == house.COUNTS.keys()
    assert all(limit["now"] >= limit["goal"] for limit in house.limits().values())


def test_no_service_imports_another_and_what_is_shared_imports_none() -> None:
    for name, others in source.imports().items():
        own = name.split(".", 1)[0]
        foreign = {other.split(".", 1)[0] for other in others} - {own, "klima_shared"}
        if own in source.SERVICES or own == "klima_shared":
            assert not foreign, name


def test_rules_and_models_know_no_database_no_http_no_file_format() -> None:
    outside = {"sqlalchemy", "psycopg", "fastapi", "starlette", "httpx", "alembic", "xlsxwriter"}
    for module in source.modules().values():
        if module.layer in {"model", "rules"}:
            used = {origin.split(".", 1)[0] for origin, _ in source.external_imports(module)}
            assert not used & outside, module.name


def test_the_counting_itself_counts() -> None:
    assert len(house.banned_words()) > 10
    assert house.words_of("load_heatPlants") == ["load", "heat", "plants"]
    assert source.circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
