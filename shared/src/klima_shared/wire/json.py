"""JSON that another service or an earlier version wrote, where only some fields of it are used."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
JsonObject = dict[str, Any]
"""The same where it is built."""
