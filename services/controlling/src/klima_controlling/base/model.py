"""The words of controlling: closed code lists with their German and English labels; whom to ask."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from klima_shared.codes.labelled import Labelled
from klima_shared.revisions.model import Stamps

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Contact:
    """Whom to ask, on every public page."""

    name: str
    url: str | None = None
    mail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Stamps):
    """What rows have that may be changed: a base for their dataclasses."""

    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What rows have that are never changed: a base for their dataclasses."""

    created_at: datetime
    created_by: str

    @property
    def revision(self) -> int:
        return 1


class Boundary(Labelled):
    """Whose figures they are: a territory, or an organisation with its majority holdings."""

    TERRITORY = "territory", "Gebiet", "Territory"
    ORGANISATION = "organisation", "Organisation (Konzern)", "Organisation"


class IndicatorKind(Labelled):
    INPUT = "input", "Aufwand", "Input"
    OUTPUT = "output", "Leistung", "Output"
    OUTCOME = "outcome", "Wirkung", "Outcome"
    IMPACT = "impact", "Folge", "Impact"


class Direction(Labelled):
    """Which way is good. `none`: shown, never judged."""

    LOWER = "lower", "kleiner ist besser", "lower is better"
    HIGHER = "higher", "größer ist besser", "higher is better"
    NONE = "none", "ohne Wertung", "not judged"


class ValueState(Labelled):
    PROVISIONAL = "provisional", "vorläufig", "provisional"
    FINAL = "final", "endgültig", "final"


class Origin(Labelled):
    """Where an indicator's value comes from."""

    COMPUTED = (
        "computed",
        "aus Bilanz und Maßnahmen gerechnet",
        "computed from balance and measures",
    )
    ENTERED = "entered", "eingetragen", "entered"


class PathKind(Labelled):
    LINEAR = "linear", "gleichmäßig", "linear"
    STEPPED = "stepped", "in Stufen", "stepped"
    LAW = "law", "nach Bundes-Klimaschutzgesetz", "by the Federal Climate Change Act"
    BUDGET = "budget", "nach Restbudget", "by carbon budget"


class Evidence(Labelled):
    """How well a saving is shown; the letters of the measures service."""

    A = "A", "gemessen", "measured"
    B = "B", "aus Messwerten abgeleitet", "derived from measurements"
    C = "C", "überschlägig mit Kennwert", "estimated with a ratio"
    D = "D", "Annahme", "assumption"


class Conclusion(Labelled):
    """What an evaluation concludes."""

    CONTINUE = "continue", "fortführen", "continue"
    ADJUST = "adjust", "anpassen", "adjust"
    STOP = "stop", "beenden", "stop"


class Assessment(Labelled):
    """How the person responsible judges the progress; the words of the measures service."""

    ON_TRACK = "on_track", "im Plan", "on track"
    AT_RISK = "at_risk", "gefährdet", "at risk"
    LATE = "late", "verspätet", "late"


class BudgetStage(Labelled):
    CONCEPT = "planned_concept", "geplant (Konzept)", "planned (concept)"
    BUDGET = "planned_budget", "geplant (Haushalt)", "planned (budget)"
    SUPPLEMENT = "planned_supplement", "geplant (Nachtrag)", "planned (supplement)"
    COMMITTED = "committed", "gebunden", "committed"
    SPENT = "spent", "ausgegeben", "spent"


class CostKind(Labelled):
    INVESTMENT = "investment", "Investition", "Investment"
    MATERIAL = "material", "Sachkosten", "Material"
    STAFF = "staff", "Personal", "Staff"
    EXTERNAL = "external", "Fremdleistung", "External services"


class DeliveryKind(Labelled):
    BALANCE = "balance", "Energie- und Treibhausgasbilanz", "Energy and greenhouse-gas balance"
    ENERGY_DATA = "energy_data", "Energiedaten", "Energy data"
    PROGRESS = "progress", "Fortschrittsbericht", "Progress report"
    POLITICS = "politics", "Bericht an die Politik", "Report to the council"
    INDICATOR = "indicator", "Indikator", "Indicator"


class CycleStage(Labelled):
    PLAN = "plan", "Planen", "Plan"
    DO = "do", "Umsetzen", "Do"
    CHECK = "check", "Prüfen", "Check"
    ACT = "act", "Nachsteuern", "Act"


class Severity(Labelled):
    NOTE = "note", "Hinweis", "Note"
    DEVIATION = "deviation", "Abweichung", "Deviation"
    MAJOR = "major", "schwere Abweichung", "Major deviation"


class ReportState(Labelled):
    DRAFT = "draft", "Entwurf", "draft"
    APPROVED = "approved", "freigegeben", "approved"
    PUBLISHED = "published", "veröffentlicht", "published"
