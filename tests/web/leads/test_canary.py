"""A person is exported whole and erased whole: what was planted through every way in is found, and then it is nowhere."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from tests.web.leads import canary
from tests.web.leads.canary import EMAIL, USER, VISITOR, WAYS, find_in_files, find_in_tables, plant, send, w

from leadline.web.capture.models import Delivery, ImportRun, RefusedEvent
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.export import export_person
from leadline.web.leads.models import Erasure, Event, Lead
from leadline.web.leads.records import find_lead


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "UPLOADS", tmp_path / "uploads")


@pytest.fixture
def lead(northwind, server_key, browser_key, maria):
    from django.utils import timezone

    return plant(northwind, server_key, browser_key, maria, timezone.now())


@pytest.fixture
def erased(lead, maria, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return erase_person(lead, by=maria)


def test_what_is_planted_is_there(lead):
    """The search finds what it looks for; else the tests below could not fail."""
    text = " ".join(find_in_tables()) + " ".join(path.read_bytes().decode() for path in find_in_files(canary.uploads()))

    assert {way for way in WAYS if w(way) not in text} == set()


# -- export ---------------------------------------------------------------------------------------------------


def test_an_export_holds_what_came_in_on_every_way(lead):
    text = json.dumps(export_person(lead), ensure_ascii=False)

    assert {way for way in WAYS if w(way) not in text} == set()
    assert "bob" not in text


def test_an_export_knows_every_table_that_refers_to_a_lead(lead):
    exported = {
        "lead": "leads",
        "identity": "identities",
        "event": "events",
        "fact": "facts",
        "outcome": "outcomes",
        "note": "notes",
        "takenback": "taken_back",
        "merge": "merges",
        "suggestion": "suggestions",
        "assessment": "assessments",
        "spell": "spells",
        "stagemove": "stage_moves",
        "failinglead": "failing_assessments",
        "botchange": "bot_changes",
        "handoff": "handoffs",
        "notice": "notices",
        "post": "channel_posts",
    }
    only_work = {"botreview"}  # spells from before, kept for a minute until the lead is assessed anew

    held = export_person(lead)

    assert {model._meta.model_name for model in canary.personal_models()} - only_work == exported.keys()
    assert set(exported.values()) <= held.keys()


def test_the_page_and_the_file_say_the_same(as_maria, lead):
    page = as_maria.get(f"/leads/{lead.pk}/export/").content.decode()
    file = as_maria.get(f"/leads/{lead.pk}/export/person.json")

    assert {way for way in WAYS if w(way) not in page} == set()
    assert file["Content-Disposition"] == f'attachment; filename="person-{lead.pk}.json"'
    assert file.json()["format"] == "leadline-person-1"
    assert w("trait") in file.content.decode()


def test_a_merged_lead_gives_the_whole_person(northwind, lead):
    part = Lead.objects.get(merged_into=lead)

    assert w("trait") in json.dumps(export_person(part))


# -- erasure --------------------------------------------------------------------------------------------------


def test_after_an_erasure_nothing_of_them_is_in_any_table_or_file(erased):
    assert find_in_tables() == []
    assert find_in_files(canary.uploads()) == []


def test_what_is_kept_are_hashes_of_their_identities(erased, northwind):
    assert Erasure.objects.filter(workspace=northwind).count() == 3  # address, user id, anonymous id
    assert all(len(one.digest) == 64 for one in Erasure.objects.all())


def test_others_keep_what_was_theirs(erased, northwind):
    assert find_lead(northwind, "user", "bob") is not None
    assert Event.objects.filter(message_id="m8").exists()  # it waited in one request with theirs
    assert find_lead(northwind, "email", "bob@initech.example") is not None
    assert b"refused of bob" in bytes(RefusedEvent.objects.get().body)
    assert Lead.objects.filter(name="Third").exists()
    assert not Delivery.objects.exists()


def test_an_import_that_waited_is_stopped_and_says_why(erased):
    waiting = ImportRun.objects.get(file_name="waits.csv")

    assert waiting.state == ImportRun.State.FAILED
    assert "somebody in it was erased" in waiting.problem
    assert any("waits.csv" in note for note in erased.notes)


def test_what_is_sent_about_them_later_is_dropped(erased, northwind, server_key, browser_key):
    send(server_key, {"type": "identify", "messageId": "n1", "userId": USER, "traits": {"email": EMAIL}})
    send(browser_key, {"type": "page", "messageId": "n2", "anonymousId": VISITOR})
    send(server_key, {"type": "identify", "messageId": "n3", "userId": "other", "traits": {"email": EMAIL}})
    while take_deliveries():
        pass

    assert find_in_tables() == []
    assert not Event.objects.filter(message_id__in=["n1", "n2", "n3"]).exists()


def test_a_file_that_brings_them_again_leaves_nothing_of_them_in_any_table(erased, northwind):
    canary.import_again(northwind)

    assert find_in_tables() == []
    assert find_lead(northwind, "email", EMAIL) is None
    assert find_lead(northwind, "email", "carl@birds.example") is not None


def test_an_erasure_in_one_workspace_leaves_another_alone(erased, elsewhere):
    from leadline.web.leads.forgotten import find_erased

    assert find_erased(elsewhere.pk, [("email", EMAIL)]) == set()


def test_the_page_asks_first_and_says_no_name_afterwards(as_maria, lead):
    asked = as_maria.post(f"/leads/{lead.pk}/erase/")
    assert asked.status_code == 422
    assert "Nothing was erased" in asked.content.decode()
    assert find_in_tables()


@pytest.mark.django_db(transaction=True)
def test_who_was_erased_on_the_page_is_gone(as_maria, lead):
    answer = as_maria.post(f"/leads/{lead.pk}/erase/", {"is_sure": "on"})

    assert answer["Location"] == "/leads/"
    assert find_in_tables() == []
    assert find_in_files(canary.uploads()) == []


def test_another_workspace_exports_and_erases_nobody(as_charlie, lead):
    for path in ("consent", "export", "export/person.json", "erase"):
        address = f"/leads/{lead.pk}/{path}" + ("" if path.endswith("json") else "/")
        assert as_charlie.get(address).status_code == 404, path
    assert as_charlie.post(f"/leads/{lead.pk}/erase/", {"is_sure": "on"}).status_code == 404
    assert as_charlie.post(f"/leads/{lead.pk}/consent/", {"purpose": "contact"}).status_code == 404
    assert find_in_tables()


def test_a_rep_exports_and_erases_nobody(as_omar, lead):
    for path in ("export/", "export/person.json", "erase/"):
        assert as_omar.get(f"/leads/{lead.pk}/{path}").status_code == 403


@pytest.mark.one_database
def test_the_files_of_sqlite_hold_nothing_of_them_either(tmp_path):
    """In a folder of its own, with a file that has seen requests come and go."""
    environment = {
        **os.environ,
        "LEADLINE_DATA": str(tmp_path),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings",
    }
    story = Path(__file__).with_name("erase_in_a_folder.py")
    told = subprocess.run(
        [sys.executable, str(story)], env=environment, cwd=Path(__file__).parents[3], capture_output=True, text=True
    )

    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == {"before": True, "after the rows are gone": True, "after": False}
    assert find_in_files(tmp_path) == []


def test_an_erasure_takes_who_is_one_now_and_leaves_who_was_taken_apart(northwind, lead, maria):
    from leadline.web.leads.merging import unmerge
    from leadline.web.leads.models import Merge

    unmerge(Merge.objects.get(), by=maria.email)

    erase_person(lead, by=maria)

    assert Lead.objects.filter(name=w("merged")).exists()
    assert not Lead.objects.filter(pk=lead.pk).exists()


def test_an_old_request_of_theirs_that_was_claimed_by_a_worker_writes_nothing(northwind, lead, maria, now):
    """The worker holds what it read; the request is gone when it wants to write."""
    from leadline.web.capture.tracking import take_apart

    claimed = [take_apart._read(one) for one in take_apart._claim(now + timedelta(days=400))]
    assert claimed

    erase_person(lead, by=maria)
    take_apart._write(claimed, now)

    assert not Event.objects.filter(message_id="m7").exists()
    assert Event.objects.filter(message_id="m8").count() == 1
