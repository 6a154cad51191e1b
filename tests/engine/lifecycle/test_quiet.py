"""The rules of spells, told as stories: quiet times, who may come back at all, and what lifts both."""

import pytest
from tests.engine.lifecycle.stories import (
    MQL,
    RAISES,
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
