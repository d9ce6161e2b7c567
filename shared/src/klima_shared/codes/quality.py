"""How good a figure is: grade, status and certainty, and what a balance is worth by them."""

from klima_shared.codes.labelled import Labelled


class Grade(Labelled):
    """Data quality of an activity (Datengüte), best first."""

    A = "A", "gemessen oder vom Versorger geliefert", "metered or delivered by the supplier"
    B = "B", "hochgerechnete regionale Primärdaten", "extrapolated regional primary data"
    C = "C", "regionale Kennwerte und Statistiken", "regional statistics"
    D = "D", "bundesweite Kennzahlen", "national figures"

    @property
    def weight(self) -> float:
        """Its weight in the data quality of a sum: the energy-weighted mean over all cells."""
        return _GRADE_WEIGHTS[self.value]


_GRADE_WEIGHTS = {"A": 1.0, "B": 0.5, "C": 0.25, "D": 0.0}


class ActivityStatus(Labelled):
    """How a figure came to be. `missing` is what a cell without an entry is; it is never the number
    0."""

    MEASURED = "measured", "gemessen", "measured"
    ESTIMATED = "estimated", "geschätzt", "estimated"
    CONFIRMED_ZERO = "confirmed_zero", "bestätigt null", "confirmed zero"
    MISSING = "missing", "keine Angabe", "no data"


class Certainty(Labelled):
    """How far a value of the method can be trusted.

    A value carried from another year keeps the certainty of its source: that it was carried, and
    from which year, is a second statement beside this one.
    """

    VERIFIED = "verified", "belegt", "verified"
    DERIVED = "derived", "abgeleitet", "derived"
    PROVISIONAL = "provisional", "vorläufig", "provisional"
    UNVERIFIED_HIGH = (
        "unverified_high",
        "ungeprüft, wahrscheinlich richtig",
        "unverified, probably right",
    )
    UNVERIFIED_MEDIUM = "unverified_medium", "ungeprüft, unsicher", "unverified, uncertain"
    UNVERIFIED_LOW = "unverified_low", "ungeprüft, sehr unsicher", "unverified, very uncertain"

    @property
    def showable(self) -> bool:
        """Whether the value may be shown as it is, without a mark."""
        return self in {Certainty.VERIFIED, Certainty.DERIVED}


class ConformityState(Labelled):
    """The stored assessment of a balance against the BISKO rules; an assessment, not a
    certificate."""

    CONFORMANT = "conformant", "BISKO-konform", "conforms to BISKO"
    NON_CONFORMANT = "non_conformant", "nicht BISKO-konform", "does not conform to BISKO"
    INCOMPLETE = "incomplete", "unvollständig", "incomplete"
