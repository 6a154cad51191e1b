"""The rules of spells, told as stories: what ends a qualification, and how a lead comes back."""

import pytest
from tests.engine.lifecycle.stories import (
    MQL,
    RAISES,
    STUDENT,
    VP,
    asked_for_demo,
    event,
    expect,
    fact,
    on,
    outcome,
    spells_of,
    tell,
    viewed_prices,
)

# -- outcomes that end ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rejected", "recycled", "disqualified", "bad_data", "won", "lost"])
def test_six_outcomes_end_a_spell_without_a_word_about_it(name: str) -> None:
    assert spells_of(MQL, on("Mon 09:00", viewed_prices), on("Mon 17:00", outcome(name))) == [
        f"mql from 2 Mar 09:00 to 2 Mar 17:00, outcome: {name}"
    ]


@pytest.mark.parametrize("name", ["accepted", "opportunity", "churned", "evangelist", "reinstated", "snoozed"])
def test_other_outcomes_end_none(name: str) -> None:
    tell(MQL, on("Mon 09:00", viewed_prices), on("Mon 17:00", outcome(name), expect("mql")))


def test_an_outcome_ends_what_a_raised_hand_still_holds() -> None:
    assert spells_of(
        RAISES + 'hand_raise_stay = "9d"\n',
        on("Mon 09:00", asked_for_demo),
        on("Tue 09:00", outcome("lost")),
        until="Fri 00:00",
    ) == ["mql from 2 Mar 09:00 by asked_for_demo to 3 Mar 09:00, outcome: lost"]


def test_a_playbook_may_say_that_an_outcome_does_not_end() -> None:
    tell(
        MQL + "[outcomes.won]\nends = false\n",
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome("won"), expect("mql")),
    )


def test_an_outcome_concerns_all_open_spells_unless_it_names_one() -> None:
    two = MQL + '[[qualifications]]\nid = "PQL"\nenter = "heat >= 10"\nstay = "heat >= 5"\n'
    both = [on("Mon 09:00", viewed_prices, expect("mql", "PQL"))]

    tell(two, *both, on("Mon 17:00", outcome("rejected"), expect()))
    spells, _ = tell(two, *both, on("Mon 17:00", outcome("rejected", qualification=" pql"), expect("mql")))
    assert [(spell.qualification, spell.outcome) for spell in spells] == [("mql", None), ("PQL", "rejected")]


def test_an_outcome_that_names_one_keeps_only_that_from_coming_back() -> None:
    two = MQL + '[[qualifications]]\nid = "pql"\nenter = "heat >= 10"\n'

    tell(
        two,
        on("Mon 09:00", event("other")),
        on("Mon 10:00", outcome("disqualified", qualification="pql")),
        on("Mon 11:00", viewed_prices, expect("mql")),
    )


def test_the_outcome_of_a_spell_is_the_last_that_was_reported_while_it_was_open() -> None:
    (spell,), _ = tell(
        MQL,
        on("Mon 08:00", outcome("reinstated")),
        on("Mon 09:00", viewed_prices),
        on("Mon 10:00", outcome("accepted")),
        on("Mon 11:00", outcome("opportunity")),
        on("Thu 09:00", expect()),
        on("Fri 09:00", outcome("won")),
    )

    assert (spell.outcome, spell.ended_by) == ("opportunity", "cooled")


def test_a_spell_that_an_outcome_ends_keeps_it_with_its_reason() -> None:
    (spell,), _ = tell(
        MQL, on("Mon 09:00", viewed_prices), on("Tue 09:00", outcome("recycled", reason="no-budget")), on("Wed 09:00")
    )

    assert (spell.ended_by, spell.ended_because, spell.outcome, spell.reason) == (
        "outcome",
        "recycled",
        "recycled",
        "no-budget",
    )


def test_five_endings_stay_different() -> None:
    excluded = MQL + STUDENT
    endings = [
        spells_of(excluded, on("Mon 09:00", viewed_prices), on("Mon 12:00", ending))[0].partition("to 2 Mar 12:00, ")[2]
        for ending in (
            outcome("rejected"),
            outcome("recycled"),
            outcome("disqualified"),
            fact("is_student", True),
            outcome("bad_data"),
        )
    ]

    assert endings == [
        "outcome: rejected",
        "outcome: recycled",
        "outcome: disqualified",
        "excluded: student",
        "outcome: bad_data",
    ]


# -- coming back ---------------------------------------------------------------------------------------------------------


def test_after_an_ending_it_does_not_come_back_by_itself_while_entering_stays_true() -> None:
    assert spells_of(
        VP, on("Mon 09:00", fact("seniority", "vp")), on("Mon 17:00", outcome("won")), until="+9d 09:00"
    ) == ["mql from 2 Mar 09:00 to 2 Mar 17:00, outcome: won"]


def test_after_an_ending_any_event_lets_it_come_back() -> None:
    assert spells_of(
        VP, on("Mon 09:00", fact("seniority", "vp")), on("Mon 17:00", outcome("won")), on("Wed 08:00", event("other"))
    ) == ["mql from 2 Mar 09:00 to 2 Mar 17:00, outcome: won", "mql from 4 Mar 08:00"]


def test_a_fact_is_no_event_and_brings_nobody_back() -> None:
    tell(
        VP,
        on("Mon 09:00", fact("seniority", "vp")),
        on("Mon 17:00", outcome("won")),
        on("Wed 08:00", fact("shoe_size", "44"), expect()),
    )


def test_an_event_of_the_moment_of_the_ending_lies_not_since() -> None:
    tell(
        VP,
        on("Mon 09:00", fact("seniority", "vp")),
        on("Mon 17:00", outcome("won"), event("other"), expect()),
        on("Tue 09:00", expect()),
    )


def test_after_an_ending_it_comes_back_without_an_event_once_entering_was_not_true() -> None:
    assert spells_of(
        VP,
        on("Mon 09:00", fact("seniority", "vp")),
        on("Mon 17:00", outcome("won")),
        on("Tue 09:00", fact("seniority", "junior")),
        on("Wed 09:00", fact("seniority", "vp")),
    ) == ["mql from 2 Mar 09:00 to 2 Mar 17:00, outcome: won", "mql from 4 Mar 09:00"]


def test_entering_that_was_not_true_at_the_ending_itself_is_enough() -> None:
    assert spells_of(
        MQL.replace("heat >= 10", "heat >= 7 and heat <> 7.5"),
        on("Mon 09:00", viewed_prices),
        on("Tue 09:00", outcome("closed")),
        on("Tue 10:00", viewed_prices),
    ) == ["mql from 2 Mar 09:00 to 3 Mar 09:00, outcome: closed", "mql from 3 Mar 10:00"]


def test_what_ended_at_a_moment_does_not_begin_again_at_that_moment() -> None:
    assert spells_of(
        RAISES + 'hand_raise_stay = "9d"\n',
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome("closed"), asked_for_demo, expect()),
        on("Mon 17:01", asked_for_demo, expect("mql")),
    ) == ["mql from 2 Mar 09:00 to 2 Mar 17:00, outcome: closed", "mql from 2 Mar 17:01 by asked_for_demo"]


def test_each_spell_has_its_number_and_all_are_of_one_lead() -> None:
    spells, _ = tell(
        MQL,
        *(
            on(f"Mon {hour:02}:00", *things)
            for hour, things in enumerate([(viewed_prices,), (outcome("closed"),)] * 4, start=9)
        ),
    )

    assert [(spell.lead_id, spell.number) for spell in spells] == [("ann", 1), ("ann", 2), ("ann", 3), ("ann", 4)]


# -- exclusions and consent -------------------------------------------------------------------------------------------------


def test_an_exclusion_ends_a_spell_and_is_named() -> None:
    assert spells_of(MQL + STUDENT, on("Mon 09:00", viewed_prices), on("Mon 12:00", fact("is_student", True))) == [
        "mql from 2 Mar 09:00 to 2 Mar 12:00, excluded: student"
    ]


def test_an_exclusion_ends_what_a_raised_hand_holds_and_no_hand_is_heard_during_it() -> None:
    tell(
        RAISES + 'hand_raise_stay = "9d"\n' + STUDENT,
        on("Mon 09:00", asked_for_demo),
        on("Mon 12:00", fact("is_student", True), expect()),
        on("Tue 09:00", asked_for_demo, expect()),
        on("Wed 09:00", fact("is_student", False), expect()),
    )


def test_an_exclusion_ends_what_rests_on_a_raised_hand_alone() -> None:
    assert spells_of(
        RAISES + 'hand_raise_stay = "9d"\n' + STUDENT,
        on("Mon 09:00", asked_for_demo),
        on("Wed 12:00", fact("is_student", True)),
        until="+9d 00:00",
    ) == ["mql from 2 Mar 09:00 by asked_for_demo to 4 Mar 12:00, excluded: student"]


def test_the_end_of_an_exclusion_needs_a_new_entry_and_no_more() -> None:
    assert spells_of(
        MQL.replace('decay = { linear = "4d" }', "") + STUDENT,
        on("Mon 09:00", viewed_prices),
        on("Mon 12:00", fact("is_student", True)),
        on("Fri 12:00", fact("is_student", False)),
    )[1:] == ["mql from 6 Mar 12:00"]
    assert (
        spells_of(
            MQL + STUDENT,
            on("Mon 09:00", viewed_prices),
            on("Mon 12:00", fact("is_student", True)),
            on("Wed 12:00", fact("is_student", False)),  # staying would be true, entering is not
        )[1:]
        == []
    )


def test_a_spell_ends_with_the_consent() -> None:
    asked = '[playbook]\nname = "c"\ntimezone = "Europe/Berlin"\nneeds_consent = true\n' + MQL

    assert spells_of(
        asked,
        on("Mon 08:00", viewed_prices, expect()),
        on("Mon 09:00", fact("consent.scoring", "yes"), expect("mql")),
        on("Mon 12:00", fact("consent.scoring", "no"), expect()),
    ) == ["mql from 2 Mar 09:00 to 2 Mar 12:00, excluded: consent"]
