"""Small worlds in the database, and the same rows as the engine's reference reads them: by no code of the app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from tests.strategies import conditions as words
from tests.web.pages.world import make_live

from leadline.engine.calendar import instant_of
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.lifecycle.history import history
from leadline.engine.reference.assess import _what_is_known, assess
from leadline.engine.reference.read import read_logs
from leadline.engine.values import text_key
from leadline.web.accounts.models import Source, Workspace
from leadline.web.assessments.assess import compute_rows
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import Assessment
from leadline.web.assessments.store import store_rows
from leadline.web.leads.models import Company, Event, Fact, Lead, Outcome
from leadline.web.pages.conditions.names import is_assessed
from leadline.web.pages.conditions.reading import Filter
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

PLAYBOOK = """
[playbook]
name = "drawn"
timezone = "{zone}"
grade = ["fit", "heat"]
needs_consent = {needs_consent}

[fields]
tags = {{ type = "list", separator = ";", missing = ["Select"] }}
renewal = {{ type = "date" }}
"company.employees" = {{ type = "number" }}

[sources]
rank = ["person", "crm"]

[lists]
core = ["Software", "straße", "é", "a_b"]
roles = ["vp", "  İstanbul "]

[scores.fit]
grades = {{ A = 3, b = 1, C1 = -100 }}

[scores.heat]
grades = {{ 1 = 2, 2 = 0 }}

[[criteria]]
id = "size"
score = "fit"
why = "Large"
when = "employees > 2"
points = 3

[[criteria]]
id = "industry"
score = "fit"
why = "Ours"
when = "industry = 'software'"
points = -1.5

[[criteria]]
id = "viewed"
score = "heat"
why = "Looked"
event = "viewed"
points = 1.3333
decay = {{ half_life = "7d" }}

[questions.money]
ask = "Is there money?"
yes = "budget >= 3"
no = "budget < 3"

[questions.need]
ask = "Do they need it?"

[[personas]]
id = "Boss"
title = "A boss"
when = "is_customer"

[[exclusions]]
id = "partner"
why = "A partner"
when = "company.is_partner"

[[qualifications]]
id = "mql"
title = "Qualified"
enter = "heat >= 2"
stay = "heat >= 1"

[[stages]]
id = "lead"

[[stages]]
id = "Hot"
while = "mql"
"""

NOW = datetime(2026, 3, 29, 9, 30, 12, 345678, tzinfo=UTC)
_VALUES: Mapping[str, tuple[Any, ...]] = {
    "text": words.TEXTS,
    "number": ("0", 1, 2, 3.0, " 5 ", "5.5", -3, 0.1, "1e3", "many", "1e400", 10, True),
    "boolean": (True, False, "yes", "no", "1", "perhaps"),
    "date": ("2026-03-29", "2026-03-28T23:30:00Z", "2026-03-28T22:30:00", "2026-02-27", "2010-11-07", "soon"),
    "list": ("red; Blue", ["red", "Straße"], "[b", "red", "[]", ["1.50", 2], ";", "r;ed", "Select"),
}
_ODD = ("", None, "Select", "5", "red", "[", "2026-03-29", "yes")


@dataclass
class World:
    """What was drawn. days, hours: before `NOW`."""

    zone: str
    needs_consent: bool
    facts: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)


def _value(kind: str) -> st.SearchStrategy[Any]:
    usual = st.sampled_from(_VALUES["date" if kind == "time" else kind])
    return st.one_of(usual, usual, usual, st.sampled_from(_ODD))


_agos = st.builds(
    timedelta,
    days=st.sampled_from((0, 0, 1, 2, 3, 6, 7, 13, 14, 29, 30, 31, 45, 89, 90)),
    hours=st.sampled_from((0, 1, 8, 9, 10, 11, 12, 23)),
    microseconds=st.sampled_from((0, 0, 1, 345678)),
)
_people = st.sampled_from((0, 1, 2))


def _of(name: str, kind: str, company: bool) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "who": _people,
            "is_company": st.just(company),
            "field": st.just(name),
            "value": _value(kind),
            "ago": _agos,
            "source": st.sampled_from(("person", "crm", "form")),
        }
    )


_FIELDS = [_of(name, kind, False) for name, kind in (words.LEAD_FIELDS | {"model.reply": "number"}).items()]
_FIELDS += [_of(name, kind, True) for name, kind in words.COMPANY_FIELDS.items()]
_FIELDS += [_of("questions.need", "text", False), _of("consent.scoring", "boolean", False)]
_events = st.fixed_dictionaries(
    {
        "who": _people,
        "name": st.sampled_from((*words.EVENTS, "viewed")),
        "ago": _agos,
        "is_bot": st.sampled_from((False, False, False, True)),
        "kind": st.sampled_from(("track", "track", "page", "identify")),
        "properties": st.fixed_dictionaries(
            {}, optional={name: _value(kind) for name, kind in words.PROPERTIES.items()}
        ),
    }
)
_outcomes = st.fixed_dictionaries(
    {
        "who": _people,
        "outcome": st.sampled_from(words.OUTCOMES),
        "ago": _agos,
        "reason": st.sampled_from(("", "No Budget", "software")),
    }
)
worlds = st.builds(
    World,
    zone=st.sampled_from(("Europe/Berlin", "America/New_York", "Pacific/Apia")),
    needs_consent=st.sampled_from((False, False, True)),
    facts=st.lists(st.one_of(_FIELDS), min_size=8, max_size=24),
    events=st.lists(_events, min_size=4, max_size=14),
    outcomes=st.lists(_outcomes, min_size=1, max_size=5),
)

_ASSESSED = st.sampled_from(
    (
        "stage = 'hot'", "stage <> 'lead'", "grade = 'A1'", "grade in ('b2', 'c12')", "persona = 'boss'", "persona is null",
        "excluded_by = 'partner'", "has(qualified, 'mql')", "not has(qualified, 'mql')", "spells('mql') >= 1",
        "spells('mql') = 0", "count('viewed', '45d') >= 2", "count('viewed', '1d') = 0", "starts_with(grade, 'a')",
        "has(seniority, 'red')", "not has(\"Lead Origin\", 'software')", "created_at < date '2026-03-01'", "days_since(created_at) > 20",
    )
)  # fmt: skip
conditions = words.combined(
    st.one_of(
        words.level_conditions({"fit": ("A", "b", "C1"), "heat": ("1", "2")}, ("money", "need")),
        words.level_conditions({"fit": ("A", "b", "C1"), "heat": ("1", "2")}, ("money", "need")),
        _ASSESSED,
    )
)


@dataclass
class Stored:
    """A world in the database."""

    world: World
    workspace: Workspace
    version: Version
    leads: list[Lead]
    companies: list[Company]

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows as the reference reads them."""
        leads = [
            {"lead_id": str(one.pk), "company_id": str(self.companies[at % 2].pk), "created_at": one.first_seen_at}
            for at, one in enumerate(self.leads)
        ]
        events = [
            {
                **one["properties"],
                "lead_id": str(self.leads[one["who"]].pk),
                "event": one["name"],
                "occurred_at": NOW - one["ago"],
                "is_bot": one["is_bot"],
            }
            for one in self.world.events
            if one["kind"] != "identify"
        ]
        outcomes = [
            {
                "lead_id": str(self.leads[one["who"]].pk),
                "outcome": one["outcome"],
                "at": NOW - one["ago"],
                "reason": one["reason"],
            }
            for one in self.world.outcomes
        ]
        companies = [{"company_id": str(one.pk)} for one in self.companies]
        return {"leads": leads, "companies": companies, "events": events, "facts": self._facts(), "outcomes": outcomes}

    def _facts(self) -> list[dict[str, Any]]:
        rows = []
        for one in self.world.facts:
            row = {"field": one["field"], "value": one["value"], "known_at": NOW - one["ago"], "source": one["source"]}
            if one["is_company"]:
                row["company_id"] = str(self.companies[one["who"] % 2].pk)
            else:
                row["lead_id"] = str(self.leads[one["who"]].pk)
                if one["field"].startswith("consent."):
                    row["source"] = ""  # the latest word counts, whoever said it
            rows.append(row)
        return rows


def store(world: World) -> Stored:
    """Write a world, with somebody of whom every field is known, so that every name is known; and assess all."""
    workspace = Workspace.objects.create(name="Drawn", slug="drawn")
    toml = PLAYBOOK.format(zone=world.zone, needs_consent=str(world.needs_consent).lower())
    version = make_live(workspace, toml)
    source = Source.objects.create(workspace=workspace, name="website", kind=Source.Kind.WEBSITE)
    companies = [Company.objects.create(workspace=workspace, key=f"group:{at}") for at in range(2)]
    leads = [
        Lead.objects.create(
            workspace=workspace, company=companies[at % 2], first_seen_at=NOW - timedelta(days=10 * at, hours=10)
        )
        for at in range(3)
    ]
    _write(world, workspace, source, leads, companies)
    elsewhere = Lead.objects.create(workspace=workspace, merged_into=leads[0], first_seen_at=NOW)
    other = Company.objects.create(workspace=workspace, key="group:other")
    more = {"workspace": workspace, "value": "x", "known_at": NOW, "recorded_at": NOW, "source": "crm"}
    Fact.objects.bulk_create(
        [Fact(field=name, lead=elsewhere, first_lead=elsewhere, **more) for name in (*words.LEAD_FIELDS, "model.reply")]
        + [Fact(field=name, company=other, **more) for name in words.COMPANY_FIELDS]
    )
    Event.objects.bulk_create(
        _event(
            workspace,
            source,
            elsewhere,
            f"seed-{at}",
            {"name": name, "ago": timedelta(0), "is_bot": True, "kind": "track", "properties": {}},
        )
        for at, name in enumerate(words.EVENTS)
    )
    compiled, ids = get_plan(version), [one.pk for one in leads]
    computed = compute_rows(version, compiled, read_logs_of(compiled, ids), instant_of(NOW))
    store_rows(version, computed.rows, dict.fromkeys(ids, 1), as_of=NOW, now=NOW)
    return Stored(world, workspace, version, leads, companies)


def _event(workspace: Workspace, source: Source, lead: Lead, message_id: str, one: Mapping[str, Any]) -> Event:
    return Event(
        workspace=workspace,
        source=source,
        message_id=message_id,
        lead=lead,
        first_lead=lead,
        kind=one["kind"],
        name=one["name"],
        occurred_at=NOW - one["ago"],
        received_at=NOW,
        properties=one["properties"],
        is_bot=one["is_bot"],
    )


def _write(world: World, workspace: Workspace, source: Source, leads: list[Lead], companies: list[Company]) -> None:
    facts = []
    for one in world.facts:
        lead = None if one["is_company"] else leads[one["who"]]
        company = companies[one["who"] % 2] if one["is_company"] else None
        facts.append(
            Fact(
                workspace=workspace,
                lead=lead,
                first_lead=lead,
                company=company,
                field=one["field"],
                value=one["value"],
                known_at=NOW - one["ago"],
                recorded_at=NOW,
                source=one["source"],
            )
        )
    Fact.objects.bulk_create(facts)
    Event.objects.bulk_create(
        _event(workspace, source, leads[one["who"]], str(at), one) for at, one in enumerate(world.events)
    )
    Outcome.objects.bulk_create(
        Outcome(
            workspace=workspace,
            lead=leads[one["who"]],
            first_lead=leads[one["who"]],
            outcome=one["outcome"],
            at=NOW - one["ago"],
            recorded_at=NOW,
            reason=one["reason"],
            outcome_id=str(at),
            source="crm",
        )
        for at, one in enumerate(world.outcomes)
    )


def who_holds(stored: Stored, wanted: Filter) -> set[int]:
    """Return the leads for which the reference says that a condition is true."""
    compiled, found = wanted.compiled, set()
    as_of = compiled.zone.moment(instant_of(NOW))
    own = {one.lead_id: one for one in read_logs(compiled.bound, stored.tables()).logs}
    for log in read_logs(wanted.bound, stored.tables()).logs:
        past = history(compiled.bound, own[log.lead_id], as_of)
        ended = [one.qualification for one in past.spells if one.ended_us is not None and one.ended_us < as_of.until_us]
        said = assess(compiled.bound, own[log.lead_id], as_of)
        known = _what_is_known(wanted.bound, log, as_of, False)
        known.scores, known.answers, known.ended_spells = (
            said.scores,
            said.answers,
            {one: ended.count(one) for one in ended},
        )
        stages, open_ones = past.moves, [one.qualification for one in past.spells if one.is_open]
        assessed = {
            "stage": stages[-1].after if stages else None,
            "grade": said.grade,
            "persona": said.persona,
            "excluded_by": said.excluded_by,
        }

        def read(term: n.Term) -> n.Value | None:
            if isinstance(term, n.Field) and is_assessed(compiled, term):
                if term.name == "qualified":
                    return tuple(open_ones)  # noqa: B023 - asked at once
                said_of = assessed[term.name]  # noqa: B023
                return text_key(said_of) if said_of else None
            if not said.scores and isinstance(term, n.Score | n.Grade | n.Answer | n.AnsweredYes):  # noqa: B023
                return None
            return known.read(term)  # noqa: B023

        if evaluate(wanted.condition, read) is True:
            found.add(int(log.lead_id))
    return found


def stored_rows(stored: Stored) -> list[dict[str, Any]]:
    """Return what is held of each lead, to be shown when something differs."""
    return list(Assessment.objects.filter(version=stored.version).values("lead_id", "scores", "answers", "held"))
