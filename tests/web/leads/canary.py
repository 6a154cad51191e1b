"""A person of whom something was planted through every way in, and a search for what was planted, wherever it may lie.

Each way has a word of its own, so that a test can say which way leaks.
"""

import base64
import json
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from leadline.web.accounts.models import Source
from leadline.web.assessments import jobs
from leadline.web.capture.forms.actions import Answer, take_answer
from leadline.web.capture.imports import actions, run
from leadline.web.capture.imports.choices import choices_of
from leadline.web.capture.models import Form, ImportRun
from leadline.web.capture.tracking import backlog, senders
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.handoff.actions import log_call
from leadline.web.handoff.models import HandOff
from leadline.web.leads.consent import give_consent
from leadline.web.leads.intake import take_messages
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.messages import Message
from leadline.web.leads.models import Lead, Suggestion
from leadline.web.leads.notes import add_note
from leadline.web.leads.records import NewFact, NewOutcome, find_lead, record_facts, record_outcomes
from leadline.web.playbooks.actions import publish

WORD = "zqcanary"
EMAIL = f"{WORD}-mail@birds.example"
USER = f"{WORD}-user"
VISITOR = f"{WORD}-visitor"

PLAYBOOK = """
[playbook]
name = "p"

[scores.heat]
title = "Heat"

[[criteria]]
id = "demo"
score = "heat"
why = "Asked for a demo"
event = "demo_requested"
points = 50

[[qualifications]]
id = "mql"
title = "MQL"
enter = "heat >= 40"
"""

WAYS = {
    "trait", "property", "context", "page", "refused", "formjob", "filecell", "fileextra", "refusedrow", "waitingfile",
    "evidence", "consent", "outcome", "mailsubject", "merged", "note", "suggested", "waiting", "called",
}  # fmt: skip


def w(way):
    """Return the word of a way in."""
    assert way in WAYS
    return f"{WORD}-{way}"


def send(key, *calls):
    """Send calls as a client does; return the answer."""
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    body = json.dumps({"batch": list(calls)})
    return Client().post("/v1/batch", data=body, content_type="application/json", headers=headers)


def plant(workspace, server_key, browser_key, by, now):
    """Plant something of one person through every way in, and let others come in beside them; return the person's lead."""
    senders.forget()
    backlog.forget()
    when = (now - timedelta(hours=1)).isoformat()
    publish(workspace, toml=PLAYBOOK, by=by, now=now)
    send(
        browser_key,
        {
            "type": "page",
            "messageId": f"{WORD}-m1",
            "anonymousId": VISITOR,
            "timestamp": when,
            "properties": {"path": f"/{w('page')}"},
        },
    )
    send(
        server_key,
        {
            "type": "identify",
            "messageId": "m2",
            "userId": USER,
            "anonymousId": VISITOR,
            "timestamp": when,
            "traits": {"email": EMAIL, "name": w("trait")},
        },
        {
            "type": "track",
            "event": "Demo Requested",
            "messageId": "m3",
            "userId": USER,
            "timestamp": when,
            "properties": {"note": w("property")},
            "context": {"campaign": {"source": w("context")}},
        },
        {"type": "track", "event": "Demo Requested", "messageId": "m4", "userId": "bob", "timestamp": when},
        {"type": "track", "messageId": "m5", "userId": USER, "properties": {"note": w("refused")}},
        {"type": "track", "messageId": "m6", "userId": "bob", "properties": {"note": "refused of bob"}},
    )
    _answer_form(workspace, now)
    while take_deliveries(now=now):
        pass
    _import(workspace, now)
    lead = find_lead(workspace, "user", USER)
    assert lead is not None
    with transaction.atomic():
        take_messages(
            Source.objects.get(workspace=workspace, kind="server"),
            [
                Message(
                    message_id="mail-1",
                    kind="mail",
                    name="mail_opened",
                    occurred_at=now,
                    received_at=now,
                    email=EMAIL,
                    properties={"subject": w("mailsubject")},
                    raw=json.dumps({"recipient": EMAIL}),
                    is_verified=True,
                )
            ],
            now=now,
        )
        other = Lead.objects.create(workspace=workspace, name=w("merged"), first_seen_at=now)
        third = Lead.objects.create(workspace=workspace, name="Third", first_seen_at=now)
        record_facts(
            workspace,
            [
                NewFact(
                    field="title", value="CTO", known_at=now, source="person", lead_id=lead.pk, evidence=w("evidence")
                ),
                NewFact(field="name", value=w("merged"), known_at=now, source="crm", lead_id=other.pk),
            ],
            now=now,
        )
        record_outcomes(
            workspace,
            [NewOutcome(lead_id=lead.pk, outcome="rejected", at=now, source="crm", reason=w("outcome"))],
            now=now,
        )
    give_consent(lead, "contact", basis="consent", how=w("consent"), by=by, now=now)
    add_note(other, w("note"), by=by.email, now=now)
    merge_leads(other, lead, because="by hand", now=now)
    Suggestion.objects.create(
        workspace=workspace, lead=min(lead, third, key=lambda one: one.pk), other=max(lead, third, key=lambda one: one.pk),
        because=w("suggested"),
    )  # fmt: skip
    while jobs.prepare_versions(now=now) or jobs.assess_due(now=now):
        pass
    _hand_over(lead, by, now)
    send(
        server_key,
        {"type": "track", "event": "X", "messageId": "m7", "userId": USER, "properties": {"note": w("waiting")}},
        {"type": "track", "event": "X", "messageId": "m8", "userId": "bob"},
    )
    lead.refresh_from_db()
    return lead


def _hand_over(lead, by, now):
    handoff = HandOff.objects.create(
        workspace=lead.workspace, lead=lead, qualification="mql", began_at=now, version_number=1, opened_at=now
    )
    log_call(handoff.pk, by=by, result="reached", text=w("called"), now=now)


def _answer_form(workspace, now):
    source = Source.objects.create(workspace=workspace, name="form", kind=Source.Kind.FORM)
    asked = {"type": "text", "required": False, "options": []}
    form = Form.objects.create(
        workspace=workspace,
        source=source,
        slug="demo",
        title="Demo",
        event="demo_requested",
        fields=[
            {"name": "email", "label": "Mail", "fact": "email", **asked, "type": "email"},
            {"name": "job", "label": "Job", "fact": "title", **asked},
        ],
        contact_text="You may write to me.",
        scoring_text="You may judge whether we fit.",
    )
    take_answer(
        form,
        Answer(answers={"email": EMAIL, "job": w("formjob")}, agreed=("contact", "scoring"), number="n1", context={}),
        now=now,
    )


def _import(workspace, now):
    """One import that is done, with a refused row; one that waits for somebody to choose its columns."""
    done = actions.start_import(
        workspace,
        [
            (
                "E-Mail,Job Title,Known at,Notes\n"
                f"{EMAIL},{w('filecell')},2026-01-02,{w('fileextra')}\n"
                f"{EMAIL},CEO,{w('refusedrow')},x\n"
                "bob@initech.example,Engineer,2026-01-02,bob\n"
            ).encode()
        ],
        file_name=f"contacts of {EMAIL}.csv",
        table="leads",
        now=now,
    )
    _work()
    done.refresh_from_db()
    actions.start_check(done, choices_of(done))
    _work()
    done.refresh_from_db()
    assert done.state == ImportRun.State.CHECKED, (done.state, done.problem, done.columns)
    actions.start_run(done)
    _work()
    waiting = f"E-Mail,Notes\n{EMAIL},{w('waitingfile')}\n"
    actions.start_import(workspace, [waiting.encode()], file_name="waits.csv", table="leads", now=now)
    _work()


def import_again(workspace):
    """Import a file that names the person once more, beside somebody else."""
    again = actions.start_import(
        workspace,
        [f"E-Mail,Job Title\n{EMAIL},CTO\ncarl@birds.example,CEO\n".encode()],
        file_name="again.csv",
        table="leads",
    )
    _work()
    again.refresh_from_db()
    actions.start_check(again, choices_of(again))
    _work()
    again.refresh_from_db()
    actions.start_run(again)
    _work()
    again.refresh_from_db()
    assert again.state == ImportRun.State.DONE, (again.state, again.problem)


def _work():
    while run.run_imports(seconds=60):
        pass


# -- searching ------------------------------------------------------------------------------------------------


def find_in_tables(word=WORD):
    """Return every table and column in which a word stands, with what stands there."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                for name, cell in zip(names, row, strict=True):
                    if isinstance(cell, memoryview):
                        cell = bytes(cell)
                    text = cell.decode("latin-1") if isinstance(cell, bytes) else str(cell)
                    if word in text.casefold():
                        found.append(f"{table}.{name}: {text[:120]}")
    return found


def find_in_files(folder, word=WORD):
    """Return every file of a folder whose bytes hold a word."""
    return [path for path in Path(folder).rglob("*") if path.is_file() and word.encode() in path.read_bytes().lower()]


def uploads():
    """Return where uploads lie."""
    return Path(settings.UPLOADS)


def personal_models():
    """Return every table of the app that refers to a lead."""
    return {
        model
        for model in apps.get_models()
        if model.__module__.startswith("leadline.web")
        for field in model._meta.get_fields()
        if getattr(field, "many_to_one", False) or getattr(field, "one_to_one", False)
        if field.concrete and field.related_model is Lead
    }
