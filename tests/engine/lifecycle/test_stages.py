"""The lifecycle, told as stories: which stage a lead is in, and what made it move there."""

from tests.engine.lifecycle.stories import event, fact, moves_of, on, outcome, viewed_prices

from leadline.engine.lifecycle.stages import stages_of
from leadline.engine.playbook.load import read_playbook

LEVELS = """
[fields]
seniority = { type = "text" }
is_student = { type = "boolean" }
[scores.heat]
[[criteria]]
id = "prices"
score = "heat"
why = "Looked at prices"
event = "viewed_prices"
points = 10
within = "2d"
[[exclusions]]
id = "student"
when = "is_student"
[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "heat >= 10"
[[qualifications]]
id = "sql"
enter = "seniority = 'vp'"
"""
OWN = (
    LEVELS
    + """
[[stages]]
id = "known"
since = "met"
until = ["forgotten"]
[[stages]]
id = "ready"
while = "mql"
[[stages]]
id = "deal"
since = "opportunity"
until = ["won", "lost"]
[outcomes.met]
[outcomes.forgotten]
"""
)
CONTACT = on("Mon 08:00", event("other"))
FIRST = "2 Mar 08:00 - > lead, first contact"


# -- where a playbook names no stages ---------------------------------------------------------------------------


def test_without_stages_of_its_own_a_playbook_has_its_qualifications_between_lead_and_opportunity() -> None:
    playbook, _ = read_playbook('[playbook]\nname = "few"\n' + LEVELS)

    stages = stages_of(playbook)

    assert [stage.id for stage in stages] == ["lead", "mql", "sql", "opportunity", "customer", "evangelist"]
    assert stages[1].title == "Marketing qualified"


def test_the_first_move_is_the_first_contact() -> None:
    assert moves_of(LEVELS, CONTACT) == [FIRST]


def test_a_bot_is_no_contact() -> None:
    assert moves_of(LEVELS, on("Mon 07:00", event("other", is_bot=True)), CONTACT) == [FIRST]


def test_who_qualifies_at_once_moves_there_at_once() -> None:
    assert moves_of(LEVELS, on("Mon 08:00", viewed_prices)) == ["2 Mar 08:00 - > mql, mql began"]


def test_a_lead_moves_forward_and_backward_and_every_move_is_kept() -> None:
    assert moves_of(LEVELS, CONTACT, on("Mon 09:00", viewed_prices), on("Fri 09:00", viewed_prices)) == [
        FIRST,
        "2 Mar 09:00 lead > mql, mql began",
        "4 Mar 00:00 mql < lead, mql ended",
        "6 Mar 09:00 lead > mql, mql began",
    ]


def test_the_furthest_stage_that_holds_is_the_leads() -> None:
    assert moves_of(
        LEVELS,
        CONTACT,
        on("Mon 09:00", fact("seniority", "vp")),
        on("Mon 10:00", viewed_prices),  # no move: an SQL is further
        on("Mon 11:00", fact("seniority", "junior")),
    ) == [FIRST, "2 Mar 09:00 lead > sql, sql began", "2 Mar 11:00 sql < mql, sql ended"]


def test_a_lead_goes_through_the_whole_life() -> None:
    assert moves_of(
        LEVELS,
        CONTACT,
        on("Mon 09:00", outcome("opportunity")),
        on("Tue 09:00", outcome("won")),
        on("Wed 09:00", outcome("evangelist")),
        on("Thu 09:00", outcome("churned")),
    ) == [
        FIRST,
        "2 Mar 09:00 lead > opportunity, outcome opportunity",
        "3 Mar 09:00 opportunity > customer, outcome won",
        "4 Mar 09:00 customer > evangelist, outcome evangelist",
        "5 Mar 09:00 evangelist < lead, outcome churned",
    ]


def test_a_lost_opportunity_falls_back_to_what_still_holds() -> None:
    assert moves_of(
        LEVELS,
        CONTACT,
        on("Mon 09:00", outcome("opportunity")),
        on("Mon 10:00", outcome("opportunity")),  # a second one moves nobody
        on("Tue 09:00", outcome("lost")),
        on("Wed 09:00", outcome("lost")),
    ) == [FIRST, "2 Mar 09:00 lead > opportunity, outcome opportunity", "3 Mar 09:00 opportunity < lead, outcome lost"]


def test_a_customer_that_opens_another_deal_stays_a_customer() -> None:
    assert moves_of(
        LEVELS, CONTACT, on("Mon 09:00", outcome("won")), on("Tue 09:00", outcome("opportunity")), until="+9d 09:00"
    ) == [FIRST, "2 Mar 09:00 lead > customer, outcome won"]


def test_an_ending_outcome_ends_the_stage_of_the_spell_too() -> None:
    assert moves_of(LEVELS, CONTACT, on("Mon 09:00", viewed_prices), on("Mon 10:00", outcome("rejected"))) == [
        FIRST,
        "2 Mar 09:00 lead > mql, mql began",
        "2 Mar 10:00 mql < lead, mql ended",
    ]


def test_an_excluded_lead_falls_back_to_lead() -> None:
    assert moves_of(LEVELS, CONTACT, on("Mon 09:00", viewed_prices), on("Mon 10:00", fact("is_student", True)))[2:] == [
        "2 Mar 10:00 mql < lead, mql ended"
    ]


# -- stages of the playbook's own ---------------------------------------------------------------------------------------


def test_a_playbook_with_stages_of_its_own_has_no_others() -> None:
    assert moves_of(OWN, CONTACT, on("Mon 09:00", fact("seniority", "vp")), on("Mon 10:00", outcome("won"))) == []


def test_a_lead_may_be_in_no_stage_before_and_after() -> None:
    assert moves_of(
        OWN,
        CONTACT,
        on("Mon 09:00", outcome("met")),
        on("Mon 10:00", viewed_prices),
        on("Mon 11:00", outcome("forgotten")),  # no move: it is ready
        until="+9d 09:00",
    ) == [
        "2 Mar 09:00 - > known, outcome met",
        "2 Mar 10:00 known > ready, mql began",
        "4 Mar 00:00 ready < -, mql ended",
    ]


def test_a_stage_that_begins_and_ends_at_one_moment_has_ended() -> None:
    assert moves_of(OWN, on("Mon 09:00", outcome("opportunity"), outcome("won")), until="+9d 09:00") == []
    assert moves_of(
        OWN,
        on("Mon 09:00", outcome("opportunity")),
        on("Mon 10:00", outcome("opportunity"), outcome("lost")),
    ) == ["2 Mar 09:00 - > deal, outcome opportunity", "2 Mar 10:00 deal < -, outcome lost"]


def test_of_two_outcomes_that_end_a_stage_at_one_moment_the_first_by_name_is_told() -> None:
    assert moves_of(OWN, on("Mon 09:00", outcome("opportunity")), on("Mon 10:00", outcome("won"), outcome("lost")))[
        1:
    ] == ["2 Mar 10:00 deal < -, outcome lost"]


def test_what_was_opened_and_won_at_one_moment_is_a_customer() -> None:
    assert moves_of(LEVELS, on("Mon 09:00", outcome("won"), outcome("opportunity"))) == [
        "2 Mar 09:00 - > customer, outcome won"
    ]


def test_a_stage_may_begin_anew_after_it_ended() -> None:
    assert moves_of(
        OWN,
        on("Mon 09:00", outcome("opportunity")),
        on("Mon 10:00", outcome("lost")),
        on("Mon 11:00", outcome("opportunity")),
    )[2:] == ["2 Mar 11:00 - > deal, outcome opportunity"]


def test_of_two_moves_at_one_moment_only_where_it_comes_to_is_kept() -> None:
    """Recycled and reopened: the spell ends as the deal begins."""
    assert moves_of(
        OWN, on("Mon 09:00", viewed_prices), on("Mon 10:00", outcome("recycled"), outcome("opportunity"))
    ) == [
        "2 Mar 09:00 - > ready, mql began",
        "2 Mar 10:00 ready > deal, outcome opportunity",
    ]
