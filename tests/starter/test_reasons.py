"""Every reason of the starter for which sales sends a lead back: what it says follows is what the log makes of it.

A strong lead, active every third day, is sent back once. When it is one again by itself, whether a raised hand brings it back before,
and whether it takes a report, is written down here by hand for each reason.
"""

from importlib.resources import files

import numpy as np
import pytest

from leadline.engine.calendar import Zone
from leadline.engine.compiler.plan import make_plan
from leadline.engine.lifecycle.history import history
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import Event, LeadLog, ReportedOutcome
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.spells import histories_until

FIRST, SENT_BACK, LAST = 20_500, 20_509, 20_700
DAY = 86_400_000_000
ZONE = Zone("Europe/Berlin")
BOUND, _ = bind_playbook(read_playbook((files("leadline.starter") / "playbook.toml").read_text(encoding="utf-8"))[0])
PLAN = make_plan(BOUND)
NEVER = None

# by itself after so many days (None: not at all); whether a raised hand brings it back at once
FOLLOWS = {
    ("rejected", "no-interest"): (NEVER, True),
    ("rejected", "no-response"): (30, True),
    ("rejected", "denied"): (NEVER, True),
    ("recycled", "no-value"): (90, True),
    ("recycled", "evaluating"): (30, True),
    ("recycled", "in-contract"): (180, True),
    ("recycled", "no-budget"): (180, True),
    ("recycled", "no-interest"): (NEVER, True),
    ("recycled", "no-response"): (90, True),
    ("recycled", "product-limit"): (180, True),
    ("recycled", "stays-with-other"): (180, True),
    ("recycled", "denied"): (NEVER, True),
    ("disqualified", "competitor"): (NEVER, False),
    ("disqualified", "consultant"): (NEVER, False),
    ("disqualified", "no-authority"): (NEVER, False),
    ("disqualified", "personal-use"): (NEVER, False),
    ("disqualified", "left-company"): (NEVER, False),
    ("disqualified", "free-product-only"): (NEVER, False),
    ("disqualified", "account-disqualified"): (NEVER, False),
    ("excluded", "customer"): (NEVER, False),
    ("excluded", "partner"): (NEVER, False),
    ("excluded", "applicant"): (NEVER, False),
    ("excluded", "student"): (NEVER, False),
    ("excluded", "support"): (NEVER, True),
    ("bad_data", "phone"): (NEVER, False),
    ("bad_data", "bounced"): (NEVER, False),
    ("bad_data", "invalid"): (NEVER, False),
    ("bad_data", "spam"): (NEVER, False),
}
NEW_OWNER = {("rejected", "no-response"), ("recycled", "no-response")}
TO_FIX = {
    ("bad_data", "phone"): {"phone"},
    ("bad_data", "bounced"): {"email"},
    ("bad_data", "invalid"): {"last_name", "email"},
}


def at(day: int, hour: int = 12) -> int:
    return day * DAY + hour * DAY // 24


def lead_with(*outcomes: ReportedOutcome, more: tuple[Event, ...] = ()) -> LeadLog:
    events = [
        Event(name=name, at_us=at(day), properties={"path": "/pricing"})
        for day in range(FIRST, LAST, 3)
        for name in ("webinar_attended", "page_viewed")
    ]
    company = {"industry": "software", "employees": 100.0, "country": "de"}
    return LeadLog(
        lead_id="strong", lead={"seniority": "vp", "email_domain": "alder.example"}, company=company,
        events=tuple(sorted((*events, *more), key=lambda one: one.at_us)), outcomes=outcomes,
    )  # fmt: skip


def again(log: LeadLog, *, naively: bool = False) -> int | None:
    """How many days after it was sent back the lead is marketing qualified again; *naively*: the history says the same."""
    until = ZONE.end_of_day(LAST)
    found = histories_until(PLAN, known_from_logs(PLAN, [log]), ZONE, until, np.array([True]), evidence=False).spells
    spells = [one for one in found if one.qualification == "mql"]
    assert spells[0].began_day < SENT_BACK and spells[0].ended_day == SENT_BACK and spells[0].ended_by == "outcome"
    if naively:
        said = [one for one in history(BOUND, log, until).spells if one.qualification == "mql"]
        assert [(one.began_us, one.ended_us) for one in said] == [(one.began_us, one.ended_us) for one in spells]
    return spells[1].began_day - SENT_BACK if len(spells) > 1 else None


def sent_back(outcome: str, reason: str) -> ReportedOutcome:
    return ReportedOutcome(outcome=outcome, reason=reason, at_us=at(SENT_BACK, 15))


def test_all_five_ways_and_all_reasons_are_here_each_with_a_title():
    of_sales = ("rejected", "recycled", "disqualified", "excluded", "bad_data")
    reasons = {
        (one.id, reason.id): reason for one in BOUND.playbook.outcomes if one.id in of_sales for reason in one.reasons
    }

    assert set(reasons) == set(FOLLOWS) and {outcome for outcome, _ in reasons} == set(of_sales)
    assert all(one.title != one.id and "-" not in one.title for one in reasons.values())
    assert {key for key, one in reasons.items() if one.owner == "new"} == NEW_OWNER
    assert {key: set(one.fix) for key, one in reasons.items() if one.fix} == TO_FIX


@pytest.mark.parametrize(("outcome", "reason"), FOLLOWS)
def test_what_follows_a_reason_is_what_the_log_makes_of_it(outcome, reason):
    alone, by_hand = FOLLOWS[outcome, reason]
    raised = Event(name="demo_requested", at_us=at(SENT_BACK + 4, 9))

    assert again(lead_with(sent_back(outcome, reason)), naively=True) == alone
    assert again(lead_with(sent_back(outcome, reason), more=(raised,))) == (4 if by_hand else alone)


@pytest.mark.parametrize(("outcome", "reason"), [one for one, (alone, _) in FOLLOWS.items() if alone is NEVER])
def test_whoever_does_not_come_back_alone_comes_back_when_reported_as_reinstated(outcome, reason):
    lifted = ReportedOutcome(outcome="reinstated", at_us=at(SENT_BACK + 12, 9))

    assert again(lead_with(sent_back(outcome, reason), lifted)) == 12


@pytest.mark.parametrize(("outcome", "is_wiped"), [("recycled", True), ("rejected", False), ("bad_data", False)])
def test_only_what_is_recycled_counts_from_nothing(outcome, is_wiped):
    reason = next(name for one, name in FOLLOWS if one == outcome)
    log = lead_with(sent_back(outcome, reason))

    found = assess(BOUND, log, ZONE.moment(at(SENT_BACK, 16))).scores["engagement"].units

    assert (found == 0) is is_wiped
