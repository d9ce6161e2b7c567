"""The county that an installation serves: name, key, publisher and fields of action.

They stand in the files of this folder; `KLIMA_COUNTY_FOLDER` names another folder with files of the
same names. The services read it when they start, because the fields of action are a code list.
"""

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


@dataclass(frozen=True)
class County:
    key: str
    name: str
    """Also a keyword of the open data."""
    publisher: str
    """Who stands behind the figures."""
    genitive: str
    town: str
    """The municipality that is shown as an example."""
    town_key: str

    @property
    def slug(self) -> str:
        """The name as a part of codes: lower case, with hyphens."""
        return self.name.lower().replace(" ", "-")

    @property
    def attribution(self) -> str:
        """How the figures are cited."""
        return f"{self.publisher}, Klimakreis"


@cache
def served_county() -> County:
    return County(**tomllib.loads((folder() / "county.toml").read_text(encoding="utf-8")))


def folder() -> Traversable:
    """Where the files of the county are."""
    own = os.environ.get("KLIMA_COUNTY_FOLDER")
    return Path(own) if own else files(__package__)
