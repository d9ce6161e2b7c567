"""Former editions of the national tables: what was computed with one can be computed again."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from shutil import copytree

import pytest

from klima_balance.engine.balance import restored, start_balances
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.engine.records import digest, region_record, run_record
from klima_balance.method import load_method
from klima_balance.method.files import MethodTableError
from klima_shared.language.errors import InputError

METHOD = load_method()
FORMER = Options(factor_set="bisko-2026.1", edition="AGEB-2023")
CELLS_OF_2021 = "6cf39501d45b0b16dfb38a99173f0b73794f6e414ded414a2435d143ef723320"
"""All cells of the 14 as the release with that edition computed them, six digits each."""


def cells(options: Options) -> str:
    result = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021, options)
    found = result.cells
    rows = [
        f"{region} {sector}.{carrier} {energy:.6g} {emissions:.6g}"
        for i, (sector, carrier) in enumerate(found.names)
        for region, energy, emissions in zip(
            map(str, result.regions), found.energy[i], found.emissions[i], strict=True
        )
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def test_old_set_and_old_edition_give_the_old_figures() -> None:
    assert cells(FORMER) == CELLS_OF_2021
    assert cells(Options(factor_set="bisko-2026.1")) != CELLS_OF_2021
    assert cells(Options(edition="AGEB-2023")) != CELLS_OF_2021


def test_the_result_names_the_edition_it_was_made_with() -> None:
    result = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021, FORMER)
    assert result.method.edition.id == "AGEB-2023"
    assert result.method.digest != METHOD.digest
    assert METHOD.of_edition(METHOD.edition.id) is METHOD
    with pytest.raises(InputError, match="AGEB-2025-09"):
        METHOD.of_edition("AGEB-1900")


def test_what_was_published_with_a_former_edition_is_restored_for_a_sum() -> None:
    result = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021, FORMER)
    ids = [str(line["id"]) for line in run_record(result)["lines"]]
    regions = [str(ags) for ags in result.regions]
    stored = [(ids, json.loads(json.dumps(region_record(result, ags)))) for ags in regions]
    again = restored(stored, METHOD, 2021, FORMER)
    assert [digest(again, ags) for ags in regions] == [digest(result, ags) for ags in regions]


def test_a_former_edition_is_never_changed(tmp_path: Path) -> None:
    folder = copytree(Path(str(files("klima_balance.method"))), tmp_path / "method")
    table = folder / "editions" / "AGEB-2023" / "national_final_energy.csv"
    table.write_text(table.read_text().replace("5742778", "5742779", 1))
    with pytest.raises(MethodTableError, match="editions/AGEB-2023: the tables differ"):
        load_method(folder)
