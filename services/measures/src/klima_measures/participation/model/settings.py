"""What an installation decides about participation: limits, proxies, times, retention."""

from pydantic import Field

from klima_measures.participation.model.ideas import Periods
from klima_shared.service.settings import ServiceSettings


class ParticipationSettings(ServiceSettings):
    """Settings of participation; every one has a default that a municipality can start with."""

    idea_rate_limit: int = Field(
        default=20, ge=1, description="ideas one address may hand in within the window"
    )
    idea_rate_window_seconds: int = Field(default=3600, ge=1)
    idea_form_required: bool = Field(
        default=False, description="an idea without login needs the form's token"
    )
    idea_form_seconds: int = Field(
        default=3, ge=0, description="faster than this nobody fills in a form"
    )
    idea_answer_days: int = Field(
        default=90, ge=1, description="after which an idea without an answer is reported"
    )
    idea_consent_version: str = "2026-11"

    retention_rejected_idea_days: int | None = Field(
        default=180, ge=1, description="text of refused ideas; null: kept"
    )
    retention_author_group_days: int | None = Field(
        default=730, ge=1, description="group of an idea's author"
    )
    retention_finished_idea_days: int | None = Field(
        default=None, ge=1, description="text of finished ideas"
    )
    retention_idempotency_days: int | None = Field(
        default=7, ge=1, description="keys of repeated requests"
    )
    retention_client_days: int = Field(
        default=2, ge=1, le=30, description="counters and salts of callers"
    )

    @property
    def retention(self) -> Periods:
        return Periods(
            self.retention_rejected_idea_days,
            self.retention_author_group_days,
            self.retention_finished_idea_days,
            self.retention_idempotency_days,
            self.retention_client_days,
        )
