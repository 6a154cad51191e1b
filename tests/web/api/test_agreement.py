"""The agreement by the API: how many hand-offs a week are promised and how soon they are answered, read and promised anew."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.web.api.test_handoffs import problem_of
from tests.web.conftest import member
from tests.web.handoff.conftest import ines, live

from leadline.web.handoff.models import Promise

__all__ = ["ines", "live"]  # fixtures
pytestmark = pytest.mark.django_db


def promise(caller, by, per_week=40, **more):
    return caller.post("/agreement/promises", {"by": by.email, "per_week": per_week} | more)


def today(zone="Europe/Berlin"):
    return timezone.localdate(timezone=ZoneInfo(zone))


def agreed(caller):
    return caller.get("/agreement").json()


def test_before_anything_is_said_nothing_is_agreed_on(caller, northwind):
    assert agreed(caller) == {"per_week": None, "respond_within_hours": None}
    assert caller.all("/agreement/promises") == []


def test_the_response_time_is_that_of_the_live_playbook(caller, live):
    assert agreed(caller) == {"per_week": None, "respond_within_hours": 4}


def test_a_number_is_promised_and_holds_from_its_day_on(caller, ines):
    answer = promise(caller, ines)
    said = answer.json()

    assert answer.status_code == 201 and agreed(caller)["per_week"] == 40
    assert (said["per_week"], said["from_day"]) == (40, today().isoformat())
    assert said["by"] == {"email": ines.email, "name": "Ines"} and said["made_at"].endswith("Z")
    promise(caller, ines, 50, from_day=str(today() + timedelta(days=2)))
    assert agreed(caller)["per_week"] == 40
    promise(caller, ines, 45)  # of two on one day the later one holds
    assert agreed(caller)["per_week"] == 45
    promise(caller, ines, 0)
    assert agreed(caller)["per_week"] is None


def test_what_is_left_out_is_today_in_the_workspaces_zone(caller, ines, northwind):
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart: never the same day
        northwind.timezone = zone
        northwind.save()
        assert promise(caller, ines, 7).json()["from_day"] == today(zone).isoformat()
        assert agreed(caller)["per_week"] == 7
        Promise.objects.all().delete()


def test_promises_stay_as_history_page_after_page(caller, stranger, ines):
    made = [promise(caller, ines, number, from_day="2026-03-02").json() for number in (10, 20, 30)]

    assert len(caller.get("/agreement/promises?limit=1").json()["items"]) == 1
    assert caller.all("/agreement/promises?limit=1") == caller.all("/agreement/promises") == made
    assert stranger.all("/agreement/promises") == [] and agreed(stranger)["per_week"] is None


@pytest.mark.parametrize("role", ["rep", "marketer", "viewer"])
def test_who_does_not_decide_for_others_promises_nothing(caller, northwind, role):
    answer = promise(caller, member(northwind, "Vera", role))

    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/by", "wrong-role")]
    assert "administrators and managers" in answer.json()["errors"][0]["detail"].lower()
    assert not Promise.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"per_week": -1}, "/per_week"),
        ({"per_week": 100_001}, "/per_week"),
        ({"per_week": 2.5}, "/per_week"),
        ({"from_day": "2026-02-30"}, "/from_day"),
        ({"from_day": "1970-12-31"}, "/from_day"),
        ({"from_day": "2200-01-01"}, "/from_day"),
        ({"by": "charlie@elsewhere.example"}, "/by"),
    ],
)
def test_what_the_page_refuses_is_refused_with_its_place(caller, ines, charlie, wrong, place):
    answer = caller.post("/agreement/promises", {"by": ines.email, "per_week": 40} | wrong)

    assert problem_of(answer) == (422, "invalid")
    assert [one["pointer"] for one in answer.json()["errors"]] == [place]
    assert not Promise.objects.exists()


def test_the_first_and_last_day_and_the_largest_number_are_taken(caller, ines):
    assert promise(caller, ines, 100_000, from_day="1971-01-01").status_code == 201
    assert promise(caller, ines, 0, from_day="2199-12-31").status_code == 201
    assert set(Promise.objects.values_list("from_day", flat=True)) == {date(1971, 1, 1), date(2199, 12, 31)}
