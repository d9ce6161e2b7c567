"""The measure sheet (Maßnahmen-Steckbrief): what editors write. What follows from it is in
`derived` and `status`."""

from typing import Annotated, Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.context import FIELDS_OF_ACTION
from klima_measures.base.model.declared import In, Shown
from klima_measures.base.model.ids import QuarterId, StrategyId
from klima_measures.base.model.texts import (
    Code,
    Internal,
    Name,
    Number,
    Paragraphs,
    ShortText,
    Title,
)
from klima_measures.registers.model import Decision, in_order
from klima_measures.sheets.model import rows
from klima_measures.sheets.model.codes import (
    Criterion,
    Horizon,
    Influence,
    Level,
    MeasureType,
    Precision,
    Priority,
)
from klima_shared.codes.configured import CodeOf
from klima_shared.codes.energy import Sector
from klima_shared.codes.regions import Ags, RegionKind, covers, level
from klima_shared.http.dates import IsoDate
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

MANY: Final = 100


_COLUMN: Final = In.PUBLIC | In.COLUMN
_PROSE: Final = _COLUMN | In.SEARCH | In.HEADING


class Sheet(BaseModel):
    """One measure as it is written. Its place among phases and its publication are kept beside
    it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # identity
    number: Annotated[Number, Shown("Nummer", "Number", _COLUMN | In.HEADING)] = Field(
        description="unique in its concept", examples=["MOB-01"]
    )
    title: Annotated[Title, Shown("Titel", "Title", _COLUMN | In.HEADING)] = Field(
        examples=["Kreisweites Alltagsradnetz"]
    )
    short_text: Annotated[ShortText, Shown("Kurztext", "Short text", _COLUMN | In.SEARCH)] = ""
    concept: Annotated[Code, Shown("Konzept", "Concept", _COLUMN)] = Field(
        default="2.0", examples=["2.0"]
    )
    example: Annotated[bool, Shown("Beispiel", "Example")] = Field(
        default=False, description="invented for demonstration; marked so wherever it is shown"
    )

    # place
    level: Annotated[Level, Shown("Ebene", "Level", _COLUMN)]
    regions: Annotated[list[Ags], Shown("Gebiete (AGS)", "Regions (AGS)", _COLUMN)] = Field(
        max_length=400, description="municipalities taking part; a county's key is all of it"
    )
    owner: Annotated[Ags | None, Shown("Zuständiges Gebiet", "Owner")] = Field(
        default=None, description="whose editors write; default: the one municipality, or county"
    )
    quarter: Annotated[QuarterId | None, Shown("Quartier", "Quarter")] = Field(
        default=None, description="a quarter inside the one municipality"
    )

    # kind
    field: Annotated[
        Code,
        CodeOf(FIELDS_OF_ACTION),
        Shown("Handlungsfeld (Code)", "Field of action (code)", _COLUMN),
    ] = Field(description="code of a field of action", examples=["mobility"])
    type: Annotated[MeasureType, Shown("Typ", "Type", _PROSE)]
    influence: Annotated[list[Influence], Shown("Einfluss", "Influence")] = Field(
        default_factory=list, max_length=4
    )
    sectors: Annotated[list[Sector], Shown("Sektoren", "Sectors")] = Field(
        default_factory=list, max_length=10
    )
    strategy: Annotated[StrategyId | None, Shown("Strategie", "Strategy")] = None

    # content
    goal: Annotated[Paragraphs, Shown("Ziel und Strategie", "Goal and strategy", _PROSE)] = ""
    initial_situation: Annotated[Paragraphs, Shown("Ausgangslage", "Initial situation", _PROSE)] = (
        ""
    )
    description: Annotated[Paragraphs, Shown("Beschreibung", "Description", _PROSE)] = ""
    initiator: Annotated[Name | None, Shown("Initiator", "Initiator", _PROSE)] = None
    actors: Annotated[
        list[rows.MeasureActor],
        Shown("Akteure", "Actors", In.PUBLIC | In.SEARCH | In.HEADING, part=1),
    ] = Field(default_factory=list, max_length=MANY)
    target_groups: Annotated[list[Name], Shown("Zielgruppe", "Target group", _PROSE)] = Field(
        default_factory=list, max_length=MANY
    )
    contact: Annotated[
        rows.MeasureContact | None, Shown("Kontakt", "Contact", In.PUBLIC | In.WORKING, part=12)
    ] = None
    value_added: Annotated[Paragraphs, Shown("Wertschöpfung", "Local value added", _PROSE)] = Field(
        default="", description="Wertschöpfung"
    )
    financing: Annotated[Paragraphs, Shown("Finanzierungsansatz", "Financing", _PROSE)] = Field(
        default="", description="Finanzierungsansatz in words"
    )
    notes: Annotated[Paragraphs, Shown("Hinweise", "Notes", _PROSE)] = Field(
        default="", description="for the public"
    )
    internal_notes: Annotated[
        Internal, Shown("Interne Hinweise", "Internal notes", In.COLUMN | In.WORKING | In.SEARCH)
    ] = Field(default="", description="never public")

    # time
    planned_start: Annotated[IsoDate | None, Shown("Beginn (Plan)", "Start (planned)", _COLUMN)] = (
        None
    )
    planned_end: Annotated[IsoDate | None, Shown("Ende (Plan)", "End (planned)", _COLUMN)] = None
    actual_start: Annotated[IsoDate | None, Shown("Beginn (Ist)", "Start (actual)", _COLUMN)] = None
    actual_end: Annotated[IsoDate | None, Shown("Ende (Ist)", "End (actual)", _COLUMN)] = None
    continuous: Annotated[bool, Shown("Dauerhaft", "Continuous", _COLUMN)] = False
    precision: Annotated[Precision, Shown("Genauigkeit", "Precision")] = Precision.DAY
    duration: Annotated[ShortText, Shown("Dauer", "Duration", _COLUMN | In.HEADING)] = Field(
        default="", description="Dauer in words, where dates don't say it"
    )
    horizon_stated: Annotated[
        Horizon | None, Shown("Einführung (Konzept)", "Introduction (concept)")
    ] = Field(default=None, description="as the concept states it")

    steps: Annotated[list[rows.Step], Shown("Schritte", "Steps", In.PUBLIC | In.SEARCH, part=2)] = (
        Field(default_factory=list, max_length=MANY)
    )
    milestones: Annotated[
        list[rows.Milestone], Shown("Meilensteine", "Milestones", In.PUBLIC | In.SEARCH, part=3)
    ] = Field(default_factory=list, max_length=MANY)
    indicators: Annotated[list[rows.Indicator], Shown("Indikatoren", "Indicators", part=4)] = Field(
        default_factory=list, max_length=MANY
    )

    costs: Annotated[list[rows.CostRow], Shown("Kosten", "Costs", part=5)] = Field(
        default_factory=list, max_length=500
    )
    staff: Annotated[list[rows.StaffRow], Shown("Personal", "Staff", part=6)] = Field(
        default_factory=list, max_length=MANY
    )
    funding: Annotated[list[rows.FundingRow], Shown("Förderung", "Funding", part=7)] = Field(
        default_factory=list, max_length=MANY
    )
    savings: Annotated[list[rows.SavingRow], Shown("Einsparungen", "Savings", part=8)] = Field(
        default_factory=list, max_length=500
    )
    not_quantifiable: Annotated[
        rows.NotQuantifiable | None, Shown("Nicht bezifferbar", "Not quantifiable")
    ] = None

    scores: Annotated[list[rows.Score], Shown("Bewertung", "Assessment", part=10)] = Field(
        default_factory=list, max_length=len(Criterion)
    )
    priority_stated: Annotated[
        Priority | None, Shown("Priorität (Konzept)", "Priority (concept)")
    ] = Field(default=None, description="as the concept states it, without scores")

    links: Annotated[
        list[rows.Link], Shown("Verweise", "Links", In.PUBLIC | In.WORKING, part=11)
    ] = Field(default_factory=list, max_length=MANY)
    decisions: Annotated[list[Decision], Shown("Beschlüsse", "Decisions", part=9)] = Field(
        default_factory=list, max_length=MANY
    )
    origin: Annotated[rows.Origin | None, Shown("Herkunft", "Origin")] = None
    evaluations: Annotated[list[rows.Evaluation], Shown("Auswertungen", "Evaluations")] = Field(
        default_factory=list, max_length=MANY
    )
    status_reports: Annotated[list[rows.StatusReport], Shown("Berichte", "Reports")] = Field(
        default_factory=list, max_length=400
    )
    status_override: Annotated[
        rows.StatusOverride | None, Shown("Statusvorgabe", "Status set by hand")
    ] = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        in_order(self.planned_start, self.planned_end)
        in_order(self.actual_start, self.actual_end)
        _place(self)
        if self.continuous and self.planned_end is not None:
            raise InputError(Text("A continuous measure has no planned end (planned_end)."))
        if self.not_quantifiable is not None and self.savings:
            raise InputError(Text("Either savings or not_quantifiable, not both."))
        criteria = [score.criterion for score in self.scores]
        if len(set(criteria)) < len(criteria):
            raise InputError(Text("A criterion of scores appears twice."))
        if len({(link.kind, link.measure) for link in self.links}) < len(self.links):
            raise InputError(Text("A link appears twice."))
        return self


class Difference(NamedTuple):
    """A place (JSON pointer) with what was and what is there; None where there was or is
    nothing."""

    pointer: str
    before: object
    after: object


def _place(sheet: Sheet) -> None:
    """The region keys fit the level, and the quarter lies inside one municipality."""
    municipalities = [
        region for region in sheet.regions if level(region) is RegionKind.MUNICIPALITY
    ]
    if len(set(sheet.regions)) < len(sheet.regions):
        raise InputError(Text("A region appears twice."))
    if sheet.level is Level.MUNICIPALITY and (
        not municipalities or len(municipalities) < len(sheet.regions)
    ):
        raise InputError(
            Text(
                "A measure of level municipality names at least one municipality and only "
                "municipalities (regions)."
            )
        )
    if sheet.quarter is not None and len(sheet.regions) != 1:
        raise InputError(Text("A quarter lies in exactly one municipality (regions)."))
    if sheet.owner is not None and not all(covers(sheet.owner, region) for region in sheet.regions):
        raise InputError(Text("The owner does not cover all regions."))


def owner_of(sheet: Sheet, county: str) -> str:
    """Whose editors write the sheet: the stated owner, else the one municipality, else the
    county."""
    if sheet.owner is not None:
        return sheet.owner
    if sheet.level is Level.MUNICIPALITY and len(sheet.regions) == 1:
        return sheet.regions[0]
    return county


def years_of(sheet: Sheet) -> tuple[int | None, int | None]:
    """First and last year of the measure, actual before planned; no last year for one without an
    end."""
    start = sheet.actual_start or sheet.planned_start
    starts = [start] if start else [step.starts_on for step in sheet.steps if step.starts_on]
    end = sheet.actual_end or (None if sheet.continuous else sheet.planned_end)
    ends = (
        [end]
        if end
        else []
        if sheet.continuous
        else [step.ends_on for step in sheet.steps if step.ends_on]
    )
    return (min(starts).year if starts else None), (max(ends).year if ends else None)
