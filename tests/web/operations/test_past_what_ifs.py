"""The child for what-ifs over the past: started once, looked after, ended when nobody wants it, and its files deleted whatever happens."""

import json
import re
import time
from datetime import timedelta
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.utils import timezone
from tests.web.assessments.whatif.conftest import LIVE, make_draft
from tests.web.operations.running import installation

from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.past.actions import ask_past, stop_past
from leadline.web.operations import past_what_ifs
from leadline.web.operations.past_what_ifs import claim, run_past_what_ifs
from leadline.web.operations.worker import JOBS
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import compile_toml

LONGEST = 60


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def data(db, tmp_path, settings, monkeypatch):
    """A data folder, and children that do what the test says instead of looking at a database."""
    settings.DATA = tmp_path
    monkeypatch.setattr(past_what_ifs, "RENEWED_EVERY", 0.0)
    monkeypatch.setattr(past_what_ifs, "CHILD", "tests.web.operations.past_what_if_child")
    yield tmp_path
    for one in list(past_what_ifs._running):
        past_what_ifs.end_child(one)


@pytest.fixture
def past(northwind, now, data):
    version = Version.objects.create(
        workspace=northwind, number=1, name="northwind", toml=LIVE, plan_hash=compile_toml(LIVE).plan_hash, state="live",
        published_at=now, live_at=now,
    )  # fmt: skip
    draft = make_draft(northwind, version.toml.replace("heat >= 40", "heat >= 10"), now)
    return ask_past(draft, weeks=13, capacity=None, by=None, now=now)


def do(monkeypatch, what):
    monkeypatch.setenv("PAST_WHAT_IF_CHILD", what)


def files(data):
    return sorted(one.name for one in (data / "past-what-ifs").rglob("*"))


def wait_for(what):
    until = time.monotonic() + LONGEST
    while not what():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


def test_the_worker_does_it():
    assert "leadline.web.operations.past_what_ifs.run_past_what_ifs" in JOBS


def test_nothing_waits(data):
    assert run_past_what_ifs() == 0


def test_a_child_is_started_once_and_its_lease_renewed(past, data, monkeypatch):
    do(monkeypatch, "wait")
    assert run_past_what_ifs() == 1
    past.refresh_from_db()
    PastWhatIf.objects.update(leased_until=past.leased_until - timedelta(seconds=50))
    wait_for(lambda: "events.jsonl" in files(data))

    assert run_past_what_ifs() == 0

    assert len(past_what_ifs._running) == 1
    again = PastWhatIf.objects.get()
    assert (again.state, again.lease) == ("running", past.lease)
    assert again.leased_until > timezone.now() + timedelta(seconds=50)
    assert oct((data / "past-what-ifs").stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize("why", ["stopped", "asked anew", "erased"])
def test_a_child_that_is_not_wanted_is_ended_and_its_files_deleted(past, data, monkeypatch, why):
    do(monkeypatch, "wait")
    run_past_what_ifs()
    wait_for(lambda: "events.jsonl" in files(data))
    process = past_what_ifs._running[0].process
    match why:
        case "stopped":
            stop_past(past, now=timezone.now())
        case "asked anew":
            ask_past(past.draft, weeks=26, capacity=None, by=None, now=timezone.now())
        case "erased":
            PastWhatIf.objects.update(lease="", leased_until=None)

    assert run_past_what_ifs() == 1

    assert process.poll() is not None
    assert files(data) == []
    assert PastWhatIf.objects.get().state == ("stopped" if why == "stopped" else "running")
    assert run_past_what_ifs() == (0 if why == "stopped" else 1)


def test_a_child_that_ends_well_leaves_no_files(past, data, monkeypatch):
    do(monkeypatch, "end")
    run_past_what_ifs()
    past_what_ifs._running[0].process.wait(LONGEST)

    assert run_past_what_ifs() == 1

    assert files(data) == []
    assert past_what_ifs._running == []


def test_a_child_that_dies_is_told_and_the_next_can_be_asked(past, data, monkeypatch):
    do(monkeypatch, "die")
    run_past_what_ifs()
    past_what_ifs._running[0].process.wait(LONGEST)
    run_past_what_ifs()

    past.refresh_from_db()
    assert past.state == "failed"
    assert past.problem.startswith("It ended before it was done (signal 9)")
    assert files(data) == []
    assert run_past_what_ifs() == 0


def test_what_a_killed_worker_left_behind_is_deleted_and_what_another_is_at_is_not(past, data, monkeypatch):
    do(monkeypatch, "wait")
    place = data / "past-what-ifs"
    (place / "of-the-dead").mkdir(parents=True)
    (place / "of-the-dead" / "facts.jsonl").write_text("a person")
    (place / "of-another").mkdir()
    draft = make_draft(past.workspace, LIVE, timezone.now())
    other = ask_past(draft, weeks=13, capacity=None, by=None, now=timezone.now())
    later = timezone.now() + timedelta(seconds=50)
    PastWhatIf.objects.filter(pk=other.pk).update(lease="of-another", leased_until=later)

    run_past_what_ifs()

    assert "of-the-dead" not in files(data)
    assert "of-another" in files(data)


def test_one_of_two_workers_gets_it(past, now, monkeypatch):
    pk, lease = claim(now=now)

    assert claim(now=now) is None
    later = now + past_what_ifs.LEASE + timedelta(seconds=1)
    again, other = claim(now=later)
    assert again == pk == past.pk
    assert other != lease


def test_it_is_asked_of_a_running_app_and_read(tmp_path):
    """With real processes: the worker's child writes the log, replays both texts, and the page shows it."""
    with installation(tmp_path / "data") as place:
        done = place.program(FILL)
        password, draft = json.loads(done).values()
        running = place.start()
        try:
            browser = build_opener(HTTPCookieProcessor(CookieJar()))
            browser.addheaders = [("User-Agent", "Mozilla/5.0")]
            send(browser, running.address + "/sign-in/", username="maria@leadline.example", password=password)
            path = f"{running.address}/playbook/drafts/{draft}/what-if/past/"
            send(browser, path, weeks="26", capacity="5")
            wait_for(lambda: "Hand-offs a week" in browser.open(path).read().decode())
            page = browser.open(path).read().decode()
        finally:
            code, errors = running.stop()
        assert code == 0, errors
        assert "Let in, or let in sooner" in page
        assert re.search(r"Hand-offs a week: \d", page)
        assert list((tmp_path / "data" / "past-what-ifs").iterdir()) == []


FILL = """
import django; django.setup()
import json
from leadline.web.operations.bring_up import migrate; migrate()
from leadline.web.operations.demo import assess_demo, fill_demo
from django.utils import timezone
from leadline.web.playbooks.models import Draft, Version
filled = fill_demo(leads=120, now=timezone.now()); assess_demo()
live = Version.objects.get(state="live")
toml = live.toml.replace("engagement >= 40", "engagement >= 20")
assert toml != live.toml
draft = Draft.objects.create(workspace=live.workspace, name="next", toml=toml, based_on=live, updated_at=timezone.now())
print(json.dumps({"password": filled.password, "draft": draft.pk}))
"""


def send(browser, path, **given):
    page = browser.open(path).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    browser.open(path, urlencode({"csrfmiddlewaretoken": token, **given}).encode())
