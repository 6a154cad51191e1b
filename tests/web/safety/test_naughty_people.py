"""People whose names, titles, companies, events and notes are hostile texts: every page and file shows them as they are, and obeys none.

They come in as they would: by the API, by tracking calls, by mail and by files. All texts at once, a page of them at a time.
"""

import csv
import io
import json

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.web.api.conftest import Caller
from tests.web.capture.imports.conftest import import_all
from tests.web.pages.rows import make_lead
from tests.web.pages.world import assess_everybody, make_live, starter_toml
from tests.web.safety.naughty import SHORT, SURROGATES, TEXTS, can_be_seen, is_same, some_of
from tests.web.safety.shown import read

from leadline.engine.inputs import FORMULA_STARTS, unquote_formula
from leadline.web.api.keys import SCOPES, make_api_key
from leadline.web.capture.imports import actions
from leadline.web.capture.mail.actions import add_hook
from leadline.web.capture.models import RefusedEvent
from leadline.web.capture.tracking import backlog, senders
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.models import Company, Event, Fact, Lead
from leadline.web.leads.notes import add_note

_FIELDS = ("name", "title", "country", "company", "favourite_tea")


@pytest.fixture
def caller(northwind):
    make_live(northwind, starter_toml())
    senders.forget()
    backlog.forget()
    return Caller(make_api_key(northwind, name="a program", scopes=SCOPES, source="api")[1])


@pytest.fixture
def track(server_key, caller):
    """Send calls of the tracking API, and read them into the log."""

    def send(*calls):
        answer = Client().post(
            "/v1/batch",
            json.dumps({"writeKey": server_key, "batch": list(calls)}),
            content_type="application/json",
        )
        assert answer.status_code == 200, answer.content
        while take_deliveries():
            pass
        return answer.json()

    return send


@pytest.fixture
def people(track):
    """A lead for each text, who has it for a name, and other texts for all else that is known of them."""
    for start in range(0, len(SHORT), 200):
        track(*(_call(number) for number in range(start, min(start + 200, len(SHORT)))))
    assess_everybody()
    return list(Lead.objects.order_by("pk"))


def _call(number):
    others = {field: SHORT[(number + 7 * place) % len(SHORT)].replace("\0", "") for place, field in enumerate(_FIELDS)}
    return {"type": "identify", "userId": f"user-{number}", "messageId": f"m-{number}", "traits": others}


def faults_of(client, path):
    """Return what is wrong with a page."""
    answer = client.get(path)
    if answer.status_code != 200:
        return [f"{path}: {answer.status_code}"]
    return [f"{path}: {fault}" for fault in read(answer).faults]


def test_what_is_tracked_is_kept_as_it_was_sent_and_pages_show_it_as_text(people, as_maria):
    kept = dict(Fact.objects.filter(field="name").values_list("lead_id", "value"))
    sent = [text for text in SHORT if text.strip() and "\0" not in text]
    stored = {" ".join(str(value).split()) for value in kept.values()}

    lost = [text for text in sent if can_be_seen(text) and " ".join(text.split()) not in stored]
    assert not lost, lost[:10]

    faults, unseen = [], []
    for page in range(1, 60):
        answer = as_maria.get("/leads/", {"who": "all", "page": page})
        shown = read(answer)
        faults += [f"page {page}: {fault}" for fault in shown.faults]
        listing = answer.context["page"]
        unseen += [row.lead.name for row in listing.rows if not shown.has(row.lead.name)]
        if not listing.has_next:
            break
    for lead in some_of(people, out_of=16, first=3):
        answer = as_maria.get(f"/leads/{lead.pk}/")
        shown = read(answer)
        faults += [f"{lead.pk}: {fault}" for fault in shown.faults]
        unseen += [text for text in (lead.name, lead.title) if not shown.has(text)]
        faults += faults_of(as_maria, f"/leads/{lead.pk}/export/") + faults_of(as_maria, f"/leads/{lead.pk}/erase/")
    for path in (
        "/today/",
        "/companies/",
        "/pipeline/",
        "/leads/duplicates/",
        "/leads/titles/",
        "/search/?q=zqx",
        "/bots/",
    ):
        faults += faults_of(as_maria, path)
    for company in some_of(list(Company.objects.order_by("pk")), out_of=24, first=1):
        faults += faults_of(as_maria, f"/companies/{company.pk}/")

    assert not faults, "\n".join(faults[:40])
    assert not unseen, unseen[:10]


def test_files_begin_no_formula_and_hold_what_is_known(people, as_maria, caller):
    post = {"columns": "all", "query": "who=all"}
    text = b"".join(as_maria.post("/leads/export/", post | {"format": "csv"}).streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    book = load_workbook(
        io.BytesIO(b"".join(as_maria.post("/leads/export/", post | {"format": "xlsx"}).streaming_content))
    )
    by_api = b"".join(caller.get("/export/leads?format=csv").streaming_content).decode()
    cells = [cell for row in rows for cell in row.values()]
    cells += [cell for row in csv.reader(io.StringIO(by_api, newline="")) for cell in row]
    names = {str(lead.pk): lead.name for lead in people}

    assert len(rows) == len(people)
    assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not _is_number(cell)]
    assert {row["Lead id"]: unquote_formula(row["Name"]) for row in rows} == names
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert "".join(book["Leads"]["B1"].value) == "Name"


def _is_number(cell):
    try:
        return cell[:1] in "+-" and float(cell) is not None
    except ValueError:
        return False


def test_json_holds_the_texts_and_nothing_of_them_is_a_page(people, caller):
    answer = caller.get("/leads?who=all&limit=500")
    known = {lead.name for lead in people}

    assert answer["Content-Type"].startswith("application/json")
    assert {one["name"] for one in answer.json()["items"]} <= known
    for line in b"".join(caller.get("/export/facts").streaming_content).splitlines():
        json.loads(line)


def test_events_and_what_they_say_stand_in_the_timeline_as_text(track, as_maria):
    said = track(
        *(
            {
                "type": "track",
                "userId": "ada",
                "event": text,
                "messageId": f"t-{number}",
                "properties": {"note": text, text[:60]: 1},
            }
            for number, text in enumerate(SHORT)
        ),
        {
            "type": "page",
            "userId": "ada",
            "messageId": "p",
            "name": "zqx<b>",
            "properties": {"url": "javascript:zqx()", "title": "<b>zqx"},
        },
    )
    [lead] = Lead.objects.all()

    assert said["accepted"] + said["refused"] == len(SHORT) + 1 and said["accepted"] > len(SHORT) * 0.8
    assert all(one.detail for one in RefusedEvent.objects.all())
    faults, path, pages = [], f"/leads/{lead.pk}/", 0
    events = list(Event.objects.order_by("-occurred_at", "-pk"))
    for event in some_of(events, out_of=25, first=0):
        faults += faults_of(as_maria, f"{path}?before={event.occurred_at.isoformat().replace('+', '%2B')}_{event.pk}")
        pages += 1
    for refused in RefusedEvent.objects.all()[:20]:
        faults += faults_of(as_maria, f"/refused/{refused.pk}/")
    assert pages > 20 and not faults, "\n".join(faults[:20])


def test_half_characters_and_what_no_text_has_are_refused_in_words(track, caller):
    said = track(
        *({"type": "track", "userId": "ada", "event": text, "messageId": f"s-{n}"} for n, text in enumerate(SURROGATES))
    )
    answers = [
        caller.post("/leads", {"email": "a@zqx.example", "facts": [{"field": "name", "value": one}]})
        for one in (*SURROGATES, "\0")
    ]

    assert said["refused"] == len(SURROGATES)
    assert {answer.status_code for answer in answers} <= {400, 422}
    assert all(answer.json()["detail"] for answer in answers)
    assert not Lead.objects.exists()


def test_the_api_takes_or_refuses_every_text_in_words(caller):
    lead = caller.post("/leads", {"email": "ada@northwind.example"}).json()["id"]
    wrong = []
    bodies = (
        lambda text: (f"/leads/{lead}/facts", {"facts": [{"field": "tea", "value": text, "evidence": text[:1000]}]}),
        lambda text: ("/leads", {"email": text}),
        lambda text: ("/leads", {"user_id": text}),
        lambda text: ("/leads", {"email": "b@zqx.example", "facts": [{"field": text, "value": "a"}]}),
        lambda text: ("/companies", {"domain": text}),
        lambda text: ("/companies", {"name": text, "group_id": text}),
        lambda text: (f"/leads/{lead}/outcomes", {"outcome": "won", "at": text}),
        lambda text: (f"/leads/{lead}/outcomes", {"outcome": "won", "at": "2026-03-01T00:00:00Z", "reason": text}),
        lambda text: ("/views", {"name": text, "query": text}),
        lambda text: ("/playbooks/check", {"toml": text, "cases": text}),
        lambda text: (
            "/events",
            {"events": [{"type": "track", "userId": text, "event": text, "properties": {text: text}}]},
        ),
    )
    for place, body in enumerate(bodies):
        for text in some_of(TEXTS, out_of=11, first=place):
            path, sent = body(text)
            answer = caller.post(path, sent)
            if answer.status_code >= 500 or (answer.status_code >= 400 and not answer.json()["detail"]):
                wrong.append(f"{path} {str(sent)[:120]}: {answer.status_code}")

    assert not wrong, "\n".join(wrong[:20])


def test_notes_are_shown_as_they_were_written(northwind, as_maria):
    lead = make_lead(northwind, "Ada")
    texts = [text for text in SHORT if can_be_seen(text) and "\0" not in text]
    for text in texts:
        add_note(lead, text, by="maria@northwind.example")

    faults, missing = [], set(texts)
    for number in range(0, len(texts), 40):
        lead = make_lead(northwind, f"Ada {number}")
        for text in texts[number : number + 40]:
            add_note(lead, text, by="maria@northwind.example")
        page = read(as_maria.get(f"/leads/{lead.pk}/"))
        faults += page.faults
        missing -= {text for text in texts[number : number + 40] if page.has(text)}

    assert not faults, faults[:10]
    assert len(missing) == 0, list(missing)[:10]


def test_files_with_hostile_names_of_columns_and_cells_are_imported_or_refused(
    northwind, as_maria, tmp_path, settings, now
):
    settings.UPLOADS = tmp_path
    for start in range(0, len(SHORT), 120):
        texts = [text.replace("\0", "") for text in SHORT[start : start + 120]]
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(["email", "Name", "Tea", *texts[:12]])
        for number, text in enumerate(texts):
            writer.writerow([f"u{start + number}@tea.example", text, text, *[text] * 12])
        run = actions.start_import(
            northwind, [written.getvalue().encode()], file_name=texts[0] + ".csv", table="leads", now=now
        )
        assert not faults_of(as_maria, f"/import/{run.pk}/")
        answer = as_maria.post(
            f"/import/{run.pk}/columns/", {"zone": texts[1], "source": texts[2], "event": texts[3], "save_as": texts[4]}
        )
        assert answer.status_code in (302, 422)
        run.refresh_from_db()
    names = SHORT[:60]
    content = "email,Name\n" + "\n".join(
        f'n{at}@tea.example,"{name.replace(chr(34), chr(34) * 2)}"' for at, name in enumerate(names)
    )
    done = import_all(
        actions.start_import(northwind, [content.replace("\0", "").encode()], file_name="a.csv", table="leads", now=now)
    )

    assert not faults_of(as_maria, f"/import/{done.pk}/") and not faults_of(as_maria, "/import/")
    stored = dict(Lead.objects.filter(email__startswith="n").values_list("email", "name"))
    assert all(
        is_same(name, stored[f"n{at}@tea.example"]) for at, name in enumerate(names) if f"n{at}@tea.example" in stored
    )
    assert len(stored) > 50


def test_reports_of_mail_are_taken_whatever_stands_in_them(northwind, as_maria):
    from tests.web.capture.mail.test_reports import POSTMARK_BOUNCE, POSTMARK_CLICK, post

    hook, key = add_hook(northwind, name="letters", provider="postmark")
    for number, text in enumerate([*SHORT[::3], *SURROGATES]):
        report = [
            {**POSTMARK_CLICK, "Tag": text, "OriginalLink": text, "UserAgent": text, "Metadata": {"campaign": text}},
            {**POSTMARK_BOUNCE, "Email": text, "Description": text, "BouncedAt": text, "Type": text},
            {**POSTMARK_CLICK, "Recipient": text, "MessageID": text, "ReceivedAt": text, "RecordType": text},
        ][number % 3]
        assert post(hook, key, report).status_code < 500, text
    while take_deliveries():
        pass
    assert RefusedEvent.objects.filter(source=hook.source).exists(), "half characters are kept as they came"
    faults = [fault for path in ("/leads/", "/refused/", "/settings/mail/") for fault in faults_of(as_maria, path)]
    assert not faults, faults[:10]
