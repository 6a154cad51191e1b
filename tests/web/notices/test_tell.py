"""Who is told of what: each once, nobody of what they did themselves, as they want it."""

from datetime import UTC, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from tests.web.handoff.test_clocks import together
from tests.web.notices.world import MONDAY, step, tell, told, waiting

from leadline.web.accounts.models import Membership
from leadline.web.handoff.actions import ChangedError, assign, claim, undo
from leadline.web.handoff.changes import change_of
from leadline.web.handoff.models import HandOff
from leadline.web.notices.models import Channel, Notice, Post, Preference
from leadline.web.notices.tell import handoffs_changed
from leadline.web.notices.when import after_quiet_hours, next_digest

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def ada(northwind, people):
    """A hand-off that waits for Omar."""
    return waiting(northwind, people["Omar"], team=people["inbound"])


def test_its_owner_is_told_that_one_waits(ada):
    tell(ada)
    assert told() == ["Omar: yours"]


def test_a_team_is_told_of_what_nobody_owns_and_managers_of_what_has_no_team(northwind, people):
    tell(waiting(northwind, team=people["inbound"]))
    assert told() == ["Bea: team", "Omar: team"]

    tell(waiting(northwind, name="Bo"))
    assert told() == ["Bea: team", "Max: team", "Omar: team"]


def test_who_comes_back_is_told_as_such_with_what_was_decided_last(northwind, people, ada):
    ada.state, ada.reason, ada.decided_at = "rejected", "timing", MONDAY
    ada.save()
    again = HandOff.objects.create(
        workspace=northwind, lead=ada.lead, owner=people["Omar"], qualification="mql", began_at=MONDAY, number=3,
        version_number=1, opened_at=MONDAY,
    )  # fmt: skip
    tell(again)
    assert told() == ["Omar: again"]
    assert Notice.objects.get().said == {"number": 3, "decision": "rejected", "reason": "timing"}


def test_telling_twice_tells_once(northwind, ada):
    Channel.objects.create(workspace=northwind, program="slack", name="#x", url="https://a.example/", topics=["yours"])
    change = change_of(ada, step(ada))
    for _ in range(3):
        handoffs_changed([change])
    assert Notice.objects.count() == Post.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("warned", {}, ["Omar: warned"]),
        ("breached", {}, ["Omar: late"]),
        ("escalated", {}, ["Max: escalated"]),
        ("escalated", {"said": {"level": 2}}, ["Maria: escalated"]),
        ("cooled", {"said": {"while": "claimed"}}, ["Omar: cooled"]),
        ("cooled", {}, []),
        ("withdrawn", {"said": {"version": 2}}, ["Omar: withdrawn"]),
        ("withdrawn", {}, []),
        ("called", {}, []),
    ],
)
def test_what_the_clock_and_the_log_do_is_told(ada, kind, more, expected):
    tell(ada, kind, **more)
    assert told() == expected


def test_of_what_sales_sends_back_marketers_are_told_with_the_reason_and_the_owner_when_it_was_not_them(ada, people):
    before = {"owner_id": people["Omar"].pk}
    tell(ada, "decided", by=people["Max"], said={"decision": "rejected", "reason": "timing"}, before=before)
    assert told() == ["Mara: sent_back", "Omar: moved"]
    assert Notice.objects.get(kind="sent_back").said == {"decision": "rejected", "reason": "timing"}

    tell(ada, "decided", by=people["Omar"], said={"decision": "accepted"}, before=before)
    assert told() == ["Mara: sent_back", "Omar: moved"]


def test_who_gives_takes_or_takes_back_tells_the_other_and_never_themselves(northwind, people, ada):
    omar, bea = people["Omar"], people["Bea"]
    claim(ada.pk, by=bea, tell=handoffs_changed)
    assert told() == ["Omar: moved"]

    undo(ada.pk, by=bea, tell=handoffs_changed)
    assert told() == ["Omar: moved", "Omar: undone"]

    assign(ada.pk, to=bea, by=omar, is_manager=False, tell=handoffs_changed)
    assert told() == ["Bea: yours", "Omar: moved", "Omar: undone"]

    Notice.objects.filter(kind="yours").update(mail_state="due")
    undo(ada.pk, by=omar, tell=handoffs_changed)
    assert told() == ["Bea: undone", "Bea: yours", "Omar: moved", "Omar: undone"]
    assert Notice.objects.get(kind="yours").mail_state == "skipped"


def test_nobody_of_another_workspace_and_nobody_who_left_is_told(ada, people, charlie):
    Membership.objects.filter(user=people["Omar"]).delete()
    tell(ada)
    assert told() == []


def test_notices_stand_and_fall_with_what_they_tell(ada):
    with transaction.atomic():
        tell(ada)
        assert Notice.objects.count() == 1
        transaction.set_rollback(True)
    assert Notice.objects.count() == 0


# -- how --------------------------------------------------------------------------------------------------------------


def test_hand_raises_and_what_is_late_are_mailed_at_once_and_the_rest_once_a_day(northwind, people, ada):
    tell(ada)
    tell(ada, "breached")
    tell(waiting(northwind, people["Omar"], "Bo", is_hand_raise=True, because="demo_requested"))
    waits = {
        (one.kind, one.handoff.is_hand_raise): (one.mail_due_at - datetime.now(UTC)).total_seconds() > 60
        for one in Notice.objects.all()
    }
    assert waits == {("yours", False): True, ("late", False): False, ("yours", True): False}


def test_who_wants_nothing_of_a_topic_gets_no_notice_of_it(northwind, people, ada):
    ways = {"yours": {"in_app": False, "mail": "none"}, "late": {"in_app": False, "mail": "once"}, "warned": "odd"}
    Preference.objects.create(workspace=northwind, user=people["Omar"], ways=ways)
    for kind in ("opened", "breached", "warned"):
        tell(ada, kind)
    found = Notice.objects.order_by("pk").values_list("kind", "in_app", "mail_state")
    assert list(found) == [("late", False, "due"), ("warned", True, "due")]


def test_without_a_mail_server_no_mail_waits(ada, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    tell(ada)
    assert Notice.objects.get().mail_state == "none"


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("after", "leaves"),
    [
        ("2026-03-02T07:59", "2026-03-02T08:00"),
        ("2026-03-02T08:00", "2026-03-03T08:00"),
        ("2026-03-06T09:00", "2026-03-09T08:00"),
        ("2026-03-07T03:00", "2026-03-09T08:00"),
        ("2026-03-27T09:00", "2026-03-30T08:00"),  # the clocks go forward in between
    ],
)
def test_the_days_mail_leaves_at_its_hour_of_a_working_day(after, leaves):
    assert next_digest(berlin(after), BERLIN, 8) == berlin(leaves)


@pytest.mark.parametrize(
    ("moment", "begins", "ends", "leaves"),
    [
        ("2026-03-02T21:00", 20, 7, "2026-03-03T07:00"),
        ("2026-03-03T06:59", 20, 7, "2026-03-03T07:00"),
        ("2026-03-03T07:00", 20, 7, "2026-03-03T07:00"),
        ("2026-03-03T19:59", 20, 7, "2026-03-03T19:59"),
        ("2026-03-03T12:30", 12, 13, "2026-03-03T13:00"),
        ("2026-03-28T23:00", 20, 2, "2026-03-29T03:00"),  # two o'clock is left out that night
    ],
)
def test_mails_wait_for_the_end_of_quiet_hours(moment, begins, ends, leaves):
    assert after_quiet_hours(berlin(moment), BERLIN, (time(begins), time(ends))) == berlin(leaves)


# -- many at once -----------------------------------------------------------------------------------------------------


def test_many_changes_are_told_in_few_queries(northwind, people, django_assert_max_num_queries):
    changes = []
    for number in range(60):
        one = waiting(northwind, people["Omar"] if number % 2 else None, f"Lead {number}", team=people["inbound"])
        changes.append(change_of(one, step(one)))
    with django_assert_max_num_queries(12):
        handoffs_changed(changes)
    assert Notice.objects.count() == 90


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_claim_at_once_one_is_told_of(northwind, people):
    eight = [people["Bea"], people["Max"], people["Maria"], people["Mara"]] * 2
    for number in range(10):
        one = waiting(northwind, people["Omar"], f"Lead {number}", team=people["inbound"])
        results = together(*[partial(claim, one.pk, by=who, tell=handoffs_changed) for who in eight])
        assert all(isinstance(found, HandOff | ChangedError) for found in results), results
        one.refresh_from_db()
        (notice,) = Notice.objects.filter(handoff=one)
        assert (notice.user, notice.kind, notice.by) == (people["Omar"], "moved", one.owner)
