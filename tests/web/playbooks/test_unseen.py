"""Slips of the pen are asked about before a version is published, and published all the same when they are meant."""

import pytest
from click.testing import CliRunner
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from tests.web.playbooks.conftest import TOML

from leadline.web.leads.models import Company, Event, Fact, Lead
from leadline.web.playbooks import seen
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import compile_toml
from leadline.web.playbooks.unseen import find_unseen

NOW = timezone.now()
TYPOS = (
    TOML.replace("country = 'DE'", "country = 'DE' and employes > 5 and budget_amount > 1")
    + """
[[criteria]]
id = "pages"
score = "fit"
why = "Looked around"
event = "page_veiwed"
points = 1
"""
)
PUBLISH = reverse("playbook-publish")


PRICES = (
    TOML
    + """
[[criteria]]
id = "prices"
score = "fit"
why = "Looked at prices"
event = "page_viewed"
# pth is what the site sends
when = "starts_with(pth, '/pricing')"
points = 1
"""
)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def data(northwind, website):
    """A lead with a country, a company with its size, and a page view."""
    lead = Lead.objects.create(workspace=northwind, name="Ada", first_seen_at=NOW)
    company = Company.objects.create(workspace=northwind, key="domain:a.example")
    dated = {"workspace": northwind, "known_at": NOW, "recorded_at": NOW, "source": "import"}
    Fact.objects.create(lead=lead, first_lead=lead, field="country", value="DE", **dated)
    Fact.objects.create(company=company, field="employees", value="9", **dated)
    Event.objects.create(
        workspace=northwind, source=website, message_id="1", lead=lead, first_lead=lead, kind="page", name="page_viewed",
        occurred_at=NOW, received_at=NOW, properties={"path": "/", "title": "Home"},
    )  # fmt: skip


def meant(workspace, toml):
    return {one.name: one.meant for one in find_unseen(workspace, compile_toml(toml))}


def test_names_like_others_that_were_seen_are_found(northwind, data):
    assert meant(northwind, TYPOS.replace("employes", "employees")) == {
        "employees": "company.employees",
        "page_veiwed": "page_viewed",
    }
    assert meant(northwind, TYPOS.replace("employes", "company.employes"))["company.employes"] == "company.employees"


def test_what_is_new_altogether_derived_or_declared_is_meant(northwind, data):
    slips = TYPOS.replace("employes", "company.employes")
    declared = slips + '\n[fields."company.employes"]\ntype = "number"\n[events.page_veiwed]\n'
    assert meant(northwind, slips).keys() == {"company.employes", "page_veiwed"}
    assert meant(northwind, declared) == {}
    assert meant(northwind, TOML.replace("country =", "seniority = 'vp' and country =")) == {}
    assert "budget_amount" not in meant(northwind, TYPOS)


def happens(name, message, **properties):
    lead, source = Lead.objects.get(), Event.objects.first().source
    return Event.objects.create(
        workspace=lead.workspace, source=source, message_id=message, lead=lead, first_lead=lead, kind="track", name=name,
        occurred_at=NOW, received_at=NOW, properties=properties,
    )  # fmt: skip


def test_a_property_of_an_event_is_found_beside_its_line(northwind, data):
    happens("demo_requested", "2", pth="/demo")
    [found] = find_unseen(northwind, compile_toml(PRICES))

    assert (found.kind, found.name, found.meant, found.events) == ("property", "pth", "path", ("page_viewed",))
    assert found.text == "The property 'pth' of 'page_viewed' was never seen here. Did you mean 'path'?"
    problem = found.beside(PRICES)
    assert (problem.code, problem.severity) == ("unknown-property", "warning")
    assert PRICES.splitlines()[problem.line - 1] == """when = "starts_with(pth, '/pricing')\""""


def test_a_property_that_is_declared_the_apps_own_or_like_no_other_is_meant(northwind, data):
    declared = PRICES + '\n[events.page_viewed]\nproperties = { pth = { type = "text" } }\n'
    assert meant(northwind, PRICES) == {"pth": "path"}
    assert meant(northwind, declared) == {}
    assert meant(northwind, PRICES.replace("pth", "campaign")) == {}
    assert meant(northwind, PRICES.replace("page_viewed", "never_came")) == {}


def test_a_property_in_the_condition_of_a_count_and_of_any_event_is_found(northwind, data):
    of_a_count = TOML.replace("country = 'DE'", "count('page_viewed', '30d', pth = '/') >= 1")
    of_any = PRICES.replace('event = "page_viewed"', 'event = "*"')
    assert meant(northwind, of_a_count) == {"pth": "path"}
    assert [one.text for one in find_unseen(northwind, compile_toml(of_any))] == [
        "The property 'pth' of any event was never seen here. Did you mean 'path'?"
    ]


def test_a_property_that_only_old_events_had_is_meant(northwind, data, monkeypatch):
    monkeypatch.setattr(seen, "LATEST", 1)
    old = happens("page_viewed", "2", pth="/")
    Event.objects.filter(pk=old.pk).update(occurred_at=NOW.replace(year=2020))

    assert "pth" not in seen.Seen(northwind, is_fresh=True).properties(["page_viewed"])
    assert meant(northwind, PRICES) == {}


def test_one_of_several_events_may_have_the_property(northwind, data):
    several = PRICES.replace('event = "page_viewed"', 'event = ["page_viewed", "demo_requested"]')
    assert meant(northwind, several) == {"pth": "path"}
    happens("demo_requested", "2", pth="/demo")
    assert meant(northwind, several) == {}


def test_what_is_typed_is_checked_by_what_came_in_some_minutes_ago(northwind, data, django_assert_num_queries):
    compiled = compile_toml(PRICES)
    first = find_unseen(northwind, compiled, is_typing=True)
    happens("page_viewed", "2", pth="/")

    with django_assert_num_queries(0):
        assert find_unseen(northwind, compiled, is_typing=True) == first != []
    assert find_unseen(northwind, compiled) == []
    assert find_unseen(northwind, compiled, is_typing=True) == []


def test_nothing_is_asked_where_nothing_was_seen_or_it_was_elsewhere(northwind, elsewhere, data):
    assert meant(elsewhere, TYPOS) == {}


def test_the_page_asks_first_and_publishes_when_it_is_meant(as_maria, northwind, data):
    asked = as_maria.post(PUBLISH, {"toml": TYPOS, "note": "my note"})

    text = asked.content.decode()
    assert asked.status_code == 422
    assert "Did you mean &#x27;page_viewed&#x27;?" in text
    assert "my note" in text
    assert "Publish all the same" in text
    assert not Version.objects.exists()

    as_maria.post(PUBLISH, {"toml": TYPOS, "note": "my note", "is_meant": "yes"})
    assert Version.objects.get().note == "my note"


def test_a_playbook_without_slips_is_published_at_once(as_maria, northwind, data):
    as_maria.post(PUBLISH, {"toml": TOML})

    assert Version.objects.exists()


def test_an_older_version_is_published_again_from_its_page(as_maria, live, northwind, now):
    as_maria.post(PUBLISH, {"toml": TOML.replace("points = 30", "points = 31")})
    Version.objects.filter(number=1).update(state="retired")

    page = as_maria.get("/playbook/versions/1/").content.decode()
    form = as_maria.get(f"{PUBLISH}?from=1").context["form"]

    assert f'href="{PUBLISH}?from=1"' in page
    assert (form.initial["toml"], form.initial["note"]) == (TOML, "Back to version 1")
    assert as_maria.get(f"{PUBLISH}?from=77").status_code == 404


def test_another_workspaces_version_is_no_beginning(as_charlie, live):
    assert as_charlie.get(f"{PUBLISH}?from=1").status_code == 404


def test_the_command_warns_and_publishes(northwind, data, tmp_path, monkeypatch):
    from leadline.cli import publish as command

    monkeypatch.setattr(command, "setup_app", lambda data: None)
    (tmp_path / "playbook.toml").write_text(TYPOS, encoding="utf-8")

    told = CliRunner().invoke(command.publish, [str(tmp_path / "playbook.toml")])

    assert told.exit_code == 0, told.output
    assert "Did you mean 'page_viewed'?" in told.output
    assert Version.objects.exists()
