"""What the domain expects, in German: its errors are said in English, with few words."""

from __future__ import annotations

_GERMAN = (
    ("one of ", "eines von "),
    ("none for this kind", "bei dieser Art gibt es keine"),
    ("no lever", "kein Hebel"),
    ("a year after its from_year", "ein Jahr nach seinem from_year"),
    ("a year after the base year", "ein Jahr nach dem Basisjahr"),
    ("the base year", "das Basisjahr"),
    (" or later", " oder später"),
    ("a finite number", "eine endliche Zahl"),
    ("a share from", "ein Anteil von"),
    ("a share above 0 and up to 1", "ein Anteil über 0 bis 1"),
    (" to ", " bis "),
    ("at least", "mindestens"),
    ("at most 1 of", "höchstens 1 (alles) von"),
    ("at most", "höchstens"),
    (" with ", " zusammen mit "),
    ("rows that take away höchstens the whole", "Zeilen, die höchstens alles wegnehmen"),
    ("one factor path per carrier", "ein Faktorpfad je Energieträger"),
    (" is one", " ist schon einer"),
    ("one kind for all its rows, here", "eine Art für alle Zeilen, hier"),
    ("more than", "mehr als"),
    ("carriers and a target", "Energieträger (carriers) und Ziel (target)"),
    (" or more", " oder mehr"),
    (" years", " Jahre"),
    (
        "another carrier than the one it comes from, and a ratio above 0",
        "ein anderer Energieträger und ein ratio über 0",
    ),
    ("a percentage from", "ein Prozentwert von"),
    (" of ", " von "),
    ("a year from", "ein Jahr von"),
    (" a year", " im Jahr"),
    ("a scenario on the same balance", "ein Szenario auf derselben Bilanz"),
    ("a number from", "eine Zahl von"),
)


def german(expected: str) -> str:
    """The expectation of a domain error in German."""
    for english, words in _GERMAN:
        expected = expected.replace(english, words)
    return expected
