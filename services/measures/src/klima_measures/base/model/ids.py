"""Ids of what bodies name."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from klima_shared.codes.references import Reference

MeasureId = Annotated[UUID, Reference("measure")]
ActorId = Annotated[UUID, Reference("actor")]
WorkingGroupId = Annotated[UUID, Reference("working_group")]
MeetingId = Annotated[UUID, Reference("meeting")]
CampaignId = Annotated[UUID, Reference("campaign")]
WorkshopId = Annotated[UUID, Reference("workshop")]
StrategyId = Annotated[UUID, Reference("strategy")]
QuarterId = Annotated[UUID, Reference("quarter")]
ProgrammeId = Annotated[UUID, Reference("funding_programme")]
IdeaReference = Annotated[str, Field(max_length=40), Reference("idea")]
"""The number of an idea, as people write it."""
