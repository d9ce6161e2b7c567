"""What is flagged as implausible stays so when the register is imported again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg


def test_an_import_does_not_bring_the_implausible_figure_back(fresh_database: Any, tmp_path: Path):
    database = fresh_database("balance", ["load-method"])
    (tmp_path / "population_2021.csv").write_text("ags,total\n05974036,10753\n05974040,47929\n")
    renewable = (
        "ags,pv,wind_on,biomass,water\n05974036,16200,5720,300,75\n05974040,21093,0,1045,0\n"
    )
    (tmp_path / "renewable_energy_2021.csv").write_text(renewable)
    line = [sys.executable, "-m", "klima_balance.cli", "import-statistics", str(tmp_path)]
    done = subprocess.run(
        line, env=database.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with psycopg.connect(database.owner_url) as connection:
        rows = connection.execute(
            "select flag from balance.statistic where region = '05974036' and year = 2021 and"
            " statistic = 'wind_kw' order by flag"
        ).fetchall()
    assert rows == [("correction",), ("implausible",)]
