"""What the app stores is what the engine says of the app's files: the idea of the product, over the wire.

`leadline pull` writes the log of a running app; `leadline score` and `leadline replay` read it; every lead has the scores, grade,
coverage, contributions, answers, spells and moves that the app has stored, to the digit.
"""

import json
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.utils import timezone
from tests.web.pages.world import assess_everybody, fill, make_live, starter_toml

import leadline
from leadline.cli.main import main as command_line
from leadline.web.api.keys import make_api_key
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.leads.due import make_due
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Company, Event, Fact, Lead, Outcome
from leadline.web.leads.records import NewFact, NewOutcome, record_facts, record_outcomes

TABLES = ("leads", "companies", "events", "facts", "outcomes")


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=123_456)


@pytest.fixture
def world(live_server, northwind, elsewhere, now):
    """Invented people with all that may happen to them: merged, marked as bots, facts of every type, words on consent."""
    make_live(northwind, starter_toml())
    people = fill(northwind, leads=90)
    with transaction.atomic():
        say_much(northwind, people, now)
        merge_leads(people[5], people[6], because="by hand", now=now)
        Event.objects.filter(lead=people[8]).update(is_bot=True)
        make_due(Lead.objects.filter(merged_into=None).values_list("pk", flat=True), now=now)
    fill(elsewhere, leads=5)
    assess_everybody(now)
    return people


def say_much(workspace, people, now):
    values = ["yes", "no", True, 51, 0.1, ["a", "b,c"], "", "51-200", " ÄÖ ", 'VP of "Sales"\nEMEA', "1e3"]
    fields = ["consent.scoring", "title", "seniority", "questions.budget", "country", "email", "phone", "team"]
    facts = [
        NewFact(
            field=fields[(at + place) % len(fields)],
            value=value if at % 3 else str(value),
            known_at=now - timedelta(days=at),
            source=("crm", "person", "enrichment")[place % 3],
            lead_id=lead.pk,
        )
        for at, lead in enumerate(people[10:40])
        for place, value in enumerate(values)
        if not (fields[(at + place) % len(fields)] == "email" and not isinstance(value, str))
    ]
    # a number that is none: read as the playbook uses it, not as all texts of the column look
    companies = Company.objects.filter(workspace=workspace).order_by("pk").values_list("pk", flat=True)[:3]
    facts += [
        NewFact(field="employees", value=value, known_at=now, source="person", company_id=company)
        for company, value in zip(companies, ["51-200", 480, "unknown"], strict=True)
    ]
    record_facts(workspace, facts, now=now)
    record_outcomes(
        workspace,
        [
            NewOutcome(
                lead_id=lead.pk,
                outcome=said,
                at=now - timedelta(days=at),
                source=("crm", "leadline")[at % 2],
                reason="no-budget",
            )
            for at, (lead, said) in enumerate(
                zip(people[40:60], ["accepted", "rejected", "recycled", "won"] * 5, strict=True)
            )
        ],
        now=now,
    )
    for at, event in enumerate(Event.objects.filter(workspace=workspace).order_by("pk")[:60]):
        event.properties = event.properties | {
            "lead_id": "somebody else", "plan": [1, "two", True], "n": at / 7, "nested": {"a": [None]}, "is new": at % 2 == 0,
        }  # fmt: skip
        event.save(update_fields=["properties"])


@pytest.fixture
def folder(live_server, northwind, world, tmp_path):
    _, key = make_api_key(northwind, name="laptop", scopes=["export", "playbooks:read"])
    told = CliRunner().invoke(
        command_line,
        ["pull", str(tmp_path / "northwind"), "--json"],
        env={"LEADLINE_URL": live_server.url, "LEADLINE_KEY": key},
    )
    assert told.exit_code == 0, told.output + told.stderr
    return tmp_path / "northwind"


def inputs_of(folder):
    return leadline.Inputs(**{name: folder / f"{name}.jsonl" for name in TABLES})


def units(value):
    return int(Decimal(str(value)) * 10_000)


@pytest.mark.django_db(transaction=True)
def test_scores_of_the_files_are_the_stored_ones(folder, northwind, now):
    stored = {str(one.lead_id): one for one in Assessment.objects.filter(workspace=northwind)}
    playbook = leadline.load_playbook(folder / "playbook.toml")[0]

    with leadline.score(
        playbook, inputs_of(folder), as_of=now, contributions=True, cools_on=True, next_step=True
    ) as scoring:
        rows = list(scoring.rows())

    assert {row["lead_id"] for row in rows} == stored.keys()
    wrong = [f"{row['lead_id']}: {what}" for row in rows for what in differences(row, stored[row["lead_id"]], playbook)]
    assert not wrong, "\n".join(wrong)
    assert len({one.grade for one in stored.values()}) > 3
    assert any(one.qualifications for one in stored.values()) and any(one.excluded_by for one in stored.values())


def differences(row, one, playbook):
    """Yield in what a row of `leadline score` differs from a stored assessment."""
    has_consent = one.excluded_by != "consent"
    said = {
        "scores": {score.id: units(row[score.id]) for score in playbook.scores} if has_consent else {},
        "contributions": {
            each.id: points
            for each in playbook.criteria
            if row[f"c_{each.id}"] and (points := units(row[f"c_{each.id}"]))
        },
        "coverage": {score.id: units(row[f"{score.id}_coverage"]) for score in playbook.scores} if has_consent else {},
        "grade": row["grade"] or "",
        "persona": row["persona"] or "",
        "excluded_by": row["excluded_by"] or "",
        "answers": {each.id: row[each.id] for each in playbook.questions} if has_consent else {},
        "reasons": row["reasons"] or "",
        "qualifications": [level.id for level in playbook.qualifications if row[f"{level.id}_since"]],
        "next_step": row["next_step"] or "",
    }
    yield from (f"{name} {value} {getattr(one, name)}" for name, value in said.items() if getattr(one, name) != value)


@pytest.mark.django_db(transaction=True)
def test_spells_and_moves_of_the_files_are_the_stored_ones(folder, northwind, now):
    today = timezone.localdate(now, ZoneInfo(northwind.timezone))
    found = leadline.replay(folder / "playbook.toml", inputs_of(folder), start=today - timedelta(days=800), end=today)

    spells = {(one.lead_id, one.qualification, one.began_us, one.ended_us, one.ended_because) for one in found.spells}
    moves = {(one.lead_id, one.at_us, one.after) for one in found.moves}

    def us(moment):
        return None if moment is None else round(moment.timestamp() * 1_000_000)

    assert spells == {
        (str(one.lead_id), one.qualification, us(one.began_at), us(one.ended_at), one.ended_because or None)
        for one in Spell.objects.filter(workspace=northwind)
    }
    assert moves == {
        (str(one.lead_id), us(one.at), one.after or None) for one in StageMove.objects.filter(workspace=northwind)
    }
    assert len(spells) > 5 and len(moves) > 50


@pytest.mark.django_db(transaction=True)
def test_who_reported_an_outcome_is_in_its_file(folder, northwind):
    rows = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]

    stored = Outcome.objects.filter(workspace=northwind, lead__merged_into=None)
    assert sorted((one["lead_id"], one["outcome"], one["source"]) for one in rows) == sorted(
        (str(one.lead_id), one.outcome, one.source) for one in stored
    )
    assert {one["source"] for one in rows} == {"crm", "leadline"}


@pytest.mark.django_db(transaction=True)
def test_nobody_elses_rows_are_in_the_files_and_no_row_is_left_out(folder, northwind):
    lines = {name: (folder / f"{name}.jsonl").read_text().splitlines() for name in TABLES}

    leads = {json.loads(line)["lead_id"] for line in lines["leads"]}
    assert leads == {
        str(pk) for pk in Lead.objects.filter(workspace=northwind, merged_into=None).values_list("pk", flat=True)
    }
    assert len(lines["events"]) == Event.objects.filter(workspace=northwind, kind__in=Event.BEHAVIOUR).count()
    assert {json.loads(line)["lead_id"] for line in lines["events"]} <= leads
    assert len(lines["facts"]) >= Fact.objects.filter(workspace=northwind).exclude(field__startswith="_").count() / 2


@pytest.mark.django_db(transaction=True)
def test_it_writes_over_what_was_pulled_and_over_nothing_else(folder, live_server, northwind, tmp_path):
    _, key = make_api_key(northwind, name="laptop", scopes=["export", "playbooks:read"])
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "playbook.toml").write_text("mine")

    def pull(where, key=key):
        arguments = ["pull", str(where), "--url", live_server.url, "--key", key]
        return CliRunner().invoke(command_line, arguments)

    assert pull(folder).exit_code == 0
    refused = pull(mine)
    assert refused.exit_code == 2 and "were not pulled" in refused.stderr
    assert (mine / "playbook.toml").read_text() == "mine"
    assert "Send a key" in pull(tmp_path / "new", "ll_api_x_y").stderr


def test_it_says_what_it_needs(tmp_path):
    told = CliRunner().invoke(command_line, ["pull", str(tmp_path / "new")])
    nobody = CliRunner().invoke(command_line, ["pull", str(tmp_path / "new"), "--url", "leads.example", "--key", "x"])

    assert told.exit_code == 2 and "LEADLINE_URL" in told.stderr and "LEADLINE_KEY" in told.stderr
    assert nobody.exit_code == 2 and "no address" in nobody.stderr
