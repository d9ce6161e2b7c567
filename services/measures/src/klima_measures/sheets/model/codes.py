"""The words of a measure sheet that only this service knows: code lists with German and English
labels."""

from typing import Final

from klima_shared.codes.labelled import Labelled
from klima_shared.language.text import Label, Text


class Audience(Labelled):
    """For whom a view of a sheet is: the world, or those who work on it."""

    PUBLIC = "public", "öffentlich", "public"
    INTERNAL = "internal", "intern", "internal"


class Level(Labelled):
    """Where a measure acts."""

    COUNTY = "county", "Kreisgebiet", "County"
    ORGANISATION = "organisation", "Konzern", "Organisation"
    MUNICIPALITY = "municipality", "Kommune", "Municipality"


class MeasureType(Labelled):
    REGULATION = "regulation", "Ordnungsrecht", "Regulation"
    FUNDING = "funding", "Förderung", "Funding"
    TECHNICAL = "technical", "technische Maßnahme", "Technical"
    PUBLIC_RELATIONS = "public_relations", "Öffentlichkeitsarbeit", "Public relations"
    NETWORKING = "networking", "Vernetzung", "Networking"
    EDUCATION = "education", "Bildung", "Education"
    PLANNING = "planning", "Planung", "Planning"
    ORGANISATION = "organisation", "Organisation", "Organisation"


class Influence(Labelled):
    """By what a municipality brings the measure about."""

    CONSUME = "consume", "Verbrauchen und Vorbild sein", "Consume and lead by example"
    SUPPLY = "supply", "Versorgen und Anbieten", "Supply"
    REGULATE = "regulate", "Planen und Regulieren", "Plan and regulate"
    ADVISE = "advise", "Beraten und Motivieren", "Advise and motivate"


class Precision(Labelled):
    """How exactly the dates of a sheet are meant."""

    DAY = "day", "Tag", "Day"
    MONTH = "month", "Monat", "Month"
    QUARTER = "quarter", "Quartal", "Quarter"
    YEAR = "year", "Jahr", "Year"


class Horizon(Labelled):
    """Einführung: how soon after the concept a measure begins."""

    SHORT = "short", "kurzfristig (bis 3 Jahre)", "short term (up to 3 years)"
    MEDIUM = "medium", "mittelfristig (3 bis 7 Jahre)", "medium term (3 to 7 years)"
    LONG = "long", "langfristig (über 7 Jahre)", "long term (over 7 years)"


class StepState(Labelled):
    OPEN = "open", "offen", "open"
    RUNNING = "running", "läuft", "running"
    DONE = "done", "erledigt", "done"
    DROPPED = "dropped", "entfallen", "dropped"


class MilestoneState(Labelled):
    OPEN = "open", "offen", "open"
    DONE = "done", "erreicht", "reached"


class CostKind(Labelled):
    INVESTMENT = "investment", "Investition", "Investment"
    MATERIAL = "material", "Sachkosten", "Material"
    STAFF = "staff", "Personal", "Staff"
    EXTERNAL = "external", "externe Leistungen", "External services"


class Payer(Labelled):
    MUNICIPALITY = "municipality", "Kommune", "Municipality"
    COUNTY = "county", "Kreis", "County"
    STATE = "state", "Land", "State"
    FEDERAL = "federal", "Bund", "Federal government"
    EU = "eu", "Europäische Union", "European Union"
    THIRD = "third", "Dritte", "Third parties"


class Evidence(Labelled):
    """How an amount or a saving is known."""

    A = "A", "gemessen oder veröffentlicht", "measured or published"
    B = "B", "abgeleitet aus Veröffentlichung", "derived from a publication"
    C = "C", "überschlägig mit Kennwert", "rough, by a typical value"
    D = "D", "freie Annahme", "free assumption"


class Likelihood(Labelled):
    LOW = "low", "niedrig", "low"
    MEDIUM = "medium", "mittel", "medium"
    HIGH = "high", "hoch", "high"


class FundingState(Labelled):
    IDEA = "idea", "Idee", "idea"
    APPLIED = "applied", "beantragt", "applied for"
    GRANTED = "granted", "bewilligt", "granted"
    DRAWN = "drawn", "abgerufen", "drawn"


class Criterion(Labelled):
    """What a measure is assessed by; the weights are in `derived.WEIGHTS`."""

    SAVING = "saving", "Einsparung", "Saving"
    COST_PER_TONNE = "cost_per_tonne", "Kosten je Tonne", "Cost per tonne"
    FEASIBILITY = "feasibility", "Umsetzbarkeit", "Feasibility"
    INFLUENCE = "influence", "Einfluss der Kommune", "Influence of the municipality"
    VISIBILITY = "visibility", "Sichtbarkeit", "Visibility"
    LOCAL_VALUE = "local_value", "regionale Wertschöpfung", "Local value"


class Priority(Labelled):
    VERY_HIGH = "very_high", "sehr hoch", "very high"
    HIGH = "high", "hoch", "high"
    MEDIUM = "medium", "mittel", "medium"
    LOW = "low", "niedrig", "low"


class LinkKind(Labelled):
    DEPENDS_ON = "depends_on", "setzt voraus", "depends on"
    ACCOMPANIES = "accompanies", "flankiert", "accompanies"
    SUPERSEDES = "supersedes", "ersetzt", "supersedes"
    MERGED_INTO = "merged_into", "aufgegangen in", "merged into"

    @property
    def directed(self) -> bool:
        """Whether a circle of such links would be a contradiction; two measures may accompany each
        other."""
        return self is not LinkKind.ACCOMPANIES

    @property
    def binding(self) -> bool:
        """Whether such a link says something about the other measure's fate, and so is not made or
        taken away without it."""
        return self in {LinkKind.SUPERSEDES, LinkKind.MERGED_INTO}

    def seen(self, *, incoming: bool) -> Text:
        """What the other measure is to this one; `incoming`: the other one links to this one."""
        return _INCOMING.get(self, Label(self.de, self.en)) if incoming else Label(self.de, self.en)


_INCOMING: Final = {
    LinkKind.DEPENDS_ON: Label("Voraussetzung für", "needed by"),
    LinkKind.SUPERSEDES: Label("ersetzt durch", "superseded by"),
    LinkKind.MERGED_INTO: Label("nimmt auf", "takes up"),
}


class OriginKind(Labelled):
    CONCEPT = "concept", "Konzept", "Concept"
    WORKSHOP_IDEA = "workshop_idea", "Idee aus einer Klimawerkstatt", "Idea from a workshop"
    MOTION = "motion", "politischer Antrag", "Motion"
    PROPOSAL = "proposal", "Vorschlag", "Proposal"
    EXAMPLE = "example", "Beispiel", "Example"


class Editorial(Labelled):
    DRAFT = "draft", "Entwurf", "draft"
    IN_REVIEW = "in_review", "in Prüfung", "in review"
    PUBLISHED = "published", "veröffentlicht", "published"
    ARCHIVED = "archived", "archiviert", "archived"


class ReportedStatus(Labelled):
    """What a short report says about the course of a measure."""

    ON_TRACK = "on_track", "im Plan", "on track"
    AT_RISK = "at_risk", "gefährdet", "at risk"
    LATE = "late", "verspätet", "late"
