"""Climate action: fields, phases and states of measures, the light of a target."""

from typing import TYPE_CHECKING

from klima_shared import county
from klima_shared.codes.labelled import Labelled, members


class FieldOfAction(Labelled):
    """The fields of action in the order of the concept; the county's folder lists them."""

    if not TYPE_CHECKING:
        _ignore_ = ("name", "row")
        for name, row in members("fields_of_action.csv", county.folder()).items():
            vars()[name] = row


class Phase(Labelled):
    """Where a measure stands on its way; the last four are exits."""

    IDEA = "idea", "Idee", "idea"
    EXAMINED = "examined", "geprüft", "examined"
    DECIDED = "decided", "beschlossen", "decided"
    IN_PREPARATION = "in_preparation", "in Vorbereitung", "in preparation"
    IN_IMPLEMENTATION = "in_implementation", "in Umsetzung", "in implementation"
    COMPLETED = "completed", "abgeschlossen", "completed"
    MADE_PERMANENT = "made_permanent", "verstetigt", "made permanent"
    POSTPONED = "postponed", "zurückgestellt", "postponed"
    REJECTED = "rejected", "abgelehnt", "rejected"
    REPLACED = "replaced", "ersetzt", "replaced"
    MERGED = "merged", "zusammengeführt", "merged"


class MeasureStatus(Labelled):
    """How a measure does against its own plan."""

    NOT_STARTED = "not_started", "nicht begonnen", "not started"
    ON_TRACK = "on_track", "im Plan", "on track"
    AT_RISK = "at_risk", "gefährdet", "at risk"
    LATE = "late", "verspätet", "late"
    ACHIEVED = "achieved", "erreicht", "achieved"
    UNKNOWN = "unknown", "unbekannt", "unknown"


class Light(Labelled):
    """The traffic light of a target. `unknown` when data is missing or stale: never shown as
    reached."""

    GREEN = "green", "im Plan", "on track"
    YELLOW = "yellow", "gefährdet", "at risk"
    RED = "red", "deutlich neben dem Pfad", "clearly off the path"
    UNKNOWN = "unknown", "unbekannt", "unknown"
