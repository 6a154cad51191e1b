"""The numbers of hand-offs: each is held to a naive count in plain Python over the same rows, and led back to its hand-offs."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.web.conftest import member
from tests.web.pages.rows import make_lead
from tests.web.pages.world import make_live, starter_toml

from leadline.engine.calendar import instant_of
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Spell
from leadline.web.handoff.clocks import calendar_for, work_time_of
from leadline.web.handoff.figures.behind import Shown, find_behind
from leadline.web.handoff.figures.cohorts import find_cohorts, find_reached, sales_level
from leadline.web.handoff.figures.fates import FATE_OF, FATES
from leadline.web.handoff.figures.keeping import find_kept
from leadline.web.handoff.figures.periods import Period, last_weeks, month_of
from leadline.web.handoff.figures.tally import BREAKDOWNS, count_periods, tally, tally_by, tally_periods
from leadline.web.handoff.figures.worked import Worked
from leadline.web.handoff.models import HandOff, Promise, Seat, Team, WorkCalendar
from leadline.web.handoff.promises import find_promises, promised_on, set_promise
from leadline.web.leads.models import Lead, Outcome
from leadline.web.playbooks.queries import get_plan

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 20, 15, tzinfo=UTC)
YEAR = Period(date(2025, 11, 3), date(2026, 5, 20), BERLIN)
REASONS = {"recycled": ("timing", "no-budget"), "rejected": ("no-interest", ""), "bad_data": ("",)}
STATES = [str(one) for one in HandOff.State]
pytestmark = pytest.mark.django_db


@pytest.fixture
def playbook(northwind):
    return make_live(northwind, starter_toml())


def draw_world(version, people, *, seed, count=150):
    """Write hand-offs of any fate, with spells, outcomes, merged leads, owners with calendars of their own, and another workspace's."""
    rng, workspace = Random(seed), version.workspace
    night = WorkCalendar.objects.create(
        workspace=workspace, name="Late shift", timezone="America/New_York", hours=[[["13:00", "22:00"]]] * 6 + [[]]
    )
    Seat.objects.create(workspace=workspace, user=people[0], calendar=night)
    team = Team.objects.create(workspace=workspace, slug="inbound", name="Inbound")
    leads = [
        make_lead(workspace, f"Lead {at}", first_source=rng.choice(("webinar", "list", ""))) for at in range(count // 3)
    ]
    for lead in leads[::7]:
        Lead.objects.filter(pk=lead.pk).update(merged_into=leads[1])
    strange = Workspace.objects.create(name="Elsewhere", slug=f"elsewhere-{seed}")
    stranger = make_lead(strange, "Stranger")
    # Moments that meet the ends of days, of weeks and of months in Berlin, and the day on which its clock goes forward.
    edges = [
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
        datetime(2026, 1, 31, 23, tzinfo=UTC),
    ]
    open_now: set[tuple[int, str]] = set()
    rows, spells = [], []
    for number in range(count):
        lead, level = rng.choice(leads), rng.choice(("mql", "pql"))
        opened = rng.choice(edges) if rng.random() < 0.1 else NOW - timedelta(minutes=rng.randrange(250 * 1440))
        began, state = opened - timedelta(minutes=rng.randrange(3000)), rng.choice(STATES)
        if state in HandOff.OPEN and (lead.pk, level) in open_now:
            state = "accepted"
        open_now.add((lead.pk, level))
        later = lambda opened=opened: opened + timedelta(minutes=rng.randrange(20_000))  # noqa: E731
        decided = FATE_OF[state] in (*REASONS, "accepted", "disqualified", "excluded")
        raised = rng.random() < 0.2
        rows.append(
            HandOff(
                workspace=workspace, lead=lead, qualification=level, began_at=began, opened_at=opened, state=state,
                version_number=rng.choice((1, 2)), team=rng.choice((team, None)), owner=rng.choice((*people, None)),
                is_hand_raise=raised,
                because="demo_requested" if raised else "size:20",
                brought_by=rng.choice(("country size", "size", "")),
                respond_by=rng.choice((None, later(), later())),
                breached_at=later() if rng.random() < 0.15 else None,
                claimed_at=later() if decided or state == "claimed" else None,
                touched_at=later() if rng.random() < 0.4 else None,
                decided_at=later() if decided else None,
                reason=rng.choice(REASONS.get(state, ("",))) if decided else "",
                cooled_at=later() if state in ("cooled", "withdrawn") else None,
            )
        )  # fmt: skip
        spells.append(
            Spell(
                workspace=workspace, version=version, lead=lead, qualification=level, number=number, began_at=began,
                began_by="enter", noticed_at=opened,
                first_touch=rng.choice(({}, {"campaign": "spring"}, {"campaign": "autumn", "source": "google"})),
            )
        )  # fmt: skip
    HandOff.objects.bulk_create(rows)
    HandOff.objects.create(
        workspace=strange, lead=stranger, qualification="mql", began_at=NOW, opened_at=NOW - timedelta(days=3),
        state="accepted", version_number=1,
    )  # fmt: skip
    for number in range(count // 2):
        whose = rng.choice(leads)  # of the merged ones too: what is left there counts for nobody
        at = NOW - timedelta(minutes=rng.randrange(250 * 1440))
        Outcome.objects.create(
            workspace=workspace, lead=whose, first_lead=whose, outcome=rng.choice(("opportunity", "won", "lost")),
            at=at, recorded_at=at, outcome_id=f"crm-{number}", source="crm",
        )  # fmt: skip
        spells.append(
            Spell(
                workspace=workspace, version=version, lead=whose, qualification="sql", number=number,
                began_at=at + timedelta(seconds=number), began_by="enter", noticed_at=at,
            )
        )  # fmt: skip
    Spell.objects.bulk_create(spells)


# -- the naive count ---------------------------------------------------------------------------------------------------------


def local_day(moment):
    return moment.astimezone(BERLIN).date()


def rows_of(workspace, period):
    rows = HandOff.objects.filter(workspace=workspace).select_related("lead", "team", "owner")
    return [one for one in rows if period.first <= local_day(one.opened_at) <= period.last]


def count_of(rows):
    return Counter((FATE_OF[one.state], one.reason) for one in rows)


def keys_of_row(row, by, period):
    match by:
        case "criterion" if row.is_hand_raise:
            return {f"hand:{row.because}", *row.brought_by.split()}
        case "criterion":
            return set(row.brought_by.split()) or {""}
        case "source":
            return {row.lead.first_source}
        case "campaign":
            spell = Spell.objects.get(lead=row.lead_id, qualification=row.qualification, began_at=row.began_at)
            return {spell.first_touch.get("campaign", "")}
        case "owner" | "team":
            return {str(getattr(row, f"{by}_id") or "")}
        case "week":
            day = local_day(row.opened_at)
            return {max(period.first, day - timedelta(days=day.weekday())).isoformat()}
        case "qualification":
            return {row.qualification}
        case _:
            return {str(row.version_number)}


def person_of(row):
    return row.lead.merged_into_id or row.lead_id


def answer_of(row):
    """Return whether a hand-off was answered in time; None: neither in time nor late."""
    due = row.respond_by
    if row.breached_at is not None:
        return False
    if due is None:
        return None
    if row.claimed_at is not None:
        return row.claimed_at <= due
    if row.state == "waiting":
        return False if due <= NOW else None
    return False if row.state in ("cooled", "withdrawn") and row.cooled_at > due else None


def straight_line(values, share):
    values = sorted(values)
    at = (len(values) - 1) * share
    below = values[int(at)]
    return below + (values[min(int(at) + 1, len(values) - 1)] - below) * (at - int(at))


def reached_by(workspace, rows, step):
    """Return the ids of hand-offs among *rows* to which something happened before the next one of its person and qualification."""
    every = HandOff.objects.filter(workspace=workspace).select_related("lead")
    found = set()
    for row in rows:
        nexts = [
            one.began_at
            for one in every
            if person_of(one) == person_of(row)
            and one.qualification == row.qualification
            and (one.began_at, one.pk) > (row.began_at, row.pk)
        ]
        until = min(nexts, default=datetime.max.replace(tzinfo=UTC))
        if step == "sql":
            moments = Spell.objects.filter(lead=person_of(row), qualification="sql").values_list("began_at", flat=True)
        else:
            moments = Outcome.objects.filter(lead=person_of(row), outcome=step).values_list("at", flat=True)
        if any(row.began_at <= at < until for at in moments):
            found.add(row.pk)
    return found


# -- held to it ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[1, 2, 3])
def drawn(request, northwind, playbook, omar):
    draw_world(playbook, [omar, member(northwind, "Nadia", "rep")], seed=request.param)
    return HandOff.objects.filter(workspace=northwind)


@pytest.mark.parametrize("period", [YEAR, last_weeks(date(2026, 4, 1), 4, BERLIN)], ids=["all", "four weeks"])
def test_counts_are_those_of_a_naive_count_and_lead_back_to_their_hand_offs(drawn, northwind, playbook, period):
    rows = rows_of(northwind, period)
    assert rows
    found = tally(period.of(drawn))

    assert +found.counts == count_of(rows)
    assert found.total == len(rows)
    for by in BREAKDOWNS:
        naive = {}
        for row in rows:
            for key in keys_of_row(row, by, period):
                naive.setdefault(key, []).append(row)
        taken_apart = tally_by(drawn, by, period)
        assert {key: +one.counts for key, one in taken_apart.items()} == {key: count_of(o) for key, o in naive.items()}
        for key, own in naive.items():
            for what in ("all", *FATES):
                behind = find_behind(playbook, period, Shown(what, by=by, key=key), now=NOW)
                assert set(behind) == {one.pk for one in own if what in ("all", FATE_OF[one.state])}
    for fate, reason in found.counts:
        behind = find_behind(playbook, period, Shown(fate, reason=reason), now=NOW)
        assert set(behind) == {one.pk for one in rows if (FATE_OF[one.state], one.reason) == (fate, reason)}


def test_weeks_and_months_are_counted_by_the_days_of_the_zone(drawn, northwind):
    months = [month_of(date(2026, 5, 20), BERLIN, back=back) for back in range(5, -1, -1)]
    for periods in (YEAR.weeks, months):
        found = tally_periods(drawn, periods)
        assert [+one.counts for one in found] == [count_of(rows_of(northwind, one)) for one in periods]
        assert sum(one.total for one in found) > 50
        assert count_periods(drawn, periods) == [len(rows_of(northwind, one)) for one in periods]


def test_answers_and_durations_are_those_of_a_naive_count(drawn, northwind, playbook, omar):
    rows = rows_of(northwind, YEAR)
    found = find_kept(northwind, YEAR.of(drawn), now=NOW)

    answers = [answer_of(one) for one in rows]
    assert found.people == len({person_of(one) for one in rows})
    last = find_behind(playbook, YEAR, Shown("people"), now=NOW)
    assert {person_of(one) for one in rows if one.pk in last} == {person_of(one) for one in rows}
    assert len(last) == found.people
    assert (found.answered.count, found.answered.n) == (answers.count(True), len(answers) - answers.count(None))
    for what, wanted in (("in_time", True), ("late", False)):
        behind = find_behind(playbook, YEAR, Shown(what), now=NOW)
        assert set(behind) == {one.pk for one, answer in zip(rows, answers, strict=True) if answer is wanted}
    for column, duration in (
        ("claimed_at", found.to_claim),
        ("touched_at", found.to_touch),
        ("decided_at", found.to_decision),
    ):
        taken = [
            work_time_of(calendar_for(northwind, one.owner, one.team)).working_seconds_between(
                instant_of(one.opened_at), instant_of(getattr(one, column))
            )
            for one in rows
            if getattr(one, column)
        ]
        assert duration.count == len(taken)
        assert duration.median == pytest.approx(straight_line(taken, 0.5), abs=1)
        assert duration.ninetieth == pytest.approx(straight_line(taken, 0.9), abs=1)


def test_cohorts_are_those_of_a_naive_count(drawn, northwind, playbook):
    months = [month_of(date(2026, 5, 20), BERLIN, back=back) for back in range(5, -1, -1)]
    cohorts = find_cohorts(playbook, drawn, months, now=NOW)

    assert [one.is_mature for one in cohorts] == [True, True, False, False, False, False]
    for month, cohort in zip(months, cohorts, strict=True):
        rows = rows_of(northwind, month)
        assert cohort.total == len(rows)
        assert cohort.accepted.count == sum(one.state == "accepted" for one in rows)
        for step in ("sql", "opportunity", "won"):
            naive = reached_by(northwind, rows, step)
            assert cohort.later[step].count == len(naive)
            assert set(find_behind(playbook, month, Shown(step), now=NOW)) == naive
            assert set(find_reached(playbook, drawn, [month])[step]) == naive


# -- single rules --------------------------------------------------------------------------------------------------------------


def test_nothing_comes_to_nothing(northwind, playbook):
    none = HandOff.objects.filter(workspace=northwind)
    found = find_kept(northwind, none, now=NOW)

    assert (found.people, found.answered.ratio, found.to_claim.median) == (0, None, None)
    assert tally(none).accepted.ratio is None
    assert find_cohorts(playbook, none, [month_of(date(2026, 5, 20), BERLIN)], now=NOW)[0].total == 0


def test_what_is_qualified_by_sales_comes_after_what_is_handed_over(northwind, playbook):
    assert sales_level(get_plan(playbook).playbook) == "sql"


@pytest.mark.parametrize("text", ["", "everything", "late:timing", "cooled:x", "all:"])
def test_what_there_is_not_is_not_shown(text):
    assert Shown.read(text) is None


def test_the_promise_that_began_last_holds_and_the_others_stay(northwind, maria):
    set_promise(northwind, per_week=20, from_day=date(2026, 1, 1), by=maria, now=NOW)
    set_promise(northwind, per_week=30, from_day=date(2026, 3, 1), by=maria, now=NOW)
    set_promise(northwind, per_week=25, from_day=date(2026, 3, 1), by=maria, now=NOW)
    set_promise(northwind, per_week=0, from_day=date(2026, 5, 1), by=maria, now=NOW)
    found = find_promises(northwind)

    days = (date(2025, 12, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 1))
    assert [promised_on(found, one) for one in days] == [None, 20, 25, None]
    assert Promise.objects.count() == 4


def test_very_many_working_times_are_those_of_the_engine():
    rng = Random(5)
    lunch = [[["09:00", "12:30"], ["13:45", "17:20"]]] * 5 + [[], [["22:00", "24:00"]]]
    work = work_time_of(WorkCalendar(timezone="Europe/Berlin", hours=lunch, country="DE", region="HH"))
    worked = Worked(work)
    start = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    for _ in range(30):
        begins = [start + rng.randrange(60 * 86_400) for _ in range(100)]
        ends = [one + rng.choice((rng.randrange(7_200), rng.randrange(20 * 86_400), 0)) for one in begins]
        found = worked.until(np.array([begins, ends], dtype=float))
        wanted = [
            work.working_seconds_between(begin * 1_000_000, end * 1_000_000)
            for begin, end in zip(begins, ends, strict=True)
        ]
        assert (found[1] - found[0]).tolist() == wanted


def test_where_nothing_is_known_no_time_was_worked_and_years_between_two_moments_are_looked_at_once():
    work = work_time_of(WorkCalendar(timezone="UTC", hours=[[["00:00", "24:00"]]] * 7))
    worked = Worked(work)
    early, late = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1999, 2026))
    found = worked.until(np.array([early, np.nan, late, early - 86_400]))

    assert np.isnan(found[1])
    assert (found[2] - found[0], found[0] - found[3]) == (late - early, 86_400)
    assert np.isnan(worked.until(np.array([np.nan]))).all()
