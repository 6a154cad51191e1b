"""The rules of spells, told as stories: when a qualification begins and how long it holds, as docs/time.md says it."""

from tests.engine.lifecycle.stories import (
    MQL,
    RAISES,
    VP,
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
