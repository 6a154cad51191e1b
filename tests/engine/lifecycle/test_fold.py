"""The rules of spells, told as stories: every sentence of docs/time.md about when a qualification begins, holds, ends and comes back."""

import pytest
from tests.engine.lifecycle.stories import (
    asked_for_demo,
    company_fact,
    event,
    expect,
    fact,
    on,
    outcome,
    received,
    spells_of,
    tell,
    viewed_prices,
)

PRICES = """
[scores.heat]
min = 0
grades = { 1 = 10, 2 = 5, 3 = 0 }
[[criteria]]
id = "prices"
score = "heat"
why = "Looked at prices"
event = "viewed_prices"
points = 10
decay = { linear = "4d" }
max = 10
[outcomes.snoozed]
quiet = "2d"
[outcomes.closed]
ends = true
"""
"""Ten points on the day of a look at prices, then 7.5, 5, 2.5 and none."""

MQL = PRICES + '[[qualifications]]\nid = "mql"\nenter = "heat >= 10"\nstay = "heat >= 5"\n'
RAISES = MQL + 'hand_raise = "asked_for_demo"\n'
VP = '[fields]\nseniority = { type = "text" }\n[scores.fit]\n[[qualifications]]\nid = "mql"\nenter = "seniority = \'vp\'"\n'
STUDENT = '[fields]\nis_student = { type = "boolean" }\n[[exclusions]]\nid = "student"\nwhen = "is_student"\n'


# -- when it begins -----------------------------------------------------------------------------------------------


def test_a_qualification_begins_at_the_very_microsecond_of_the_event_that_fulfils_it() -> None:
    assert spells_of(
        MQL,
        on("Mon 08:59:59.999999", event("other"), expect()),
        on("Mon 09:00:00.000001", viewed_prices, expect("mql")),
    ) == ["mql from 2 Mar 09:00:00.000001"]


def test_what_happens_in_one_microsecond_is_judged_together() -> None:
    both = (
        MQL.replace('"heat >= 10"', "\"heat >= 10 and seniority = 'vp'\"") + '[fields]\nseniority = { type = "text" }\n'
    )

    assert spells_of(both, on("Mon 09:00", viewed_prices, fact("seniority", "vp"))) == ["mql from 2 Mar 09:00"]


def test_it_begins_at_a_fact_when_that_is_what_was_wanting() -> None:
    assert spells_of(VP, on("Mon 09:00", event("other"), expect()), on("Wed 14:30", fact("seniority", "vp"))) == [
        "mql from 4 Mar 14:30"
    ]


def test_it_begins_at_the_start_of_the_day_on_which_a_penalty_has_faded_enough() -> None:
    penalty = (
        '[[criteria]]\nid = "left"\nscore = "heat"\nwhy = "w"\nevent = "left"\npoints = -4\ndecay = { linear = "4d" }\n'
    )
    lasting = MQL.replace('decay = { linear = "4d" }\nmax = 10', "").replace("heat >= 10", "heat >= 8") + penalty

    assert spells_of(lasting, on("Mon 09:00", viewed_prices, event("left"), expect()), until="+3d 00:00") == [
        "mql from 4 Mar 00:00"
    ]


def test_a_lead_of_which_nothing_is_dated_is_assessed_at_the_end_alone() -> None:
    assert spells_of(VP, on("Thu 17:00"), lead={"seniority": "vp"}) == ["mql from 5 Mar 17:00"]


def test_a_lead_begins_with_the_first_dated_thing_of_its_own_and_not_of_its_company() -> None:
    company = '[fields]\n"company.size" = { type = "number" }\n[scores.fit]\n[[qualifications]]\nid = "mql"\nenter = "company.size > 10"\n'

    assert spells_of(
        company, on("Mon 09:00", company_fact("size", 50.0)), on("Wed 09:00", event("other"), expect("mql"))
    ) == ["mql from 4 Mar 09:00"]


def test_a_fact_of_the_company_changes_the_lead_at_its_moment() -> None:
    company = '[fields]\n"company.size" = { type = "number" }\n[scores.fit]\n[[qualifications]]\nid = "mql"\nenter = "company.size > 10"\n'

    assert spells_of(
        company,
        on("Mon 09:00", event("other"), expect()),
        on("Tue 10:15", company_fact("size", 50.0)),
        on("Thu 11:45", company_fact("size", 5.0)),
    ) == ["mql from 3 Mar 10:15 to 5 Mar 11:45, cooled"]


def test_bots_begin_nothing_raise_no_hand_and_bring_nobody_back() -> None:
    bot = event("asked_for_demo", is_bot=True)

    assert spells_of(VP, on("Mon 09:00", bot), on("Tue 09:00", event("other")), lead={"seniority": "vp"}) == [
        "mql from 3 Mar 09:00"
    ]
    tell(RAISES, on("Mon 09:00", event("other")), on("Tue 09:00", bot, fact("shoe_size", "44"), expect()))
    tell(RAISES, on("Mon 09:00", asked_for_demo), on("Mon 09:05", bot), on("Mon 10:00", expect("mql")))
    tell(
        VP,
        on("Mon 09:00", fact("seniority", "vp")),
        on("Mon 17:00", outcome("won")),
        on("Tue 09:00", bot, fact("shoe_size", "44"), expect()),
        on("Wed 09:00", event("other"), expect("mql")),
    )


def test_a_spell_keeps_what_was_true_when_it_began() -> None:
    (spell,), _ = tell(
        '[playbook]\nname = "graded"\ntimezone = "Europe/Berlin"\ngrade = ["heat"]\n' + MQL,
        on("Mon 09:00", viewed_prices),
        on("Fri 09:00"),
    )

    assert spell.evidence is not None
    assert spell.evidence.scores == {"heat": 100_000}
    assert spell.evidence.grade == "1"
    assert spell.evidence.contributions == {"prices": 100_000}


# -- how long it holds ---------------------------------------------------------------------------------------------


def test_decay_lets_it_cool_at_a_midnight() -> None:
    assert spells_of(
        MQL,
        on("Mon 09:00", viewed_prices),
        on("Wed 23:59", expect("mql")),
        on("Thu 00:00", expect()),
    ) == ["mql from 2 Mar 09:00 to 5 Mar 00:00, cooled"]


def test_the_easier_condition_keeps_a_lead_and_does_not_let_one_in() -> None:
    drop = '[[criteria]]\nid = "left"\nscore = "heat"\nwhy = "w"\nevent = "left"\npoints = -3\nwithin = "1d"\n'

    assert spells_of(MQL + drop, on("Mon 09:00", viewed_prices, event("left"), expect()), until="Wed 09:00") == []
    assert spells_of(MQL + drop, on("Mon 09:00", viewed_prices), on("Mon 10:00", event("left"), expect("mql"))) == [
        "mql from 2 Mar 09:00"
    ]


def test_without_an_easier_condition_it_ends_when_entering_is_not_true() -> None:
    assert spells_of(MQL.replace('stay = "heat >= 5"\n', ""), on("Mon 09:00", viewed_prices), until="Fri 00:00") == [
        "mql from 2 Mar 09:00 to 3 Mar 00:00, cooled"
    ]


def test_it_ends_when_what_it_rests_on_becomes_unknown() -> None:
    assert spells_of(VP, on("Mon 09:00", fact("seniority", "vp")), on("Tue 09:00", fact("seniority", None))) == [
        "mql from 2 Mar 09:00 to 3 Mar 09:00, cooled"
    ]


# -- raising a hand -----------------------------------------------------------------------------------------------------


def test_a_hand_raise_enters_at_once_and_is_named() -> None:
    assert spells_of(RAISES, on("Mon 09:00", asked_for_demo, expect("mql"))) == [
        "mql from 2 Mar 09:00 by asked_for_demo"
    ]


def test_a_hand_raise_of_the_moment_is_why_it_began_even_where_entering_is_true() -> None:
    assert spells_of(RAISES, on("Mon 09:00", asked_for_demo, viewed_prices)) == [
        "mql from 2 Mar 09:00 by asked_for_demo"
    ]


def test_a_momentary_hand_raise_ends_at_the_next_moment_whatever_that_is() -> None:
    assert spells_of(RAISES, on("Mon 09:00", asked_for_demo), on("Mon 09:05", fact("shoe_size", "44"))) == [
        "mql from 2 Mar 09:00 by asked_for_demo to 2 Mar 09:05, cooled"
    ]
    assert spells_of(RAISES, on("Mon 09:00", asked_for_demo), until="Thu 00:00") == [
        "mql from 2 Mar 09:00 by asked_for_demo to 3 Mar 00:00, cooled"
    ]


def test_a_momentary_hand_raise_holds_on_where_staying_is_true_by_then() -> None:
    assert spells_of(RAISES, on("Mon 09:00", asked_for_demo), on("Mon 09:05", viewed_prices), until="Thu 00:00") == [
        "mql from 2 Mar 09:00 by asked_for_demo to 5 Mar 00:00, cooled"
    ]


def test_a_second_momentary_hand_raise_at_the_next_moment_keeps_the_spell() -> None:
    assert spells_of(RAISES, on("Mon 09:00", asked_for_demo), on("Mon 09:05", asked_for_demo), until="Thu 00:00") == [
        "mql from 2 Mar 09:00 by asked_for_demo to 3 Mar 00:00, cooled"
    ]


def test_a_hand_raise_holds_for_as_long_as_is_written() -> None:
    assert spells_of(
        RAISES + 'hand_raise_stay = "3d"\n',
        on("Mon 09:00", asked_for_demo),
        on("Wed 23:59", expect("mql")),
        until="+2d 00:00",
    ) == ["mql from 2 Mar 09:00 by asked_for_demo to 5 Mar 00:00, cooled"]


def test_a_hand_raise_during_a_spell_makes_it_hold_anew() -> None:
    assert spells_of(
        RAISES + 'hand_raise_stay = "3d"\n',
        on("Mon 09:00", viewed_prices),
        on("Wed 09:00", asked_for_demo),
        until="+9d 00:00",
    ) == ["mql from 2 Mar 09:00 to 7 Mar 00:00, cooled"]


def test_a_hand_raise_from_before_the_spell_holds_nothing() -> None:
    assert spells_of(
        RAISES.replace('stay = "heat >= 5"\n', "") + 'hand_raise_stay = "9d"\n',
        on("Mon 09:00", outcome("disqualified")),
        on("Mon 10:00", asked_for_demo, expect()),
        on("Mon 11:00", outcome("reinstated")),
        on("Tue 09:00", viewed_prices),
        until="+9d 00:00",
    ) == ["mql from 3 Mar 09:00 to 4 Mar 00:00, cooled"]


def test_a_hand_raise_from_the_spell_before_holds_nothing() -> None:
    assert spells_of(
        RAISES.replace('stay = "heat >= 5"\n', "") + 'hand_raise_stay = "9d"\n',
        on("Mon 09:00", asked_for_demo),
        on("Mon 10:00", outcome("closed")),
        on("Tue 09:00", viewed_prices),
        until="+9d 00:00",
    ) == [
        "mql from 2 Mar 09:00 by asked_for_demo to 2 Mar 10:00, outcome: closed",
        "mql from 3 Mar 09:00 to 4 Mar 00:00, cooled",
    ]


def test_of_two_hands_at_one_moment_the_first_in_the_playbook_is_named() -> None:
    two = RAISES.replace('"asked_for_demo"', '["called", "asked_for_demo"]')

    assert spells_of(two, on("Mon 09:00", asked_for_demo, event("called"))) == ["mql from 2 Mar 09:00 by called"]


def test_a_hand_is_raised_for_those_qualifications_that_name_it() -> None:
    two = (
        RAISES + '[[qualifications]]\nid = "pql"\nenter = "heat > 100"\nhand_raise = ["signed_up", "asked_for_demo"]\n'
    )

    tell(
        two,
        on("Mon 09:00", event("signed_up"), expect("pql")),
        on("Tue 09:00", asked_for_demo, expect("mql", "pql")),
        on("Wed 09:00", asked_for_demo, event("signed_up"), expect("mql", "pql")),
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


# -- quiet times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["recycled", "rejected"])
def test_after_recycled_and_rejected_nothing_begins_during_the_cooldown(name: str) -> None:
    assert spells_of(
        MQL + 'cooldown = "3d"\n',
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome(name)),
        on("Wed 12:00", viewed_prices, expect()),
        on("Wed 23:59:59.999999", expect()),
        on("Fri 12:00", viewed_prices),
    )[1:] == ["mql from 5 Mar 00:00"]


def test_after_the_cooldown_it_begins_with_the_day_where_entering_is_true() -> None:
    lasting = MQL.replace('decay = { linear = "4d" }', "")

    assert spells_of(
        lasting + 'cooldown = "3d"\n',
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome("recycled")),
        on("Tue 12:00", viewed_prices),
        until="+9d 00:00",
    )[1:] == ["mql from 5 Mar 00:00"]


@pytest.mark.parametrize("name", ["won", "lost", "closed"])
def test_other_endings_have_no_cooldown(name: str) -> None:
    tell(
        MQL + 'cooldown = "30d"\n',
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome(name)),
        on("Mon 18:00", viewed_prices, expect("mql")),
    )


def test_the_quiet_time_of_the_outcome_goes_before_the_cooldown() -> None:
    quiet = MQL + 'cooldown = "9d"\n[outcomes.recycled]\nquiet = "1d"\n'

    assert spells_of(
        quiet,
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome("recycled")),
        on("Mon 18:00", event("other"), expect()),
        on("Tue 08:00", viewed_prices),
    )[1:] == ["mql from 3 Mar 08:00"]


def test_the_quiet_time_of_the_reason_goes_before_that_of_the_outcome() -> None:
    reasons = (
        '[[outcomes.recycled.reasons]]\nid = "No-Budget"\nquiet = "2d"\n[[outcomes.recycled.reasons]]\nid = "plain"\n'
    )
    quiet = MQL + 'cooldown = "9d"\n[outcomes.recycled]\nquiet = "1d"\n' + reasons

    def back_at(reason: str | None) -> list[str]:
        return spells_of(
            quiet,
            on("Mon 09:00", viewed_prices),
            on("Mon 17:00", outcome("recycled", reason=reason)),
            on("Tue 08:00", viewed_prices),
            on("Wed 00:00"),
        )[1:]

    assert back_at("no-budget") == ["mql from 4 Mar 00:00"]
    assert back_at("plain") == back_at("other") == back_at(None) == ["mql from 3 Mar 08:00"]


def test_any_outcome_may_have_a_quiet_time_also_where_nothing_was_open() -> None:
    assert spells_of(
        MQL,
        on("Mon 09:00", outcome("snoozed")),
        on("Mon 10:00", viewed_prices, expect()),
        on("Wed 08:00", viewed_prices),
    ) == ["mql from 4 Mar 08:00"]


def test_of_several_quiet_times_the_latest_end_counts() -> None:
    quiet = MQL + 'cooldown = "9d"\n'
    first, second = on("Mon 09:00", outcome("recycled")), on("Mon 10:00", outcome("snoozed"))

    for steps in ((first, second), (on("Mon 09:00", outcome("snoozed")), on("Mon 10:00", outcome("recycled")))):
        tell(quiet, *steps, on("Thu 09:00", viewed_prices, expect()), on("Wed 09:00", viewed_prices, expect("mql")))


def test_quiet_times_are_counted_in_local_days_over_a_change_of_the_clock() -> None:
    lasting = MQL.replace('decay = { linear = "4d" }', "") + 'cooldown = "2d"\n'

    assert spells_of(
        lasting,
        on("Fri 09:00", event("other")),
        on("+22d 23:30", viewed_prices),  # Saturday, 28 March; on Sunday the clock goes forward
        on("+0d 23:45", outcome("recycled")),
        on("Sun 12:00", viewed_prices, expect()),
        on("Sun 23:59:59.999999", expect()),
        on("Mon 00:00", expect("mql")),
    ) == ["mql from 28 Mar 23:30 to 28 Mar 23:45, outcome: recycled", "mql from 30 Mar 00:00"]


def test_a_hand_raise_lifts_a_cooldown_that_began_earlier() -> None:
    assert spells_of(
        RAISES + 'cooldown = "30d"\n',
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome("rejected")),
        on("Tue 09:00", asked_for_demo, expect("mql")),
        on("Thu 00:00", expect()),
        on("Thu 09:00", viewed_prices, expect("mql")),  # it is lifted for good
    )


def test_a_hand_raise_of_the_moment_of_the_rejection_lifts_nothing() -> None:
    tell(
        RAISES + 'cooldown = "5d"\n',
        on("Mon 09:00", event("other")),
        on("Mon 17:00", outcome("rejected"), asked_for_demo, expect()),
        on("Tue 09:00", viewed_prices, expect()),
        on("Sat 09:00", viewed_prices, expect("mql")),
    )


def test_a_hand_raise_of_another_qualification_lifts_nothing() -> None:
    two = RAISES + 'cooldown = "30d"\n[[qualifications]]\nid = "pql"\nenter = "heat > 100"\nhand_raise = "signed_up"\n'

    tell(
        two,
        on("Mon 09:00", event("other")),
        on("Mon 17:00", outcome("rejected")),
        on("Tue 09:00", event("signed_up"), viewed_prices, expect("pql")),
    )


def test_a_reason_may_let_a_lead_come_back_by_raising_a_hand_alone() -> None:
    reasons = '[[outcomes.recycled.reasons]]\nid = "call-us"\nreturns = "hand_raise"\n'

    tell(
        RAISES + reasons,
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome("recycled", reason="call-us"), asked_for_demo),
        on("+60d 09:00", viewed_prices, expect()),
        on("+1d 09:00", asked_for_demo, expect("mql")),
        on("+9d 09:00", expect()),
        on("+1d 09:00", viewed_prices, expect("mql")),  # and then as always
    )


def test_a_hand_of_the_moment_of_such_a_reason_is_not_heard_and_reinstated_lifts_it() -> None:
    reasons = '[[outcomes.recycled.reasons]]\nid = "call-us"\nreturns = "hand_raise"\n'
    given_back = on("Mon 09:00", outcome("recycled", reason="call-us"), asked_for_demo, expect())

    tell(RAISES + reasons, given_back, on("Tue 09:00", viewed_prices, expect()))
    tell(RAISES + reasons, given_back, on("Tue 09:00", outcome("reinstated"), viewed_prices, expect("mql")))


def test_who_never_returns_does_not_by_a_milder_reason_that_is_reported_later() -> None:
    reasons = "".join(
        f'[[outcomes.recycled.reasons]]\nid = "{returns}"\nreturns = "{returns}"\n'
        for returns in ("never", "hand_raise")
    )

    tell(
        RAISES + reasons,
        on("Mon 09:00", outcome("recycled", reason="never")),
        on("Tue 09:00", outcome("recycled", reason="hand_raise")),
        on("Wed 09:00", asked_for_demo, viewed_prices, expect()),
    )


def test_a_reason_may_keep_a_lead_out_until_it_is_reinstated() -> None:
    reasons = '[[outcomes.recycled.reasons]]\nid = "no-fit"\nreturns = "never"\n'

    tell(
        RAISES + reasons,
        on("Mon 09:00", viewed_prices),
        on("Mon 17:00", outcome("recycled", reason="no-fit")),
        on("+60d 09:00", viewed_prices, asked_for_demo, expect()),
        on("+0d 17:00", outcome("reinstated"), expect("mql")),
    )


@pytest.mark.parametrize("name", ["disqualified", "bad_data"])
def test_after_disqualified_and_bad_data_nothing_begins_until_the_lead_is_reinstated(name: str) -> None:
    tell(
        RAISES,
        on("Mon 09:00", event("other")),
        on("Mon 17:00", outcome(name)),
        on("+60d 09:00", viewed_prices, expect()),
        on("+1d 09:00", asked_for_demo, expect()),
        on("+1d 09:00", outcome("reinstated"), expect()),
        on("+1d 09:00", viewed_prices, expect("mql")),
    )


def test_reinstated_lifts_quiet_times_too_and_brings_back_only_who_did_something_since() -> None:
    def after(*things) -> list[str]:
        return spells_of(
            VP + 'cooldown = "30d"\n',
            on("Mon 09:00", fact("seniority", "vp")),
            on("Mon 17:00", outcome("recycled")),
            on("Tue 09:00", *things),
            on("Wed 09:00", outcome("reinstated")),
        )[1:]

    assert after(event("other")) == ["mql from 4 Mar 09:00"]
    assert after() == []


def test_reports_of_one_moment_are_taken_in_the_order_of_their_names() -> None:
    tell(
        MQL,
        on("Mon 09:00", outcome("reinstated"), outcome("disqualified")),
        on("Tue 09:00", viewed_prices, expect("mql")),
    )


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


# -- what arrives late ---------------------------------------------------------------------------------------------------------


def test_a_late_event_moves_the_start_back_and_as_known_then_it_does_not() -> None:
    steps = [on("Mon 09:00", event("other")), on("Tue 09:00", received(2, viewed_prices)), on("Fri 09:00")]

    assert spells_of(MQL, *steps) == ["mql from 3 Mar 09:00 to 6 Mar 00:00, cooled"]
    assert spells_of(MQL.replace("heat >= 10", "heat >= 5"), *steps, as_known=True) == [
        "mql from 5 Mar 09:00 to 6 Mar 00:00, cooled"
    ]
    assert spells_of(MQL, *steps, as_known=True) == []


def test_a_hand_that_is_seen_late_is_raised_when_it_is_seen() -> None:
    steps = [on("Mon 09:00", event("other")), on("Tue 09:00", received(2, asked_for_demo)), on("Fri 09:00")]
    held = RAISES + 'hand_raise_stay = "3d"\n'

    assert spells_of(held, *steps) == ["mql from 3 Mar 09:00 by asked_for_demo to 6 Mar 00:00, cooled"]
    assert spells_of(held, *steps, as_known=True) == ["mql from 5 Mar 09:00 by asked_for_demo"]


def test_an_outcome_that_is_recorded_late_ends_late_as_known_then() -> None:
    steps = [on("Mon 09:00", viewed_prices), on("Mon 12:00", received(1, outcome("lost"))), on("Wed 09:00")]

    assert spells_of(MQL, *steps) == ["mql from 2 Mar 09:00 to 2 Mar 12:00, outcome: lost"]
    assert spells_of(MQL, *steps, as_known=True) == ["mql from 2 Mar 09:00 to 3 Mar 12:00, outcome: lost"]


def test_a_reset_that_arrives_late_makes_room_under_a_limit_only_then() -> None:
    once = (
        MQL.replace("max = 10", 'limit = { count = 1, per = "week" }')
        + '[[resets]]\nevent = "left"\nscores = ["heat"]\n'
    )
    steps = [
        on("Mon 09:00", viewed_prices),
        on("Mon 10:00", received(2, event("left"))),
        on("Wed 09:00", viewed_prices),  # the second of the week, until one hears of the reset
        on("Wed 12:00", event("other")),
    ]

    assert spells_of(once, *steps, as_known=True) == ["mql from 2 Mar 09:00"]
    assert spells_of(once, *steps) == ["mql from 2 Mar 09:00 to 2 Mar 10:00, cooled", "mql from 4 Mar 09:00"]
    twice = once.replace("heat >= 10", "heat >= 15")
    assert spells_of(twice, *steps, as_known=True) == []


# -- levels that build on outcomes and spells ------------------------------------------------------------------------------------


def test_an_sql_is_accepted_and_has_its_answers() -> None:
    sql = """
[fields]
budget = { type = "number" }
[scores.fit]
[questions.budget]
ask = "Is there money?"
yes = "budget >= 1000"
[questions.need]
ask = "Is there a need?"
[[qualifications]]
id = "sql"
enter = "decision = 'accepted' and answered_yes >= 2"
"""

    tell(
        sql,
        on("Mon 09:00", fact("budget", 5000.0), expect()),
        on("Mon 10:00", outcome("accepted"), expect()),
        on("Mon 11:00", fact("questions.need", "yes"), expect("sql")),
        on("Mon 12:00", fact("questions.need", "partly"), expect()),
        on("Mon 13:00", fact("questions.need", "yes"), expect("sql")),
        on("Mon 14:00", outcome("recycled"), expect()),
        on("Mon 15:00", event("other"), expect()),
    )


def test_spells_counts_those_that_had_ended_before_the_moment() -> None:
    second = MQL + '[[qualifications]]\nid = "veteran"\nenter = "spells(\'mql\') >= 1"\n'

    assert spells_of(
        second,
        on("Mon 09:00", viewed_prices, expect("mql")),
        on("Mon 12:00", outcome("closed"), expect()),
        on("Mon 12:30", fact("shoe_size", "44"), expect("veteran")),
    ) == ["mql from 2 Mar 09:00 to 2 Mar 12:00, outcome: closed", "veteran from 2 Mar 12:30"]


def test_a_playbook_may_let_each_lead_in_once() -> None:
    once = MQL.replace('"heat >= 10"', "\"heat >= 10 and spells('mql') = 0\"")

    tell(
        once,
        on("Mon 09:00", viewed_prices, expect("mql")),
        on("Mon 12:00", outcome("closed")),
        on("Tue 09:00", viewed_prices, expect()),
    )
