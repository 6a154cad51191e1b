"""What follows a reason follows by the log: sales decides in the app, and the replay of the pulled log shows the same.

Each story sends one qualified lead back for a reason that declares one consequence. What becomes of it in the app, whom it comes to
when it comes back, and what `leadline replay` says of the log that was pulled are one.
"""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests.web.api.conftest import Caller
from tests.web.handoff.teams.world import seat, team
from tests.web.pages.rows import happened
from tests.web.pages.world import assess_everybody, make_live

import leadline
from leadline.cli.main import main as command_line
from leadline.web.api.keys import make_api_key
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.handoff.actions import decide
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.opening import reconcile
from leadline.web.leads.due import make_due
from leadline.web.leads.models import Outcome
from leadline.web.leads.records import NewFact, find_or_make_lead, record_facts

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = ("leads", "companies", "events", "facts", "outcomes")
DAY = timedelta(days=1)
SENT_BACK = 30
"""Days ago."""
PLAYBOOK = """
[playbook]
name = "consequences"
timezone = "UTC"

[scores.fit]
[scores.engagement]

[[criteria]]
id = "country"
score = "fit"
why = "In a country where we have people"
when = "country = 'DE'"
points = 30
[[criteria]]
id = "views"
score = "engagement"
why = "Looked around"
event = "page_viewed"
points = 10

[[qualifications]]
id = "mql"
enter = "fit >= 30 and engagement >= 20"
hand_raise = ["demo_requested"]

[outcomes.recycled]
reset = ["engagement"]
[[outcomes.recycled.reasons]]
id = "as-always"
[[outcomes.recycled.reasons]]
id = "kept"
reset = []
[[outcomes.recycled.reasons]]
id = "quiet"
reset = []
quiet = "10d"
[[outcomes.recycled.reasons]]
id = "asks"
reset = []
returns = "hand_raise"
[[outcomes.recycled.reasons]]
id = "never"
reset = []
returns = "never"
[[outcomes.recycled.reasons]]
id = "same-owner"
reset = []
owner = "keep"
[[outcomes.recycled.reasons]]
id = "new-owner"
reset = []
owner = "new"
[outcomes.rejected]
[[outcomes.rejected.reasons]]
id = "afresh"
reset = ["engagement"]
[[outcomes.bad_data.reasons]]
id = "phone"
fix = ["phone"]

[handoff]
qualifications = ["mql"]
otherwise = "inbound"
"""
# the lead looks at pages 35, 34, 28, 26, 15 and 12 days ago, asks for a demonstration 22 days ago and has another phone since 5
VIEWS = (35, 34, 28, 26, 15, 12)
DEMO = 22
FIXED = 5
LAST = 4
# decision, reason: how many days ago the lead comes back, by what; None: it does not
FOLLOWS = {
    ("recycled", "as-always"): (26, "enter"),
    ("recycled", "kept"): (28, "enter"),
    ("recycled", "quiet"): (DEMO, "hand_raise"),
    ("recycled", "asks"): (DEMO, "hand_raise"),
    ("recycled", "never"): None,
    ("recycled", "same-owner"): (28, "enter"),
    ("recycled", "new-owner"): (28, "enter"),
    ("rejected", "afresh"): (26, "enter"),
    ("bad_data", "phone"): (FIXED, "enter"),
}
OWNERS = {("recycled", "new-owner"): "Bo"}


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def live(northwind):
    return make_live(northwind, PLAYBOOK)


@pytest.fixture
def ana(northwind):
    found = seat(northwind, "Ana")
    team(northwind, "inbound", found, seat(northwind, "Bo"))
    return found


def say(lead, field, value, *, ago, now):
    with transaction.atomic():
        said = NewFact(field=field, value=value, known_at=now - ago * DAY, source="crm", lead_id=lead.pk)
        record_facts(lead.workspace, [said], now=now - ago * DAY)


def know(northwind, now):
    at = now - 40 * DAY
    with transaction.atomic():
        lead, _ = find_or_make_lead(
            northwind, identities=[("email", "maya@acme.example")], source="crm", is_verified=True, at=at, now=at
        )
    say(lead, "country", "DE", ago=40, now=now)
    say(lead, "phone", "+49 30 0", ago=40, now=now)
    return lead


def look(lead, ago, name="page_viewed"):
    """Let the lead do something an hour more than so many days ago."""
    happened(lead, name, ago=ago * DAY + timedelta(hours=1))


def assess(lead, live, at):
    """Assess a lead at a moment, and hand it over where it qualifies."""
    with transaction.atomic():
        make_due([lead.pk], now=at)
    assess_everybody(at)
    with transaction.atomic():
        reconcile(live, [lead.pk], now=at)


def pull(live_server, northwind, folder):
    _, key = make_api_key(northwind, name="laptop", scopes=["export", "playbooks:read"])
    told = CliRunner().invoke(
        command_line, ["pull", str(folder), "--json"], env={"LEADLINE_URL": live_server.url, "LEADLINE_KEY": key}
    )
    assert told.exit_code == 0, told.output + told.stderr
    files = {name: folder / f"{name}.jsonl" for name in TABLES}
    return leadline.Inputs(**{name: file for name, file in files.items() if file.exists()})


@pytest.mark.parametrize(("decision", "reason"), FOLLOWS)
def test_what_a_reason_declares_follows_in_the_app_and_in_a_replay_of_the_pulled_log(
    decision, reason, live_server, northwind, live, ana, now, tmp_path
):
    lead = know(northwind, now)
    for ago in VIEWS[:2]:
        look(lead, ago)
    assess(lead, live, now - 33 * DAY)
    handed = HandOff.objects.get()
    assert handed.owner == ana.user

    decide(handed.pk, decision, by=ana.user, reason=reason, now=now - SENT_BACK * DAY)
    for ago in VIEWS[2:]:
        look(lead, ago)
    look(lead, DEMO, "demo_requested")
    assess(lead, live, now - 6 * DAY)
    say(lead, "phone", "+49 30 77", ago=FIXED, now=now)
    look(lead, LAST)
    assess(lead, live, now)

    back = Spell.objects.filter(lead=lead, number=2).first()
    assert (back and ((now - back.began_at).days, back.began_by)) == FOLLOWS[decision, reason]
    again = HandOff.objects.exclude(pk=handed.pk).order_by("pk").first()
    assert (again is None) == (back is None)
    assert again is None or again.owner.name == OWNERS.get((decision, reason), "Ana")
    reinstated = Outcome.objects.filter(outcome="reinstated")
    assert [(one.by, one.at) for one in reinstated] == (
        [("source crm", now - FIXED * DAY)] if decision == "bad_data" else []
    )

    inputs = pull(live_server, northwind, tmp_path / "northwind")
    found = leadline.replay(tmp_path / "northwind" / "playbook.toml", inputs, start=now - 60 * DAY, end=now)
    assert [(one.began_us, one.ended_us, one.began_by, one.reason) for one in found.spells] == [
        (us(one.began_at), us(one.ended_at), one.began_by, one.reason or None)
        for one in Spell.objects.filter(lead=lead).order_by("number")
    ]
    playbook = leadline.load_playbook(tmp_path / "northwind" / "playbook.toml")[0]
    with leadline.score(playbook, inputs, as_of=now) as scoring:
        (row,) = scoring.rows()
    assert int(row["engagement"] * 10_000) == Assessment.objects.get(lead=lead).scores["engagement"]
    wiped = decision != "bad_data" and reason in ("as-always", "afresh")
    assert row["engagement"] == 10 * (len(VIEWS) + 1 - (2 if wiped else 0))


def us(moment):
    return None if moment is None else round(moment.timestamp() * 1_000_000)


def test_a_program_puts_right_what_was_wrong_and_it_is_said_which_and_what(
    live_server, northwind, live, ana, maria, now, tmp_path
):
    lead = know(northwind, now)
    look(lead, 35)
    look(lead, 34)
    assess(lead, live, now - 33 * DAY)
    decide(HandOff.objects.get().pk, "bad_data", by=ana.user, reason="phone", now=now - SENT_BACK * DAY)
    _, key = make_api_key(northwind, name="Our CRM", scopes=["leads:read", "leads:write"], source="crm")

    answer = Caller(key).post(f"/leads/{lead.pk}/facts", {"facts": [{"field": "phone", "value": "+49 30 77"}]})

    assert answer.status_code == 200, answer.content
    said = Caller(key).all("/outcomes")
    assert {(one["outcome"], one["by"]) for one in said} == {
        ("reinstated", "API key Our CRM"),
        ("bad_data", ana.user.email),
    }
    client = Client()
    client.force_login(maria)
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "Reinstated</b>: phone was put right" in page and "API key Our CRM" in page
    pull(live_server, northwind, tmp_path / "northwind")
    rows = [json.loads(line) for line in (tmp_path / "northwind" / "outcomes.jsonl").read_text().splitlines()]
    assert [(one["outcome"], one["source"]) for one in rows] == [("bad_data", "leadline"), ("reinstated", "leadline")]
