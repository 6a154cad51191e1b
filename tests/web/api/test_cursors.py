"""What a cursor keeps and what it is held to, part by part: the limit, the list, the filters, the moment, and ties in every part."""

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from tests.web.pages.rows import make_lead

from leadline.web.api.paging import page_in_order, page_of
from leadline.web.api.problems import ProblemError
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.urgency import ORDER, with_urgency
from leadline.web.leads.models import Company

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATEST_US = 253_402_300_799_000_000


def request_of(workspace, query="", path="/api/v1/companies"):
    made = RequestFactory().get(f"{path}?{query}")
    made.api_key = SimpleNamespace(workspace_id=workspace.pk)
    return made


def ids_of(rows):
    return [{"id": one.pk} for one in rows]


def ids(page):
    return [one["id"] for one in page["items"]]


def add(workspace, number):
    return [Company.objects.create(workspace=workspace, key=f"name:{one}").pk for one in range(number)]


def turn(request, *, limit=2, cursor=""):
    return page_of(request, Company.objects.all(), ids_of, limit=limit, cursor=cursor)


def read(cursor):
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def write(said):
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def refusal(act):
    with pytest.raises(ProblemError) as refused:
        act()
    (fault,) = refused.value.errors
    assert (refused.value.status, fault.parameter, fault.code) == (422, "cursor", "bad-cursor")
    return fault.detail


# -- the limit --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("there", "pages"), [(0, [0]), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])])
def test_a_page_is_as_long_as_its_limit_and_the_last_names_no_next(northwind, there, pages):
    made, met, lengths, cursor = add(northwind, there), [], [], ""
    while cursor is not None:
        page = turn(request_of(northwind), cursor=cursor)
        lengths.append(len(page["items"]))
        met += ids(page)
        cursor = page["next"]
        assert len(met) < 50, "it goes round in circles"

    assert (lengths, met) == (pages, made)


@pytest.mark.parametrize(
    ("limit", "status"), [("0", 422), ("1", 200), ("500", 200), ("501", 422), ("-1", 422), ("2.5", 422)]
)
def test_a_limit_is_from_one_to_five_hundred(caller, limit, status):
    assert caller.get(f"/companies?limit={limit}").status_code == status


def test_left_out_a_page_has_a_hundred_rows(caller, northwind):
    add(northwind, 101)
    assert len(caller.get("/companies").json()["items"]) == 100


# -- the list and its filters -----------------------------------------------------------------------------------------

ASKED = "q=acme&stage=mql&stage=sql&stage=mql"


@pytest.mark.parametrize(
    "other",
    [
        "stage=mql&stage=sql&stage=mql",  # left out
        f"{ASKED}&who=all",  # added
        f"{ASKED}&who=",  # added, empty
        "q=acmes&stage=mql&stage=sql&stage=mql",  # another value
        "q=ACME&stage=mql&stage=sql&stage=mql",
        "q=acme&stage=mql&stage=sql",  # said less often
        "q=mql&stage=acme&stage=sql&stage=mql",  # values of each other
        "p=acme&stage=mql&stage=sql&stage=mql",  # another name
    ],
)
def test_a_cursor_is_refused_when_any_filter_is_another(northwind, other):
    add(northwind, 3)
    cursor = turn(request_of(northwind, ASKED))["next"]

    said = refusal(lambda: turn(request_of(northwind, other), cursor=cursor))
    assert "another list" in said and "Keep the filters" in said


@pytest.mark.parametrize(
    "same",
    [
        ASKED,
        "stage=sql&q=acme&stage=mql&stage=mql",  # in another order
        f"{ASKED}&limit=7",
        f"cursor=x&limit=1&{ASKED}",
    ],
)
def test_the_same_filters_in_any_order_and_with_any_limit_go_on(northwind, same):
    made = add(northwind, 3)
    cursor = turn(request_of(northwind, ASKED))["next"]

    assert ids(turn(request_of(northwind, same), cursor=cursor)) == made[2:]


def test_a_cursor_is_refused_at_another_address_and_in_another_workspace(northwind, elsewhere):
    add(northwind, 3)
    cursor = turn(request_of(northwind))["next"]

    for other in (request_of(northwind, path="/api/v1/leads"), request_of(elsewhere)):
        assert "another list" in refusal(lambda other=other: turn(other, cursor=cursor))


def test_what_is_no_cursor_is_told_as_none(northwind):
    add(northwind, 3)
    of, last = read(turn(request_of(northwind))["next"])
    for wrong in (
        [of],
        [of, last, 1],
        [of, str(last)],
        [of, 1.5],
        [of, None],
        [of, [last]],
        [1, last],
        {"of": of},
        last,
    ):
        said = refusal(lambda wrong=wrong: turn(request_of(northwind), cursor=write(wrong)))
        assert said == "This is no cursor. Take `next` of the page before, as it stands."
    for wrong in ("é", "?", "A", "bm90IG9uZQ"):
        assert "no cursor" in refusal(lambda wrong=wrong: turn(request_of(northwind), cursor=wrong))


def test_rows_come_by_the_key_that_is_named(northwind):
    made = [Company.objects.create(workspace=northwind, key=f"name:{one}", employees=9 - one).pk for one in range(4)]

    def by_size(cursor):
        rows = Company.objects.all()
        return page_of(request_of(northwind), rows, ids_of, limit=3, cursor=cursor, key="employees")

    first = by_size("")
    assert ids(first) == made[:0:-1] and read(first["next"])[1] == 8
    assert ids(by_size(first["next"])) == made[:1]


# -- an order of several parts ----------------------------------------------------------------------------------------

DUE = NOON + timedelta(hours=4)
ALIKE = {"is_hand_raise": False, "respond_by": DUE, "cools_day": 20_000, "rank": 5}
BEFORE_AND_BEHIND = {
    "put off": ({}, {"snoozed_until": NOON + timedelta(hours=1)}),
    "hand": ({"is_hand_raise": True}, {}),
    "due, by a microsecond": ({}, {"respond_by": DUE + timedelta(microseconds=1)}),
    "due at all": ({}, {"respond_by": None}),
    "cools": ({"cools_day": 19_999}, {}),
    "cools at all": ({}, {"cools_day": None}),
    "best": ({"rank": 6}, {}),
    "worse than none": ({"rank": 0}, {"rank": -1}),
    "only the id": ({}, {}),
}


def queue(workspace, *rows):
    """Make a hand-off for each row; return their ids."""
    return [
        HandOff.objects.create(
            workspace=workspace, lead=make_lead(workspace, f"Lead {number}"), qualification="mql", began_at=NOON,
            version_number=1, opened_at=NOON, **(ALIKE | row),
        ).pk
        for number, row in enumerate(rows)
    ]  # fmt: skip


def turn_queue(workspace, *, limit=1, cursor="", now=NOON):
    request = request_of(workspace, "sort=urgency", "/api/v1/handoffs")
    rows = HandOff.objects.filter(workspace=workspace)
    return page_in_order(
        request, lambda at: with_urgency(rows, at), ids_of, limit=limit, cursor=cursor, order=ORDER, now=now
    )


def whole_queue(workspace, limit, now=NOON, step=timedelta(0)):
    met, cursor = [], ""
    while cursor is not None:
        page = turn_queue(workspace, limit=limit, cursor=cursor, now=now)
        met += ids(page)
        cursor, now = page["next"], now + step
        assert len(met) < 50, "it goes round in circles"
    return met


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
@pytest.mark.parametrize("part", BEFORE_AND_BEHIND)
def test_rows_that_are_alike_up_to_a_part_are_met_once_each_in_order(northwind, part, limit):
    before, behind = BEFORE_AND_BEHIND[part]
    made = queue(northwind, behind, behind, before, before, behind)
    order = range(5) if before == behind else (2, 3, 0, 1, 4)

    assert whole_queue(northwind, limit) == [made[one] for one in order]


def test_a_part_counts_only_among_those_alike_in_the_parts_before_it(northwind):
    rows = [
        {"is_hand_raise": True, "respond_by": None, "cools_day": 30_000, "rank": 0},
        {"respond_by": DUE - timedelta(hours=1), "cools_day": 30_000, "rank": 0},
        {"cools_day": 10_000, "rank": 0},
        {"rank": 9},
        {},
        {"snoozed_until": DUE, "is_hand_raise": True, "respond_by": NOON, "cools_day": 1, "rank": 99},
    ]
    made = queue(northwind, *reversed(rows))[::-1]

    assert all(whole_queue(northwind, limit) == made for limit in (1, 2, 5, 6))


@pytest.mark.parametrize(("there", "pages"), [(0, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_a_page_in_order_is_as_long_as_its_limit_too(northwind, there, pages):
    made, cursor, count = queue(northwind, *[{}] * there), "", 0
    while cursor is not None:
        page = turn_queue(northwind, limit=2, cursor=cursor)
        assert len(page["items"]) == min(2, there - 2 * count)
        cursor, count = page["next"], count + 1
        assert count < 50, "it goes round in circles"

    assert count == pages and whole_queue(northwind, 2) == made


def test_all_pages_are_as_of_the_moment_of_the_first(northwind):
    until = NOON + timedelta(minutes=1)
    made = queue(northwind, {"snoozed_until": until}, {"snoozed_until": until}, {}, {})
    walked = [made[2], made[3], made[0], made[1]]

    # an hour goes by between two pages: as of then nobody is put off, and the first two would stand before what was read
    assert whole_queue(northwind, 1, step=timedelta(hours=1)) == walked
    assert whole_queue(northwind, 3, step=timedelta(hours=1)) == walked
    assert whole_queue(northwind, 1, now=NOON + timedelta(hours=1)) == made
    first = turn_queue(northwind)
    second = turn_queue(northwind, cursor=first["next"], now=NOON + timedelta(days=1))
    assert read(first["next"])[1][0] == read(second["next"])[1][0] == int(NOON.timestamp()) * 1_000_000


def test_the_moment_is_kept_to_the_microsecond(northwind):
    now = NOON + timedelta(microseconds=7)
    made = queue(northwind, {"snoozed_until": now}, {"snoozed_until": now + timedelta(microseconds=1)}, {}, {})

    assert whole_queue(northwind, 1, now=now) == [made[0], made[2], made[3], made[1]]


@pytest.mark.parametrize("place", [0, 3], ids=["the moment of the first page", "a part that is a moment"])
@pytest.mark.parametrize(("number", "is_one"), [(-1, False), (0, True), (LATEST_US, True), (LATEST_US + 1, False)])
def test_a_moment_is_one_that_there_is(northwind, place, number, is_one):
    queue(northwind, {}, {})
    of, parts = read(turn_queue(northwind)["next"])
    parts[place] = number

    if is_one:
        turn_queue(northwind, cursor=write([of, parts]))
    else:
        assert "no cursor" in refusal(lambda: turn_queue(northwind, cursor=write([of, parts])))


def test_an_order_has_as_many_parts_as_it_has_each_a_whole_number(northwind):
    queue(northwind, {}, {})
    of, parts = read(turn_queue(northwind)["next"])
    assert len(parts) == 1 + len(ORDER)
    most = 2**62
    assert turn_queue(northwind, cursor=write([of, [*parts[:4], most, *parts[5:]]]))["items"] == []
    wrong = (
        [],
        parts[:1],
        parts[:-1],
        [*parts, 1],
        [*parts[:4], most + 1, *parts[5:]],
        [*parts[:4], -most - 1, *parts[5:]],
    )
    for one in (
        *wrong,
        [*parts[:4], "1", *parts[5:]],
        [*parts[:4], 1.5, *parts[5:]],
        [*parts[:4], None, *parts[5:]],
        7,
    ):
        assert "no cursor" in refusal(lambda one=one: turn_queue(northwind, cursor=write([of, one])))
    assert "another list" in refusal(lambda: turn_queue(northwind, cursor=write(["", parts])))
