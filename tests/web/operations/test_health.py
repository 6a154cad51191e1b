"""/health says whether all is well to everybody, and what is wrong, where and how to mend it to those whom it concerns."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection
from django.utils import timezone

from leadline.cli.doctor import doctor
from leadline.web.assessments.models import FailingLead
from leadline.web.capture.models import Delivery, RefusedEvent, RefusedMeter
from leadline.web.leads.models import Lead
from leadline.web.operations import heartbeat, views
from leadline.web.operations.health import State, check_health
from leadline.web.operations.models import Heartbeat
from leadline.web.playbooks.models import Version

SECRET = "ada.byron@acme.example"
HERE = {"headers": {"host": "localhost"}}
STRANGER = {"REMOTE_ADDR": "203.0.113.9", "headers": {"host": "localhost"}}


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(views, "_last", None)


@pytest.fixture
def a_worker(db):
    heartbeat.beat(now=timezone.now())


def state_of(check, *, now=None):
    return next(one for one in check_health(now=now) if one.check == check)


def test_when_all_is_well_it_answers_200_and_says_so(client, a_worker):
    answer = client.get("/health", **HERE)

    assert answer.status_code == 200
    found = answer.json()
    assert found["status"] == "well"
    assert set(found["checks"]) == {
        "database", "migrations", "worker", "deliveries", "leads_due", "assessing", "refused", "told", "durability", "clock", "disk"
    }  # fmt: skip
    assert not [name for name, one in found["checks"].items() if one["state"] == "fail"]


def test_when_something_fails_it_answers_503_and_says_what_and_how_to_mend_it(as_maria):
    answer = as_maria.get("/health", **HERE)

    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == {
        "state": "fail", "says": "none has ever worked here", "mend": "Start `leadline up`, or `leadline worker`."
    }  # fmt: skip


def test_strangers_are_told_whether_and_not_what(client, db):
    answer = client.get("/health", **STRANGER)

    assert (answer.status_code, answer.json()) == (503, {"status": "unwell"})


def test_who_asks_at_this_machine_without_signing_in_is_told_states_and_no_text(client, db):
    """A proxy on this machine that says of nobody that it passes them on looks just like somebody at it."""
    checks = client.get("/health", **HERE).json()["checks"]

    assert checks["worker"] == {"state": "fail"}
    assert {tuple(one) for one in checks.values()} == {("state",)}


@pytest.fixture
def a_failing_lead(northwind, now):
    version = Version.objects.create(
        workspace=northwind, name="Northwind", number=1, state=Version.State.LIVE, published_at=now
    )
    lead = Lead.objects.create(workspace=northwind, first_seen_at=now)
    return FailingLead.objects.create(
        workspace=northwind, version=version, lead=lead, error=f"ValueError: {SECRET}", since=now, tried_at=now
    )


@pytest.mark.parametrize("caller", ["nobody", "nobody_here", "omar", "omar_here", "charlie", "charlie_here"])
def test_what_an_error_says_of_a_lead_is_told_to_nobody_outside_its_workspace(
    a_failing_lead, caller, client, as_omar, as_charlie
):
    who = {"nobody": client, "omar": as_omar, "charlie": as_charlie}[caller.removesuffix("_here")]
    answer = who.get("/health", **(HERE if caller.endswith("_here") else STRANGER))

    assert SECRET not in answer.text
    assert f"lead {a_failing_lead.lead_id}" not in answer.text


def test_what_an_error_says_of_a_lead_is_told_to_its_administrators_the_token_and_doctor(
    a_failing_lead, client, as_maria, settings
):
    settings.HEALTH_TOKEN = "tea-at-five"
    holder = client.get("/health", REMOTE_ADDR="203.0.113.9", headers={"authorization": "Bearer tea-at-five"})

    assert SECRET in as_maria.get("/health", **STRANGER).json()["checks"]["assessing"]["says"]
    assert SECRET in holder.json()["checks"]["assessing"]["says"]
    assert SECRET in CliRunner().invoke(doctor).stdout
    assert SECRET in CliRunner().invoke(doctor, ["--json"]).stdout


def test_administrators_elsewhere_are_told_that_leads_fail(a_failing_lead, as_charlie):
    assert as_charlie.get("/health", **STRANGER).json()["checks"]["assessing"]["says"] == "1 lead cannot be assessed"


def test_strangers_who_ask_often_make_the_database_work_once(client, db, django_assert_num_queries):
    client.get("/health", **STRANGER)

    with django_assert_num_queries(0):
        client.get("/health", **STRANGER)


def test_administrators_and_who_has_the_token_see_the_details_from_anywhere(client, as_maria, as_omar, settings):
    settings.HEALTH_TOKEN = "tea-at-five"

    def sees(who, **headers):
        return "checks" in who.get("/health", REMOTE_ADDR="203.0.113.9", headers=headers).json()

    assert sees(as_maria) and sees(client, authorization="Bearer tea-at-five")
    assert not sees(as_omar) and not sees(client, authorization="Bearer coffee") and not sees(client)


def test_without_a_token_set_an_empty_one_opens_nothing(client, db):
    answer = client.get("/health", REMOTE_ADDR="203.0.113.9", headers={"authorization": "Bearer "})

    assert "checks" not in answer.json()


def test_a_worker_that_gives_no_sign_of_life_is_missed_and_one_that_rested_is_gone(db, now):
    heartbeat.beat(now=now)

    assert state_of("worker", now=now + timedelta(seconds=59)).state is State.OK
    late = state_of("worker", now=now + timedelta(minutes=90))
    assert (late.state, late.says) == (State.FAIL, "the last sign of life was 1 h ago")
    heartbeat.rest()
    assert state_of("worker", now=now).says == "none has ever worked here"


def test_a_beat_is_one_row_a_process_and_long_forgotten_ones_go(db, now):
    Heartbeat.objects.create(name="worker:old:1", kind="worker", started_at=now, beat_at=now - timedelta(days=2))

    for seconds in range(3):
        heartbeat.beat(now=now + timedelta(seconds=seconds))

    assert [one.beat_at for one in Heartbeat.objects.all()] == [now + timedelta(seconds=2)]


def test_events_and_leads_that_wait_too_long_are_said(website, northwind, now):
    Delivery.objects.create(
        workspace=northwind, source=website, protocol="tracking", body=b"", event_count=1, received_at=now
    )
    Lead.objects.create(workspace=northwind, first_seen_at=now, due_at=now)

    def states(after):
        found = {one.check: one.state for one in check_health(now=now + after)}
        return found["deliveries"], found["leads_due"]

    assert states(timedelta(seconds=59)) == (State.OK, State.OK)
    assert states(timedelta(minutes=3)) == (State.WARN, State.WARN)
    assert states(timedelta(minutes=16)) == (State.FAIL, State.WARN)
    assert states(timedelta(minutes=61)) == (State.FAIL, State.FAIL)
    assert state_of("deliveries", now=now + timedelta(minutes=16)).says.endswith("the oldest waits for 16 min")


def test_many_refused_events_of_the_last_hour_are_a_warning(northwind, now):
    def refuse(count, at):
        one = {"workspace": northwind, "protocol": "tracking", "reason": "too-large", "body": b"", "received_at": at}
        RefusedEvent.objects.bulk_create(RefusedEvent(**one) for _ in range(count))

    refuse(200, now - timedelta(hours=2))
    refuse(100, now)
    assert state_of("refused", now=now).state is State.OK
    refuse(1, now)
    assert state_of("refused", now=now).state is State.WARN


def test_refused_events_that_were_not_kept_are_a_warning(northwind, website, now):
    meter = RefusedMeter.objects.create(
        workspace=northwind, source=website, hour=now - timedelta(hours=2), kept=1, not_kept=4_210
    )
    assert state_of("refused", now=now).state is State.OK
    RefusedMeter.objects.filter(pk=meter.pk).update(hour=now)

    found = state_of("refused", now=now)
    assert (found.state, found.says) == (State.WARN, "0 events refused in the last hour, and 4,210 more not even kept")


def test_a_full_disk_fails_and_a_filling_one_warns(db, monkeypatch):
    def with_free(size):
        monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": size}))
        return state_of("disk").state

    assert [with_free(size) for size in (5e9, 1e9, 1e8)] == [State.OK, State.WARN, State.FAIL]


def test_a_database_that_is_not_there_fails_and_the_rest_is_said_still(db, monkeypatch):
    def refuse():
        raise DatabaseError("connection refused\nsecond line")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "ensure_connection", refuse)
        found = {one.check: one for one in check_health()}

    assert found["database"].state is State.FAIL and found["database"].says.endswith("connection refused")
    assert "disk" in found


def test_a_database_that_cannot_be_written_to_fails(db, monkeypatch):
    def refuse(**_values):
        raise DatabaseError("attempt to write a readonly database")

    monkeypatch.setattr(Heartbeat.objects, "create", refuse)

    assert state_of("database").says == "cannot be written to: attempt to write a readonly database"


def test_looking_leaves_nothing_behind(a_worker):
    check_health()

    assert [one.kind for one in Heartbeat.objects.all()] == ["worker"]


@pytest.mark.django_db(transaction=True)  # SQLite changes how it commits between transactions only
def test_a_commit_that_is_not_durable_is_a_warning():
    before = state_of("durability")
    with connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA synchronous = NORMAL" if connection.vendor == "sqlite" else "SET synchronous_commit = off"
        )

    after = state_of("durability")
    connection.close()

    assert (before.state, after.state) == (State.OK, State.WARN)


def test_a_sign_of_life_from_the_future_says_that_a_clock_is_wrong(db, now):
    heartbeat.beat(now=now + timedelta(hours=3))

    assert state_of("clock", now=now).state is State.WARN
