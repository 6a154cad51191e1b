"""The agreement: what the words mean, what is promised and by whom, and how the last months kept it."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.returns.conftest import handed
from tests.web.pages.world import make_live, starter_toml

from leadline.web.accounts.models import Workspace
from leadline.web.handoff.figures.periods import month_of
from leadline.web.handoff.models import HandOff, Promise, WorkCalendar
from leadline.web.leads.models import Outcome

AGREEMENT = reverse("agreement")
PROMISE = reverse("agreement-promise")
BERLIN = ZoneInfo("Europe/Berlin")


def text_of(answer):
    return answer.content.decode()


def cells_of(answer, title):
    """Return the cells of a line by its title, without marks."""
    found = re.search(rf'<th scope="row">{re.escape(title)}(?: <span.*?)?</th>(.*?)</tr>', text_of(answer), re.S)
    return (
        [
            " ".join(re.sub(r'<span class="vh">.*?</span>|<[^>]+>', "", one).split())
            for one in re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.S)
        ]
        if found
        else None
    )


def in_month(back, *, day=3, hour=9):
    """Return a moment in a month before this one: a working day in Berlin would do, but no test here counts on it."""
    first = month_of(timezone.localdate(timezone=BERLIN), BERLIN, back=back).first
    return datetime(first.year, first.month, day, hour, tzinfo=UTC)


def opened(version, name, state, at, **more):
    handoff = handed(version, name, state, **more)
    decided = handoff.decided_at is not None
    HandOff.objects.filter(pk=handoff.pk).update(
        opened_at=at,
        began_at=at - timedelta(minutes=5),
        claimed_at=at + timedelta(minutes=30) if handoff.claimed_at else None,
        decided_at=at + timedelta(hours=2) if decided else None,
        respond_by=at + timedelta(hours=4),
    )
    handoff.refresh_from_db()
    return handoff


@pytest.fixture
def months(live, northwind, omar):
    """Last month five hand-offs of four people, in the month before one; all hours are working hours."""
    WorkCalendar.objects.create(
        workspace=northwind, name="Always", timezone="UTC", hours=[[["00:00", "24:00"]]] * 7, is_default=True
    )
    first = opened(live, "Ada", "recycled", in_month(1), reason="timing", owner=omar)
    again = opened(live, "Ada", "accepted", in_month(1, day=12), lead=first.lead, owner=omar, number=2)
    opened(live, "Ben", "rejected", in_month(1), reason="no-interest", owner=omar)
    late = opened(live, "Cy", "recycled", in_month(1), reason="timing", owner=omar)
    HandOff.objects.filter(pk=late.pk).update(
        breached_at=late.respond_by, claimed_at=late.opened_at + timedelta(hours=5, minutes=30)
    )
    opened(live, "Di", "cooled", in_month(1))
    opened(live, "Ed", "accepted", in_month(2), owner=omar)
    return again


def test_the_words_are_those_of_the_playbook(as_omar, northwind):
    make_live(northwind, starter_toml())
    page = text_of(as_omar.get(AGREEMENT))

    assert "Enters when" in page
    assert "Marketing qualified" in page
    assert "respond within 4 working hours" in page
    assert "To enterprise when" in page
    assert "Sales takes the lead and works on it." in page
    assert "Sales qualified" in page
    assert "Monday to Friday, 9 to 17 (Europe/Berlin)" in page
    assert "version 1" in page


def test_months_stand_side_by_side_with_people_apart_from_hand_offs(as_omar, months):
    answer = as_omar.get(AGREEMENT)

    assert cells_of(answer, "Hand-offs") == ["5", "1"]
    assert cells_of(answer, "People") == ["4", "1"]
    assert cells_of(answer, "Decided") == ["4", "1"]
    assert cells_of(answer, "Accepted")[0].startswith("1 25 % (")
    assert cells_of(answer, "Not now") == ["2", "0"]
    assert cells_of(answer, "Cooled unclaimed") == ["1", "0"]
    assert cells_of(answer, "Answered in time")[0].startswith("3 of 4 75 % (")
    assert cells_of(answer, "Late") == ["1", "0"]
    assert cells_of(answer, "Until it was claimed") == [
        "30 min in the middle nine of ten within 4.0 h; 4 known",
        "30 min in the middle nine of ten within 30 min; 1 known",
    ]
    assert cells_of(answer, "Until the first call, meeting or mail") == ["–", "–"]


def test_the_head_says_in_short_how_it_was_kept(as_omar, months, live, northwind, ines):
    last, before = (month_of(timezone.localdate(timezone=BERLIN), BERLIN, back=back).first for back in (1, 2))
    waits = handed(live, "Flo", "waiting")
    HandOff.objects.filter(pk=waits.pk).update(respond_by=timezone.now() - timedelta(hours=1))

    short = {one.title: one for one in as_omar.get(AGREEMENT).context["short"]}

    answered, accepted = short[f"Answered in time in {last:%B}"], short[f"Accepted in {last:%B}"]
    assert (answered.value, answered.note) == ("75 %", f"3 of 4; 100 % in {before:%B}")
    assert (accepted.value, accepted.note) == ("25 %", f"1 of 4; 100 % in {before:%B}")
    assert (short["Late now"].value, short["Late now"].is_bad) == ("1", True)
    assert short["Handed over last week"].note == "nothing was promised"


@pytest.mark.parametrize(
    ("per_week", "note", "is_bad"), [(2, "2 were promised: kept", False), (5, "5 were promised: 3 short", True)]
)
def test_the_head_holds_the_last_whole_week_against_the_promise(as_omar, live, northwind, ines, per_week, note, is_bad):
    Promise.objects.create(
        workspace=northwind, per_week=per_week, from_day="2020-01-06", by=ines, made_at=timezone.now()
    )
    now = timezone.localtime(timezone.now(), BERLIN)
    wednesday = now - timedelta(days=now.weekday() + 5)
    for name in ("Ann", "Bob"):
        opened(live, name, "waiting", wednesday)

    week = as_omar.get(AGREEMENT).context["short"][0]

    assert (week.value, week.note, week.is_bad) == ("2", note, is_bad)


def test_every_number_leads_to_its_hand_offs(as_omar, months):
    page = text_of(as_omar.get(AGREEMENT))
    found = re.findall(r'href="(/returns/\?[^"]*show=[^"]*)">(\d+)(?: of [^<]*)?<', page)

    assert len(found) > 15
    for href, number in found:
        listed = text_of(as_omar.get(href.replace("&amp;", "&").split("#")[0]))
        assert re.search(rf'<h2 id="h-behind">[^<]*: {number}</h2>', listed), (href, number)


def test_what_came_of_it_counts_for_the_last_hand_off_and_young_months_are_marked(as_omar, months, northwind):
    for outcome, at in (
        ("opportunity", months.opened_at + timedelta(days=1)),
        ("won", months.opened_at + timedelta(days=2)),
    ):
        Outcome.objects.create(
            workspace=northwind, lead=months.lead, first_lead=months.lead, outcome=outcome, at=at, recorded_at=at,
            outcome_id=f"crm {outcome}", source="crm",
        )  # fmt: skip
    answer = as_omar.get(AGREEMENT)
    last = month_of(timezone.localdate(timezone=BERLIN), BERLIN, back=1).first
    old = month_of(timezone.localdate(timezone=BERLIN), BERLIN, back=6).first

    cells = cells_of(answer, f"{last:%B %Y}")
    assert [one.split()[0] for one in cells] == ["5", "1", "1", "1"]  # handed over, accepted, opportunity, won
    marks = dict(re.findall(r'<th scope="row">(\w+ \d{4})(.*?)</th>', text_of(answer)))
    assert "not mature" in marks[f"{last:%B %Y}"]
    assert "not mature" not in marks[f"{old:%B %Y}"]


# -- the promise --------------------------------------------------------------------------------------------------------------


def test_nothing_is_said_of_a_promise_that_nobody_made(as_omar, some):
    page = text_of(as_omar.get(AGREEMENT))
    weeks = page.split('id="h-volume"')[1].split('id="h-cohorts"')[0]

    assert "Handed over" in weeks
    assert "romise" not in weeks


def test_managers_promise_and_the_weeks_are_held_against_it(client, ines, some):
    client.force_login(ines)
    answer = client.post(PROMISE, {"per_week": "40", "from_day": "2020-01-06"}, follow=True)

    assert "40 hand-offs a week are promised, from 6 January 2020 on." in text_of(answer)
    assert Promise.objects.get().by == ines
    weeks = re.findall(r'<td class="num">40</td><td>(.*?)</td>', text_of(answer))
    assert len(weeks) == 9
    assert "to go" in weeks[0]
    assert all("short" in one for one in weeks[1:])
    client.post(PROMISE, {"per_week": "1", "from_day": "2020-02-03"})
    assert '<span class="chip ok">kept</span>' in text_of(client.get(AGREEMENT))
    assert Promise.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"per_week": "-1", "from_day": "2026-03-02"},
        {"per_week": "many", "from_day": "2026-03-02"},
        {"per_week": "3", "from_day": "0001-01-01"},
        {},
    ],
)
def test_a_promise_that_is_none_is_refused_in_place(client, ines, some, said):
    client.force_login(ines)
    answer = client.post(PROMISE, said)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text_of(answer)
    assert not Promise.objects.exists()


def test_reps_see_the_promise_and_cannot_make_one(as_omar, maria, some, northwind):
    Promise.objects.create(workspace=northwind, per_week=7, from_day=date(2026, 1, 1), by=maria, made_at=timezone.now())
    page = text_of(as_omar.get(AGREEMENT))

    assert "<b>7</b> a week from 1 January 2026 on" in page
    assert 'name="per_week"' not in page


def test_others_see_nothing_of_it(client, months, maria, northwind):
    Promise.objects.create(
        workspace=northwind, per_week=7777, from_day=date(2020, 1, 1), by=maria, made_at=timezone.now()
    )
    elsewhere = Workspace.objects.create(name="Elsewhere", slug="elsewhere")
    client.force_login(member(elsewhere, "Sly", "viewer"))
    make_live(elsewhere, starter_toml())
    answer = client.get(AGREEMENT)

    assert "7,777" not in text_of(answer)
    assert "Always" not in text_of(answer)
    assert cells_of(answer, "Hand-offs") == ["0", "0"]


def test_without_a_playbook_the_page_says_so(as_omar, northwind):
    assert "No playbook is live" in text_of(as_omar.get(AGREEMENT))


def test_a_full_page_has_few_queries_and_few_bytes(as_omar, months, live, django_assert_max_num_queries):
    for number in range(90):
        opened(live, f"Lead {number}", ("accepted", "recycled", "cooled", "rejected")[number % 4], in_month(number % 7))
    with django_assert_max_num_queries(30):
        answer = as_omar.get(AGREEMENT)

    assert len(answer.content) < 60_000
