"""An organisation with its registers: what it is, whom it owns, where it is, what it uses."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from klima_shared.codes.labelled import Labelled
from klima_shared.revisions.model import Stamps


class Area(Labelled):
    """What an organisation uses energy for."""

    BUILDINGS = "buildings", "Gebäude", "Buildings"
    FLEET = "fleet", "Fuhrpark", "Fleet"
    STREET_LIGHTING = "street_lighting", "Straßenbeleuchtung", "Street lighting"
    WATER = "water", "Wasser und Abwasser", "Water and waste water"
    INFRASTRUCTURE = "infrastructure", "Sonstige Infrastruktur", "Other infrastructure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(Stamps):
    """An administration with a boundary of its own beside the territory."""

    id: UUID
    region: str
    name: str
    description: str | None
    target_year: int | None
    to_year: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Stamps):
    """A row of one of its registers."""

    id: UUID
    organisation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding(Part):
    """A company; inside the boundary while the share is above 50 %."""

    name: str
    legal_form: str | None
    purpose: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Part):
    """A building or facility. `holding_id` None: of the administration itself."""

    holding_id: UUID | None
    region: str
    name: str
    kind: str
    purpose: str | None
    address: str | None
    area_m2: float | None
    from_year: int | None
    to_year: int | None
    meters: list[dict[str, str]]
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Part):
    """One delivered quantity of a year."""

    holding_id: UUID | None
    property_id: UUID | None
    year: int
    area: str
    carrier: str
    vehicle: str
    meter: str
    quantity: float
    unit: str
    quantity_mwh: float
    status: str
    grade: str
    source: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedUse(Use):
    """A use with the name and place of its property."""

    property_name: str | None
    property_region: str | None

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.property_name, self.meter, self.vehicle) if part)


@dataclass(frozen=True, slots=True)
class Share:
    """A share in percent that holds from a year on, until the next one."""

    from_year: int
    share_percent: Decimal
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A holding with its dated shares."""

    holding: Holding
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class PublishedBalance:
    """A published balance of a year; it never changes."""

    organisation_id: UUID
    year: int
    version: int
    digest: str
    document: bytes
    reason: str | None
    published_at: datetime
    published_by: str
