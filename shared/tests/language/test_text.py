"""Messages in two languages: `Text` with the catalogue, `Label` with both wordings in place."""

from klima_shared.codes.energy import Carrier
from klima_shared.language.catalogue import german, read
from klima_shared.language.text import Label, Text


def test_a_message_has_its_german_wording_from_the_catalogue() -> None:
    text = Text("The year {shown} is not between {first_year} and {last_year}.")
    text = text.fill(shown=1492, first_year=1990, last_year=2100)
    assert text.en == text.get("en") == "The year 1492 is not between 1990 and 2100."
    assert text.de == text.get("de") == "Das Jahr 1492 liegt nicht zwischen 1990 und 2100."


def test_values_with_two_languages_are_written_in_the_language_of_the_message() -> None:
    text = Text(
        '"{shown}" is no region key; {expected}.', shown="{x}", expected=Label("so", "thus")
    )
    assert (text.de, text.en) == (
        "„{x}“ ist kein Regionalschlüssel; so.",
        '"{x}" is no region key; thus.',
    )
    key = Text("Not valid JSON: {error}.", error=Carrier.ELECTRICITY)
    assert (key.de, key.en) == ("Kein gültiges JSON: Strom.", "Not valid JSON: Electricity.")
    word = Text("Not valid JSON: {error}.", error=Carrier.ELECTRICITY.value)
    assert word.de == "Kein gültiges JSON: electricity."


def test_braces_without_values_are_text() -> None:
    assert Label('{"a": 1}', "{b}").get("en") == "{b}"
    assert Text('{"a": 1}').en == '{"a": 1}'
    assert Text("A brace {{ and {value}.", value="}").en == "A brace { and }."


def test_a_message_without_entry_stays_english() -> None:
    assert german("Nobody translated this.") == "Nobody translated this."


def test_texts_are_equal_by_their_wordings() -> None:
    assert Text("This value is missing.") == Label("Diese Angabe fehlt.", "This value is missing.")
    assert len({Text("This value is missing."), Text("This value is missing.")}) == 1


def test_the_catalogue_has_no_empty_wording() -> None:
    assert all(read("klima_shared").values())
