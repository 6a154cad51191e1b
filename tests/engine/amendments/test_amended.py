"""What amendments do to rows, told as stories: merges and their undoing, bots, re-pointed events, people to be forgotten."""

from collections.abc import Sequence
from typing import Any

import pytest

from leadline.engine.amendments.affected import affected_leads, changed_leads, successors
from leadline.engine.amendments.apply import amended, check_amendments
from leadline.engine.amendments.model import (
    Amendment,
    BotRule,
    Erase,
    MarkBot,
    MarkNoBot,
    Merge,
    RepointEvents,
    UnmarkBot,
    Unmerge,
)
from leadline.engine.arithmetic import POINT
from leadline.engine.calendar import get_zone
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.read import read_logs

PLAYBOOK = """
[playbook]
name = "small"

[fields]
industry = { type = "text", missing = ["Select"] }

[events.viewed.properties]
path = "text"
seconds = "number"

[scores.engagement]
max = 120

[[criteria]]
id = "views"
score = "engagement"
why = "Looked at something"
event = "viewed"
points = 50
limit = { count = 1, per = "day" }
"""


def view(lead: str, day: int, event_id: str | None = None, **others: Any) -> dict[str, Any]:
    row = {"lead_id": lead, "event_id": event_id, "event": "viewed", "occurred_at": f"2026-03-{day:02}T10:00:00Z"}
    return {**row, "path": None, "seconds": None, **others}


def tables_of(*events: dict[str, Any], leads: Sequence[dict[str, Any]] = (), **others: Any) -> dict[str, Any]:
    rows = leads or [{"lead_id": lead, "industry": None, "title": None} for lead in ("ann", "bob", "cem")]
    return {"leads": list(rows), "events": list(events), **others}


def engagement(tables: dict[str, Any], *amendments: Amendment) -> dict[str, int]:
    """Return the points of every lead."""
    playbook, _ = read_playbook(PLAYBOOK)
    found = amended(tables, amendments, playbook=playbook)
    bound, _ = bind_playbook(playbook, infer_catalog(playbook, found))
    as_of = get_zone("UTC").end_of_day(20543)  # 2026-03-31
    logs = read_logs(bound, found).logs
    return {log.lead_id: assess(bound, log, as_of).scores["engagement"].units // POINT for log in logs}


def codes_of(tables: dict[str, Any], *amendments: Amendment) -> list[str]:
    with pytest.raises(ProblemsError) as refused:
        amended(tables, amendments)
    return [problem.code for problem in refused.value.problems]


# -- merges ------------------------------------------------------------------------------------------------------


def test_a_merge_adds_no_points_but_reads_what_both_did_anew() -> None:
    """Elsewhere merging 50 and 100 points gave 200, then 100. Here three views on two days are two that count, of which 100 come."""
    tables = tables_of(view("ann", 1), view("bob", 1), view("bob", 2))
    assert engagement(tables) == {"ann": 50, "bob": 100, "cem": 0}

    assert engagement(tables, Merge(lead="bob", into="ann")) == {"ann": 100, "cem": 0}
    assert engagement(tables, Merge(lead="bob", into="ann"), Unmerge(lead="bob")) == engagement(tables)


def test_the_maximum_holds_over_what_both_did() -> None:
    tables = tables_of(view("ann", 1), view("ann", 2), view("bob", 3), view("bob", 4))

    assert engagement(tables, Merge(lead="bob", into="ann")) == {"ann": 120, "cem": 0}


def test_an_event_that_both_have_by_its_id_counts_once() -> None:
    tables = tables_of(view("ann", 1, "e1"), view("bob", 2, "e1"))

    assert engagement(tables, Merge(lead="bob", into="ann")) == {"ann": 50, "cem": 0}


def test_merges_go_on_from_one_to_the_next_and_are_undone_one_by_one() -> None:
    tables = tables_of(view("ann", 1), view("bob", 2), view("cem", 3, seconds=1))
    chain = [Merge(lead="ann", into="bob"), Merge(lead="bob", into="cem")]

    assert engagement(tables, *chain) == {"cem": 120}
    assert engagement(tables, *chain, Unmerge(lead="bob")) == {"bob": 100, "cem": 50}
    assert engagement(tables, *chain, Unmerge(lead="ann")) == {"ann": 50, "cem": 100}


def test_who_is_merged_twice_goes_where_the_last_word_says() -> None:
    tables = tables_of(view("ann", 1))

    assert engagement(tables, Merge(lead="ann", into="bob"), Merge(lead="ann", into="cem")) == {"bob": 0, "cem": 50}


def test_what_arrives_later_for_the_merged_lead_is_of_the_survivor_until_the_merge_is_undone() -> None:
    merge = Merge(lead="bob", into="ann")
    later = tables_of(view("ann", 1), view("bob", 2))

    assert engagement(later, merge) == {"ann": 100, "cem": 0}
    assert engagement(later, merge, Unmerge(lead="bob")) == {"ann": 50, "bob": 50, "cem": 0}


def test_the_survivors_row_wins_where_it_has_a_value() -> None:
    rows = [
        {"lead_id": "ann", "company_id": None, "industry": " ", "title": "CFO"},
        {"lead_id": "bob", "company_id": "acme", "industry": "Software", "title": "Clerk"},
        {"lead_id": "cem", "company_id": "other", "industry": "Retail", "title": None},
    ]
    merges = [Merge(lead="bob", into="ann"), Merge(lead="cem", into="ann")]

    (row,) = amended(tables_of(leads=rows), merges)["leads"]

    assert row == {"lead_id": "ann", "company_id": "acme", "industry": "Software", "title": "CFO"}
    assert rows[0]["industry"] == " ", "the original rows are never changed"


def test_a_text_that_the_playbook_takes_for_no_value_is_none() -> None:
    playbook, _ = read_playbook(PLAYBOOK)
    rows = [{"lead_id": "ann", "industry": "select"}, {"lead_id": "bob", "industry": "Software"}]
    merge = Merge(lead="bob", into="ann")

    assert amended(tables_of(leads=rows), [merge], playbook=playbook)["leads"][0]["industry"] == "Software"
    assert amended(tables_of(leads=rows), [merge])["leads"][0]["industry"] == "select"


def test_facts_answers_and_outcomes_move_too() -> None:
    facts = [{"lead_id": "bob", "field": "questions.budget", "value": "yes", "known_at": "2026-03-01"}]
    outcomes = [{"lead_id": "bob", "outcome": "won", "at": "2026-03-02"}]

    found = amended(tables_of(facts=facts, outcomes=outcomes), [Merge(lead="bob", into="ann")])

    assert [row["lead_id"] for row in (*found["facts"], *found["outcomes"])] == ["ann", "ann"]


def test_somebody_without_a_row_of_their_own_can_be_merged_into_a_lead() -> None:
    """A visitor who was nobody until a form was sent."""
    assert engagement(tables_of(view("visitor-7", 1)), Merge(lead="visitor-7", into="ann"))["ann"] == 50


def test_rows_that_differ_are_used_by_nobody_before_and_after_a_merge() -> None:
    rows = [{"lead_id": "ann", "title": None}, {"lead_id": "bob", "title": "x"}, {"lead_id": "bob", "title": "y"}]
    tables = tables_of(view("bob", 1), leads=rows)

    assert engagement(tables, Merge(lead="bob", into="ann")) == {"ann": 50}
    assert codes_of(tables, Merge(lead="ann", into="bob")) == ["bad-amendment"]


@pytest.mark.parametrize(
    "wrong",
    [
        [Merge(lead="ann", into="ann")],
        [Merge(lead="ann", into="bob"), Merge(lead="bob", into="ann")],
        [Merge(lead="ann", into="bob"), Merge(lead="bob", into="cem"), Merge(lead="cem", into="ann")],
        [Merge(lead=" ", into="ann")],
        [Unmerge(lead="ann")],
        [Merge(lead="ann", into="bob"), Unmerge(lead="bob")],
        [Erase(lead="ann"), Merge(lead="ann", into="bob")],
        [Erase(lead="ann"), Merge(lead="bob", into="ann")],
        [Merge(lead="ann", into="bob"), Erase(lead="bob"), Unmerge(lead="ann")],
        [Erase(lead="ann"), RepointEvents(event_ids=("e1",), into="ann")],
        [RepointEvents(event_ids=("e1",), into=None)],
        [RepointEvents(event_ids=(), into="ann")],
        [MarkBot()],
        [MarkNoBot(event_ids=())],
        [MarkBot(rule=BotRule(id=" "))],
        [UnmarkBot(rule_id="scanners")],
        [UnmarkBot(event_ids=("e1",))],
        [UnmarkBot()],
        [Erase(lead="")],
    ],
)
def test_what_makes_no_sense_is_refused(wrong: list[Amendment]) -> None:
    assert codes_of(tables_of(view("ann", 1, "e1")), *wrong) == ["bad-amendment"]


def test_all_that_is_wrong_is_told_at_once_and_where() -> None:
    wrong = [Merge(lead="ann", into="anna"), Unmerge(lead="bob"), MarkBot(rule=BotRule(id="r", when="path ="))]

    with pytest.raises(ProblemsError) as refused:
        amended(tables_of(view("ann", 1)), wrong)

    found = [(problem.code, problem.where) for problem in refused.value.problems]
    assert found == [("bad-amendment", "amendment 2"), ("unknown-lead", "amendments"), ("condition-syntax", "rule r")]
    assert "Did you mean 'ann'?" in str(refused.value)


# -- bots and other people's events -------------------------------------------------------------------------------


def test_of_bots_the_word_about_an_event_wins_over_rules_and_rules_over_its_row() -> None:
    tables = tables_of(
        view("ann", 1, "e1", path="/scan"),
        view("ann", 2, "e2", path="/scan"),
        view("bob", 1, "e3", is_bot="yes", path="/a"),
    )
    scans = MarkBot(rule=BotRule(id="scans", events=("viewed",), when="starts_with(path, '/SCAN')"))

    assert engagement(tables) == {"ann": 100, "bob": 0, "cem": 0}
    assert engagement(tables, scans) == {"ann": 0, "bob": 0, "cem": 0}
    assert engagement(tables, MarkNoBot(event_ids=("e1", "e3")), scans) == {"ann": 50, "bob": 50, "cem": 0}
    assert engagement(tables, scans, UnmarkBot(rule_id="scans")) == engagement(tables)


def test_a_rule_also_marks_what_is_yet_to_come_and_is_replaced_by_its_id() -> None:
    tables = tables_of(view("ann", 1, seconds=0.2), view("ann", 2, seconds=30), view("bob", 3))
    quick = MarkBot(rule=BotRule(id="quick", when="seconds < 1"))

    assert engagement(tables, quick)["ann"] == 50
    assert engagement(tables, quick, MarkBot(rule=BotRule(id="quick", when="seconds < 0.1")))["ann"] == 100
    assert engagement(tables, MarkBot(rule=BotRule(id="all")))["bob"] == 0


def test_what_was_said_of_bots_is_taken_back_to_what_the_rows_say() -> None:
    tables = tables_of(view("ann", 1, "e1", is_bot="true"), view("ann", 2, "e2", is_bot="false"))
    said = [MarkNoBot(event_ids=("e1",)), MarkBot(event_ids=("e2",))]

    assert engagement(tables, *said, MarkBot(event_ids=("e1",)))["ann"] == 0
    found = amended(tables, [*said, UnmarkBot(event_ids=("e1", "e2"))])

    assert found == tables


def test_a_mark_holds_for_all_rows_of_an_event() -> None:
    tables = tables_of(view("ann", 1, "e1"), view("ann", 2, "e1"))

    assert engagement(tables, MarkBot(event_ids=("e1",)))["ann"] == 0


def test_a_re_pointed_event_goes_with_whom_it_was_given_to() -> None:
    tables = tables_of(view("ann", 1, "e1"), view("ann", 2, "e2"))
    given = RepointEvents(event_ids=("e1",), into="bob")

    assert engagement(tables, given) == {"ann": 50, "bob": 50, "cem": 0}
    assert engagement(tables, given, Merge(lead="bob", into="cem")) == {"ann": 50, "cem": 50}
    assert amended(tables, [given, RepointEvents(event_ids=("e1",), into=None)]) == tables


# -- people to be forgotten --------------------------------------------------------------------------------------


def test_nothing_remains_of_an_erased_person_under_any_of_their_ids() -> None:
    everything = {
        "facts": [{"lead_id": "ann", "field": "title", "value": "CFO", "known_at": "2026-03-01"}],
        "outcomes": [{"lead_id": "bob", "outcome": "won", "at": "2026-03-02"}],
    }
    tables = tables_of(view("ann", 1), view("bob", 2), view("cem", 3), **everything)

    for one in ("ann", "bob"):
        found = amended(tables, [Merge(lead="ann", into="bob"), Erase(lead=one)])
        assert {row["lead_id"] for rows in found.values() for row in rows} == {"cem"}
        assert set(found) == set(tables)


def test_an_event_that_had_been_given_to_an_erased_person_never_comes_back() -> None:
    tables = tables_of(view("ann", 1, "e1"), view("ann", 2))
    said = [RepointEvents(event_ids=("e1",), into="bob"), Erase(lead="bob")]

    assert engagement(tables, *said) == {"ann": 50, "cem": 0}
    assert engagement(tables, *said, RepointEvents(event_ids=("e1",), into=None)) == {"ann": 50, "cem": 0}
    assert engagement(tables, *said, RepointEvents(event_ids=("e1",), into="cem")) == {"ann": 50, "cem": 0}


def test_amendments_go_on_to_hold_when_the_rows_of_the_erased_are_really_deleted() -> None:
    said = [Merge(lead="ann", into="bob"), MarkBot(event_ids=("e1",)), Erase(lead="bob")]
    tables = tables_of(view("ann", 1, "e1"), view("cem", 2))
    deleted = tables_of(view("cem", 2), leads=[tables["leads"][2]])

    assert amended(deleted, said) == amended(tables, said)
    assert {problem.severity for problem in check_amendments(deleted, said)} == {"warning"}


def test_names_that_nothing_has_are_warned_of() -> None:
    said: list[Amendment] = [
        Merge(lead="anne", into="bob"),
        MarkBot(event_ids=("e9",)),
        MarkBot(rule=BotRule(id="r", events=("vieved",), when="pth = 'x'")),
        Erase(lead="dan"),
    ]

    found = check_amendments(tables_of(view("ann", 1, "e1")), said)

    assert [(problem.code, problem.severity) for problem in found] == [
        ("event-not-in-data", "warning"),
        ("field-not-in-data", "warning"),
        ("unknown-lead", "warning"),
        ("event-not-in-data", "warning"),
        ("unknown-lead", "warning"),
    ]


# -- whom it concerns ----------------------------------------------------------------------------------------------


def test_only_leads_whose_rows_changed_are_affected() -> None:
    tables = tables_of(view("ann", 1, "e1"), view("bob", 1, "e2"), view("cem", 1, "e3"))

    assert affected_leads(tables, [MarkBot(event_ids=("e2",))]) == {"bob"}
    assert affected_leads(tables, [Merge(lead="ann", into="bob")]) == {"ann", "bob"}
    merged = [Merge(lead="ann", into="bob")]
    assert affected_leads(tables, [Unmerge(lead="ann")], already=merged) == {"ann", "bob"}


def test_who_shares_an_event_with_somebody_erased_is_affected() -> None:
    tables = tables_of(view("ann", 1, "e1"), view("bob", 2, "e1"), view("cem", 1))

    assert engagement(tables)["bob"] == 0
    assert engagement(tables, Erase(lead="ann"))["bob"] == 50
    assert affected_leads(tables, [Erase(lead="ann")]) == {"ann", "bob"}


def test_what_is_said_of_a_company_concerns_its_leads() -> None:
    leads = [{"lead_id": "ann", "company_id": "acme"}, {"lead_id": "bob", "company_id": None}]
    fact = {"lead_id": None, "company_id": "acme", "field": "size", "value": "5", "known_at": "2026-03-01"}

    assert changed_leads(tables_of(leads=leads), tables_of(leads=leads, facts=[fact])) == {"ann"}
    assert changed_leads(tables_of(leads=leads), tables_of(leads=leads, companies=[{"company_id": "acme"}])) == {"ann"}


def test_a_lead_that_was_merged_a_second_time_fills_up_after_those_who_came_before() -> None:
    rows = [{"lead_id": "ann", "title": None}, {"lead_id": "bob", "title": "x"}, {"lead_id": "cem", "title": "y"}]
    first, second, again = Merge(lead="bob", into="ann"), Merge(lead="cem", into="ann"), Merge(lead="bob", into="ann")

    assert amended(tables_of(leads=rows), [first, second])["leads"] == [{"lead_id": "ann", "title": "x"}]
    assert amended(tables_of(leads=rows), [first, second, again])["leads"] == [{"lead_id": "ann", "title": "y"}]


def test_a_row_that_comes_a_second_time_is_a_change() -> None:
    row = view("ann", 1)

    assert changed_leads(tables_of(row), tables_of(row, row)) == {"ann"}


def test_all_are_affected_when_a_field_is_read_as_another_type() -> None:
    before = [{"lead_id": "ann", "code": "5"}, {"lead_id": "bob", "code": "x"}]

    assert changed_leads(tables_of(leads=before), tables_of(leads=before[:1])) == {"ann", "bob"}


def test_who_a_lead_is_now_is_said_of_each_that_was_somebody_else() -> None:
    chain = [Merge(lead="a", into="b"), Merge(lead="b", into="c")]

    assert successors([], chain) == {"a": ("c",), "b": ("c",)}
    assert successors(chain, [Unmerge(lead="b")]) == {"c": ("c", "b")}
    assert successors(chain, [Erase(lead="a")]) == {"c": ()}
    assert successors(chain, []) == {}
