"""Each filter of each list lets through what it names and nothing else, in one's own workspace alone."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.web.api.conftest import Caller
from tests.web.pages.world import make_live, starter_toml

from leadline.web.accounts.models import Source
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.handoff.models import WorkCalendar
from leadline.web.leads.models import Company, Event, Fact, Lead, Outcome

pytestmark = pytest.mark.django_db
OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
SINCE = "2026-02-01T00:00:00Z"


@pytest.fixture
def log(northwind, elsewhere):
    """Write two rows of each kind that differ in everything, and one of another workspace."""
    made = {}
    for place in (northwind, elsewhere):
        source = Source.objects.create(workspace=place, name="website", kind=Source.Kind.WEBSITE)
        version = make_live(place, starter_toml())
        leads = [
            Lead.objects.create(workspace=place, name=name, is_known=True, first_seen_at=OLD) for name in ("Ada", "Bo")
        ]
        company = Company.objects.create(workspace=place, key="domain:acme.example", name="Wile", domain="acme.example")
        if place is northwind:
            made = {"ada": leads[0].pk, "bo": leads[1].pk, "acme": company.pk}
            Company.objects.create(workspace=place, key="domain:other.example", name="Other", domain="other.example")
        for at, lead in enumerate(leads):
            # what happened early was learned late, and the other way round
            happened, learned = (OLD, NEW) if at == 0 else (NEW, OLD)
            _write(place, source, version, lead, at, happened, learned)
        Fact.objects.create(
            workspace=place, company=company, field="industry", value="tea", known_at=NEW, recorded_at=OLD, source="api"
        )
        Fact.objects.create(
            workspace=place,
            lead=leads[0],
            first_lead=leads[0],
            field="_seen",
            value="x",
            known_at=NEW,
            recorded_at=NEW,
            source="api",
        )
        WorkCalendar.objects.create(workspace=place, name=f"of {place}", timezone="Europe/Berlin")
    return made


def _write(place, source, version, lead, at, happened, learned):
    own = {"workspace": place, "lead": lead, "first_lead": lead}
    Event.objects.create(
        **own,
        source=source,
        message_id=str(at),
        kind="track",
        name=("opened", "clicked")[at],
        occurred_at=happened,
        received_at=learned,
    )
    Fact.objects.create(
        **own, field=("country", "title")[at], value="x", known_at=happened, recorded_at=learned, source="api"
    )
    Outcome.objects.create(
        **own, outcome=("won", "lost")[at], at=happened, recorded_at=learned, outcome_id=f"{place}-{at}", source="crm"
    )
    said = {"workspace": place, "version": version, "lead": lead}
    Spell.objects.create(
        **said, qualification=("mql", "pql")[at], number=1, began_at=happened, began_by="enter", noticed_at=learned,
        ended_at=None if at else learned,
    )  # fmt: skip
    StageMove.objects.create(
        **said, at=happened, before=("lead", "mql")[at], after=("mql", "sql")[at], because="x", is_forward=True
    )


def told(caller, path):
    return caller.all(path)


def marks(caller, path, mark):
    return [one[mark] for one in told(caller, path)]


LISTS = {
    "/events": ("name", "opened", "clicked"),
    "/facts": ("field", "country", "title"),
    "/outcomes": ("outcome", "won", "lost"),
    "/spells": ("qualification", "mql", "pql"),
    "/stage-moves": ("after", "mql", "sql"),
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_what_is_of_its_workspace_and_of_a_lead_what_is_its(caller, log, path):
    mark, first, second = LISTS[path]
    also = ["industry"] if path == "/facts" else []

    assert marks(caller, path, mark) == [first, second, *also]
    assert marks(caller, f"{path}?lead={log['ada']}", mark) == [first]
    assert marks(caller, f"{path}?lead={log['bo']}", mark) == [second]
    assert told(caller, f"{path}?lead={Lead.objects.last().pk}") == [], "of another workspace"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/events?name=clicked", ["clicked"]),
        ("/facts?field=title", ["title"]),
        ("/outcomes?outcome=lost", ["lost"]),
        ("/spells?qualification=pql", ["pql"]),
        ("/stage-moves?stage=mql", ["mql"]),
        (f"/events?recorded_since={SINCE}", ["opened"]),
        (f"/facts?recorded_since={SINCE}", ["country"]),
        (f"/outcomes?recorded_since={SINCE}", ["won"]),
        (f"/spells?began_since={SINCE}", ["pql"]),
        (f"/spells?noticed_since={SINCE}", ["mql"]),
        (f"/spells?ended_since={SINCE}", ["mql"]),
        ("/spells?ended_since=2026-03-02T00:00:00Z", []),
        ("/spells?is_open=true", ["pql"]),
        ("/spells?is_open=false", ["mql"]),
        (f"/stage-moves?since={SINCE}", ["sql"]),
    ],
)
def test_a_filter_lets_through_what_it_names(caller, log, asked, found):
    mark = LISTS[asked.partition("?")[0]][0]

    assert marks(caller, asked, mark) == found


def test_facts_of_a_company_are_its_own(caller, log):
    assert marks(caller, f"/facts?company={log['acme']}", "field") == ["industry"]
    assert told(caller, f"/facts?company={Company.objects.last().pk}") == [], "of another workspace"


@pytest.mark.parametrize(
    ("q", "found"), [("wile", ["Wile"]), ("acme", ["Wile"]), ("example", ["Wile", "Other"]), ("wile other", [])]
)
def test_companies_are_looked_for_by_name_and_domain(caller, log, q, found):
    assert marks(caller, f"/companies?q={q}", "name") == found


def test_calendars_are_those_of_the_workspace(caller, stranger, log):
    assert [one["name"] for one in caller.get("/calendars").json()] == ["of Northwind"]
    assert [one["name"] for one in stranger.get("/calendars").json()] == ["of Elsewhere"]


def test_leads_that_were_assessed_anew_or_wait_are_those_that_changed(caller, northwind, log):
    version = Spell.objects.filter(lead=log["ada"]).get().version
    for name, as_of in (("ada", NEW), ("bo", OLD)):
        Assessment.objects.create(
            workspace=northwind,
            version=version,
            lead_id=log[name],
            as_of=as_of,
            log_version=1,
            plan_hash="",
            stage="lead",
        )
    asked = f"/leads?updated_since={SINCE}"

    assert marks(caller, asked, "id") == [log["ada"]]
    Lead.objects.filter(pk=log["bo"]).update(due_at=OLD)
    assert marks(caller, asked, "id") == [log["ada"], log["bo"]]
    Lead.objects.filter(pk=log["bo"]).update(due_at=None, first_seen_at=NEW + timedelta(days=1))
    assert marks(caller, asked, "id") == [log["ada"], log["bo"]]


def test_an_outcome_is_reported_under_the_keys_source_and_name(key_for, log):
    caller = Caller(key_for(source="crm-sync"))
    said = {"outcome": "won", "at": "2026-03-02T09:00:00Z", "reason": "price", "outcome_id": "o-1"}

    assert caller.post(f"/leads/{log['bo']}/outcomes", said).status_code == 200
    stored = Outcome.objects.get(outcome_id="o-1")
    assert (stored.source, stored.by, stored.reason) == ("crm-sync", "API key a program", "price")
