"""What comes in: models that know every field they take, with examples from a file."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict


@lru_cache
def _examples(package: str) -> dict[str, list[object]]:
    file = files(package) / "examples.json"
    return orjson.loads(file.read_bytes()) if file.is_file() else {}


def add_examples(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put the examples of a model, or of the one it is derived from, into its schema. They stand
    under the model's name in `examples.json` of its subject (`klima_measures.community`)."""
    for one in model.__mro__:
        package = ".".join(one.__module__.split(".")[:2])
        if one.__module__.startswith("klima_") and one.__name__ in _examples(package):
            schema["examples"] = _examples(package)[one.__name__]
            return


class StrictBody(BaseModel):
    """A body whose unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=add_examples)
