"""Publishing: checked, tried on its cases, numbered, and never changed again."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from tests.web.playbooks.conftest import CASES, TOML

from leadline.engine.problems import ProblemsError
from leadline.web.leads.records import NewFact, find_or_make_company, find_or_make_lead, record_facts
from leadline.web.playbooks.actions import CasesFailedError, SamePlaybookError, check_playbook, go_live, publish
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import (
    diff_versions,
    find_live,
    find_preparing,
    get_plan,
    versions_to_assess,
)
from leadline.web.playbooks.said import say_version


def test_a_version_keeps_what_was_published_and_by_whom(northwind, maria, now):
    version = publish(northwind, toml=TOML, cases=CASES, note="  the first ", by=maria, now=now)

    version.refresh_from_db()
    assert (version.number, version.name, version.state) == (1, "northwind", "preparing")
    assert (version.toml, version.cases, version.note) == (TOML, CASES, "the first")
    assert (version.published_by, version.published_at) == (maria, now)
    assert version.plan_hash == get_plan(version).plan_hash


def test_all_problems_are_told_at_once_with_their_lines(northwind, maria):
    wrong = TOML.replace("points = 30", "point = 30").replace("fit >= 30", "fitt >= 30")

    with pytest.raises(ProblemsError) as caught:
        publish(northwind, toml=wrong, by=maria)

    assert {(one.code, one.line is not None) for one in caught.value.problems} >= {
        ("unknown-key", True),
        ("missing-key", True),
    }
    assert not Version.objects.exists()


def test_a_mistyped_score_in_a_qualification_is_no_field(northwind, maria):
    with pytest.raises(ProblemsError) as caught:
        publish(northwind, toml=TOML.replace("fit >= 30", "fitt >= 30"), by=maria)

    assert [one.code for one in caught.value.problems] == ["unknown-score"]


def test_a_playbook_whose_case_fails_is_not_published(northwind, maria):
    with pytest.raises(CasesFailedError) as caught:
        publish(northwind, toml=TOML, cases=CASES.replace("fit = 30", "fit = 31"), by=maria)

    assert "expected  31" in str(caught.value)
    assert not Version.objects.exists()


def test_cases_that_cannot_be_read_are_told_with_their_own_lines(northwind, maria):
    with pytest.raises(ProblemsError) as caught:
        publish(northwind, toml=TOML, cases=CASES.replace("expect", "expects"), by=maria)

    assert {(one.file, one.code) for one in caught.value.problems} >= {("cases.toml", "unknown-key")}


def test_a_list_in_a_file_has_no_place_here(northwind, maria):
    with pytest.raises(ProblemsError) as caught:
        publish(northwind, toml=TOML + '\n[lists]\nours = { file = "ours.txt" }\n', by=maria)

    assert "stands in the playbook itself" in str(caught.value)


def test_too_large_a_playbook_is_refused():
    with pytest.raises(ProblemsError) as caught:
        check_playbook(TOML + "#" * 256 * 1024)

    assert [one.code for one in caught.value.problems] == ["too-large"]


def test_grades_have_to_fit_their_column():
    long = TOML.replace("[playbook]", '[playbook]\ngrade = ["fit"]').replace(
        'title = "Fit: who they are"', f"min = 0\nmax = 100\ngrades = {{ {'A' * 61} = 50, B = 0 }}"
    )

    with pytest.raises(ProblemsError) as caught:
        check_playbook(long)

    assert [one.code for one in caught.value.problems] == ["too-large"]


def test_the_same_text_twice_is_one_version(northwind, maria, live):
    with pytest.raises(SamePlaybookError) as caught:
        publish(northwind, toml=TOML, by=maria)

    assert caught.value.version == live
    assert Version.objects.count() == 1


def test_one_in_preparation_is_cancelled_by_a_newer_one(northwind, maria, live):
    second = publish(northwind, toml=TOML.replace("30", "40"), by=maria)
    third = publish(northwind, toml=TOML.replace("30", "50"), by=maria)

    second.refresh_from_db()
    assert (second.state, third.number) == ("cancelled", 3)
    assert find_preparing(northwind) == third
    assert versions_to_assess(northwind) == [live, third]
    assert go_live(second) == 0, "a cancelled one never goes live"
    assert go_live(third) == 1
    assert go_live(third) == 0
    assert find_live(northwind) == third
    live.refresh_from_db()
    assert live.state == "retired"


def test_what_is_live_elsewhere_is_not_live_here(live, elsewhere):
    assert find_live(elsewhere) is None
    assert versions_to_assess(elsewhere) == []


def test_a_version_is_said_in_plain_words(live):
    parts = say_version(live)

    assert [part.title for part in parts][:2] == ["At a glance", "Fit: who they are"]
    assert [(one.title, one.points) for one in parts[1].lines] == [("In a country where we have people", "+30")]


def test_what_differs_between_two_versions_is_told_line_by_line(northwind, maria, live):
    second = publish(northwind, toml=TOML.replace("points = 30", "points = 40"), by=maria)

    diff = diff_versions(live, second)

    assert [(line.kind, line.text) for line in diff if line.kind in ("added", "removed")] == [
        ("removed", "points = 30"),
        ("added", "points = 40"),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_get_two_versions_of_which_the_later_counts(northwind):
    failures = []

    def run(points):
        try:
            publish(northwind, toml=TOML.replace("30", points), by=None)
        except Exception as error:  # noqa: BLE001 - told after the threads have ended
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(points,)) for points in ("41", "42", "43")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(Version.objects.values_list("number", "state")) == [
        (1, "cancelled"),
        (2, "cancelled"),
        (3, "preparing"),
    ]


def test_what_the_lists_show_is_what_the_live_version_believes(northwind, maria, now):
    acme, _ = find_or_make_company(northwind, domain="acme.com", now=now)
    ada, _ = find_or_make_lead(
        northwind, identities=[("email", "ada@acme.com")], source="crm", is_verified=True, at=now, now=now
    )
    for at, (source, employees, title) in enumerate((("crm", 120, "CTO"), ("enrichment", 130, "Chief of Tea"))):
        told = {"known_at": now + timedelta(minutes=at), "source": source}
        facts = [
            NewFact(field="employees", value=employees, company_id=acme.pk, **told),
            NewFact(field="title", value=title, lead_id=ada.pk, **told),
        ]
        record_facts(northwind, facts, now=now)

    shown = []
    for rank in (None, ["crm", "enrichment"], ["enrichment", "crm"], ["crm"], None):
        toml = TOML if rank is None else f"{TOML}\n[sources]\nrank = {json.dumps(rank)}\n"
        go_live(publish(northwind, toml=toml, by=maria, now=now), now=now)
        acme.refresh_from_db()
        ada.refresh_from_db()
        shown.append((acme.employees, ada.title))

    by_crm, by_enrichment = (120, "CTO"), (130, "Chief of Tea")
    assert shown == [by_enrichment, by_crm, by_enrichment, by_crm, by_enrichment]
