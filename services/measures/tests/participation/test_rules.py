"""Pure rules of participation: references, texts, triage, prioritisation, workshops, the neutral
order."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klima_measures.base.model import texts
from klima_measures.base.rules import alphabetical_key
from klima_measures.participation import rules
from klima_measures.participation.model import ideas as references
from klima_measures.participation.model.codes import (
    Moderation,
    PrioritisationMethod,
    Triage,
    WorkshopState,
)
from klima_measures.participation.model.ideas import Standing
from klima_measures.participation.model.workshops import Tally
from klima_shared.language.errors import InputError


def test_a_reference_is_found_however_it_is_typed() -> None:
    reference = references.new_reference()
    assert references.canonical_reference(reference) == reference
    assert references.canonical_reference(f"  {reference.lower().replace('-', ' ')} ") == reference
    assert (
        references.canonical_reference(
            reference.removeprefix("KI-").replace("0", "O").replace("1", "l")
        )
        == reference
    )


@given(st.integers(0, 7), st.integers(1, 31))
def test_one_wrong_character_is_noticed(place: int, shift: int) -> None:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    body = references.new_reference().replace("KI-", "").replace("-", "")
    wrong = alphabet[(alphabet.index(body[place]) + shift) % 32]
    assert references.canonical_reference("KI" + body[:place] + wrong + body[place + 1 :]) is None


@pytest.mark.parametrize(
    "text", ["", "KI-", "KI-0000", "x" * 5000, "KI-ÄÄÄÄ-ÄÄÄÄ", "KI-٣٣٣٣-٣٣٣٣", "'; drop table"]
)
def test_what_is_no_reference(text: str) -> None:
    assert references.canonical_reference(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "schön < SCRIPT >x",
        '<img src=x onerror="alert(1)">',
        "<b>fett</b>",
        "<!-- heimlich -->",
        "klick: javascript:alert(1)",
        "null\x00byte",
        "verkehrt\u202eherum",
        "klingel\x07",
    ],
)
def test_markup_script_and_control_characters_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        texts.plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "Unter 100 € je m² (< 5 Jahre)",
        "wenn a<=b, dann b > a",
        "Zeile 1\nZeile 2",
        "Grüße 🌳",
        "5 < 6 > 4",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    assert texts.plain(text) == text


def test_text_is_composed_and_line_ends_are_one_kind() -> None:
    assert texts.plain(" Gru\u0308n\r\nund\rblau ") == "Grün\nund\nblau"


def test_advertising_is_refused() -> None:
    assert texts.without_advertising("Siehe https://a.example und www.b.example")
    with pytest.raises(InputError):
        texts.without_advertising("https://a.example " * 4)


def test_triage_sums_agree_with_the_number_of_ideas() -> None:
    accepted, merged, rejected, new = (
        Moderation.ACCEPTED,
        Moderation.MERGED,
        Moderation.REJECTED,
        Moderation.NEW,
    )
    found = rules.sums(
        [
            (Standing(accepted, Triage.MUNICIPAL), 5),
            (Standing(accepted, Triage.INTERMUNICIPAL), 3),
            (Standing(merged, None, Triage.INTERMUNICIPAL), 1),
            (Standing(rejected, None), 2),
            (Standing(accepted, None), 4),
            (Standing(new, None), 1),
            (Standing(merged, None, None), 1),
        ]
    )
    assert (found.municipal, found.intermunicipal, found.out_of_scope, found.undecided) == (
        5,
        4,
        2,
        6,
    )
    assert (
        found.ideas
        == 17
        == found.municipal + found.intermunicipal + found.out_of_scope + found.undecided
    )
    assert (found.new, found.accepted, found.merged, found.rejected) == (1, 12, 2, 2)


_standings = st.builds(
    Standing,
    st.sampled_from(Moderation),
    st.none() | st.sampled_from(Triage),
    st.none() | st.sampled_from(Triage),
)


@given(st.lists(st.tuples(_standings, st.integers(0, 1000))))
def test_no_idea_disappears_from_the_sums(counted: list[tuple[Standing, int]]) -> None:
    found = rules.sums(counted)
    handed_in = sum(count for _, count in counted)
    assert handed_in == found.ideas
    assert (
        handed_in == found.municipal + found.intermunicipal + found.out_of_scope + found.undecided
    )
    assert handed_in == found.new + found.accepted + found.merged + found.rejected


def test_dots_are_ranked_by_their_sum_and_equal_sums_share_a_rank() -> None:
    tallies = {"A": Tally(4, 9), "B": Tally(2, 12), "C": Tally(3, 9)}
    found = rules.ranking(PrioritisationMethod.DOTS, tallies, ["A", "B", "C", "D"])
    assert [(line.idea, line.rank, line.total) for line in found] == [
        ("B", 1, 12),
        ("A", 2, 9),
        ("C", 2, 9),
        ("D", 4, 0),
    ]


def test_scores_are_ranked_by_their_mean() -> None:
    tallies = {"A": Tally(10, 30), "B": Tally(2, 9), "C": Tally(4, 12)}
    found = rules.ranking(PrioritisationMethod.SCORE, tallies, [])
    assert [(line.idea, line.rank, line.mean) for line in found] == [
        ("B", 1, 4.5),
        ("A", 2, 3.0),
        ("C", 3, 3.0),
    ]


@pytest.mark.parametrize(
    ("method", "value"),
    [("dots", 0), ("yes_no", 2), ("score", 0), ("score", 6), ("dots", -1), ("yes_no", -1)],
)
def test_a_value_the_method_does_not_know_is_refused(method: str, value: int) -> None:
    with pytest.raises(InputError):
        rules.check_vote(PrioritisationMethod(method), value, 1)


def test_a_workshop_is_delivered_by_its_package_only() -> None:
    for state in WorkshopState:
        reachable = rules.next_workshop_states(state)
        assert not reachable & {WorkshopState.DELIVERED, WorkshopState.ACKNOWLEDGED}
        assert state not in reachable
    assert rules.next_workshop_states(WorkshopState.DELIVERED) == frozenset()


def test_only_intermunicipal_ideas_enter_the_countys_concept() -> None:
    assert rules.may_link(Triage.INTERMUNICIPAL, intermunicipal_measure=True)
    assert not rules.may_link(Triage.MUNICIPAL, intermunicipal_measure=True)
    assert rules.may_link(Triage.MUNICIPAL, intermunicipal_measure=False)
    assert not rules.may_link(Triage.OUT_OF_SCOPE, intermunicipal_measure=False)
    assert not rules.may_link(None, intermunicipal_measure=False)


def test_ninety_days_to_an_answer() -> None:
    assert rules.answer_due(datetime(2026, 1, 1, tzinfo=UTC), 90) == datetime(
        2026, 4, 1, tzinfo=UTC
    )


def test_the_neutral_order_is_that_of_the_dictionary() -> None:
    names = [
        "Zimmerei Abel",
        "Öko-Haus",
        "oekotherm",
        "ÄRA GmbH",
        "Arbeit & Klima",
        "Straße 7",
        "Strasse 8",
        "Bau",
    ]
    assert sorted(names, key=alphabetical_key) == [
        "ÄRA GmbH",
        "Arbeit & Klima",
        "Bau",
        "oekotherm",
        "Öko-Haus",
        "Straße 7",
        "Strasse 8",
        "Zimmerei Abel",
    ]
