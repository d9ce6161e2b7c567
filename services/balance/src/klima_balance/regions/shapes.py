"""Shapes that several subjects answer with."""

from datetime import datetime

from pydantic import BaseModel, Field

from klima_shared.wire.json import JsonObject


class Revision(BaseModel):
    """What something was, from when and by whom."""

    revision: int = Field(examples=[2])
    deleted: bool
    content: JsonObject
    changed_at: datetime
    changed_by: str
