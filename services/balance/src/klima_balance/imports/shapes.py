"""What is answered about imports."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ImportFault(BaseModel):
    line: int = Field(description="as an editor or Excel counts", examples=[12])
    column: str | None = Field(examples=["quantity"])
    message: str = Field(examples=["„1.234“ ist zweideutig: Ist 1234 gemeint oder 1,234?"])


class CellFigure(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    quantity: float = Field(examples=[100000.0])
    unit: str = Field(examples=["MWh"])
    quantity_mwh: float | None = Field(examples=[100000.0], description="null: no energy")
    source: str = Field(examples=["Netz A GmbH (Beispiel)"])
    changed_at: datetime | None = Field(description="since when; null: of this file")


class ReplacedCell(BaseModel):
    line: int = Field(description="of the file", examples=[2])
    region: str = Field(examples=["05974016"])
    year: int = Field(examples=[2021])
    key: str = Field(examples=["households.natural_gas"])
    before: CellFigure
    after: CellFigure
    other_source: bool = Field(
        description="what stands there is of another source: storing needs replace or add"
    )


class ImportResult(BaseModel):
    import_id: UUID | None = Field(description="null in a dry run")
    dry_run: bool
    rows: int = Field(description="rows of the file with a figure", examples=[21])
    accepted: int = Field(description="of these without a fault", examples=[21])
    added: int = Field(description="cells that had no local figure", examples=[21])
    changed: int = Field(examples=[0])
    unchanged: int = Field(description="what stands there already", examples=[0])
    kind: str = Field(description="csv, csv-de or xlsx", examples=["xlsx"])
    digest: str = Field(description="sha256 of the file")
    regions: list[str]
    years: list[int]
    replaced: list[ReplacedCell] = Field(
        description="every cell that has a figure and gets another one, with both"
    )
    errors: list[ImportFault]
    notices: list[ImportFault] = Field(
        description="what was passed over: totals, footnotes, cells without a figure"
    )


class ImportedRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line: int = Field(examples=[2])
    region: str = Field(examples=["05974040"])
    year: int
    key: str
    revision: int = Field(description="of the activity, made by this import")
    before_revision: int | None = Field(description="what stood there before; null: nothing")
