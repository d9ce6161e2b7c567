"""Ids of what bodies name."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from klima_shared.codes.named import Named

MeasureId = Annotated[UUID, Named("measure")]
ActorId = Annotated[UUID, Named("actor")]
WorkingGroupId = Annotated[UUID, Named("working_group")]
MeetingId = Annotated[UUID, Named("meeting")]
CampaignId = Annotated[UUID, Named("campaign")]
WorkshopId = Annotated[UUID, Named("workshop")]
StrategyId = Annotated[UUID, Named("strategy")]
QuarterId = Annotated[UUID, Named("quarter")]
ProgrammeId = Annotated[UUID, Named("funding_programme")]
IdeaReference = Annotated[str, Field(max_length=40), Named("idea")]
"""The number of an idea, as people write it."""
