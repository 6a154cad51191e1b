"""What else the demo has: a form with answers, an import with refused rows, a merge, a pair that may be one person, refused events, and a
rule about bots. Each comes about as it does in life, by the functions that pages and the worker use.

Guarded by tests/web/operations/test_demo.py.
"""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max

from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Source, SourceKey, User, Workspace
from leadline.web.capture.bots.actions import add_rule
from leadline.web.capture.forms.actions import Answer, save_form, take_answer
from leadline.web.capture.forms.fields import AskedField
from leadline.web.capture.imports.actions import start_check, start_import, start_run
from leadline.web.capture.imports.choices import choices_of
from leadline.web.capture.imports.run import AT_WORK, claim_run, work_on
from leadline.web.capture.models import Form, ImportRun, MailHook
from leadline.web.capture.tracking.calls import read_call
from leadline.web.capture.tracking.inbox import refuse
from leadline.web.capture.tracking.reading import UnusableError
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.intake import take_messages
from leadline.web.leads.messages import Json, Message
from leadline.web.leads.models import Event, Lead
from leadline.web.leads.records import NewOutcome, record_outcomes

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
GATEWAY = "Mozilla/5.0 (compatible; Palisade Gateway 4.2)"
ASKED = (
    AskedField(name="first_name", label="First name", fact="first_name"),
    AskedField(name="last_name", label="Last name", fact="last_name"),
    AskedField(name="email", label="Work e-mail", type="email", required=True, fact="email"),
    AskedField(name="company", label="Company", fact="company"),
    AskedField(name="message", label="What would you like to know?", type="long"),
)
AGREED: tuple[tuple[str, ...], ...] = (("contact", "scoring"), (), ("scoring",))
ANSWERS = (
    ("Noor", "Vermeer", "noor.vermeer@tideline.example", "Tideline", "Can it read what we have in our own tables?"),
    ("Jonas", "Falk", "jonas.falk@kupferwerk.example", "Kupferwerk", "We are eight in sales. What would it cost?"),
    ("Sara", "Lindgren", "sara.lindgren@freemail.example", "", "A look at the pipeline, please."),
)
UNUSABLE: tuple[dict[str, Json], ...] = (
    {"type": "track", "event": "", "userId": "u-4410"},
    {"type": "track", "event": "Plan Upgraded", "properties": {"plan": "team"}},
    {"type": "identify", "userId": "u-4411", "timestamp": "2026-2-30T25:00:00Z", "traits": {"title": "Head of Sales"}},
)
"""As clients send it when something is wrong: without a name of the event, without anybody who did it, with a date that is none."""


RETURNS = (
    ((96, "rejected", "no-response"), (52, "recycled", "evaluating"), (1, "", "")),
    ((61, "recycled", "evaluating"), (2, "", "")),
    ((58, "rejected", "no-interest"), (3, "", "")),
    ((93, "rejected", "no-interest"), (49, "rejected", "no-response"), (2, "", "")),
)
"""For each who comes back: how many days ago they asked for us, and what sales said of it three days later; nothing yet of the last."""


def fill_corners(workspace: Workspace, product: Source, by: User, *, now: datetime) -> None:
    """Add what the starter's data has not: after the leads are there, and before anybody is assessed."""
    _ask(workspace, now)
    _name_provider(workspace)
    _refuse(product, now)
    _let_a_gateway_send_forms(product, by, now)
    _import(workspace, by, now)
    _let_some_come_back(product, now)


def _let_some_come_back(product: Source, now: datetime) -> None:
    """Let people ask for us, be sent back by sales, and ask again when the quiet time is over: for the second time, and the third."""
    people = Lead.objects.filter(workspace=product.workspace, is_known=True, merged_into=None, outcomes=None)
    people = people.exclude(email="").exclude(company=None).filter(first_seen_at__lte=now - timedelta(days=100))
    quiet_ones = people.annotate(count=Count("events")).order_by("count", "pk")  # who qualified by nothing else
    rep = User.objects.filter(memberships__workspace=product.workspace, memberships__role="rep").order_by("pk").first()
    seller, messages, outcomes = rep.email if rep else "", [], []
    for lead, times in zip(quiet_ones, RETURNS, strict=False):
        for number, (days_ago, decision, reason) in enumerate(times, start=1):
            at = now - timedelta(days=days_ago, minutes=lead.pk % 50)
            messages.append(
                Message(
                    message_id=f"back-{lead.pk}-{number}",
                    kind="track",
                    name="contact_requested",
                    occurred_at=at,
                    received_at=at,
                    email=lead.email,
                    properties={"path": "/contact"},
                    is_verified=True,
                )
            )
            if decision:
                said_at = at + timedelta(days=3)
                outcomes.append(
                    NewOutcome(lead_id=lead.pk, outcome=decision, at=said_at, source="crm", reason=reason, by=seller)
                )
    with transaction.atomic():
        take_messages(product, messages, now=now)
        record_outcomes(product.workspace, outcomes, now=now)


def _ask(workspace: Workspace, now: datetime) -> None:
    form = Form(
        workspace=workspace,
        slug="talk-to-us",
        title="Talk to us",
        intro="Tell us what you are after. One of us answers on the same day.",
        event="contact_requested",
        contact_text="You may write to me about your products.",
        scoring_text="You may use my answers to see whether we fit.",
    )
    save_form(form, ASKED)
    names = [one.name for one in ASKED]
    for back, typed in reversed(list(enumerate(ANSWERS))):  # as they come: the oldest first
        answers = {name: text for name, text in zip(names, typed, strict=True) if text}
        context = {"user_agent": BROWSER, "url": "https://northwind.example/contact"}
        at = now - timedelta(hours=5 * back + 1)
        take_answer(form, Answer(answers=answers, agreed=AGREED[back], number=str(back), context=context), now=at)
    take_deliveries(now=now)


def _name_provider(workspace: Workspace) -> None:
    """Say which provider reports what becomes of mails, and when it last did."""
    source = Source.objects.get(workspace=workspace, kind=Source.Kind.MAIL)
    last = Event.objects.filter(source=source).aggregate(at=Max("received_at"))["at"]
    MailHook.objects.create(workspace=workspace, source=source, provider="postmark", last_seen_at=last)
    make_key(source, SourceKey.Kind.MAIL)


def _refuse(product: Source, now: datetime) -> None:
    for back, call in enumerate(UNUSABLE):
        body, at = json.dumps({"messageId": f"demo-{back}", **call}).encode(), now - timedelta(hours=back + 2)
        try:
            read_call(body, {}, at)
        except UnusableError as error:
            refuse(product.workspace, product, "tracking", error.reason, error.detail, body, is_verified=True, now=at)


def _let_a_gateway_send_forms(product: Source, by: User, now: datetime) -> None:
    """Let a machine that checks links send forms in the names of three people; the rule that tells it comes afterwards."""
    people = Lead.objects.filter(workspace=product.workspace, is_known=True, merged_into=None).exclude(email="")
    messages = [
        Message(
            message_id=f"gateway-{lead.pk}-{name}",
            kind="track",
            name=name,
            occurred_at=(at := now - timedelta(days=2, minutes=lead.pk % 50)),
            received_at=at,
            email=lead.email,
            properties={"user_agent": GATEWAY, "path": "/contact"},
            is_verified=True,
        )
        for lead in people.exclude(company=None).order_by("-pk")[:3]
        for name in ("page_viewed", "contact_requested")
    ]
    with transaction.atomic():
        take_messages(product, messages, now=now)
    why = "A customer's mail gateway opens our pages and sends our forms to see whether they are safe"
    add_rule(
        product.workspace, rule_id="mail-gateway", why=why, condition="contains(user_agent, 'Palisade Gateway')", by=by
    )


def _import(workspace: Workspace, by: User, now: datetime) -> None:
    """Import a list of a fair: two rows cannot be used, one person is known by another address, and one stands in it twice."""
    people = Lead.objects.filter(workspace=workspace, is_known=True, merged_into=None).exclude(email="")
    known = people.order_by("pk")[0]
    run = start_import(workspace, [_fair(known).encode()], file_name="fair-in-lisbon.csv", by=by, now=now)
    start_check(run, choices_of(run))
    run = _work(run, now)
    start_run(run)
    _work(run, now)


def _fair(known: Lead) -> str:
    """Return the list as CSV. *known* stands in it under one number with a new address and with ours, so that the two are merged."""
    first, _, last = known.name.partition(" ")
    address = f"{first.lower()}@{last.lower().replace(' ', '-')}.example"
    rows = (
        ("Lead ID", "First name", "Last name", "E-mail", "Job title", "Country"),
        ("FAIR-1", first, last, address, known.title, known.country),
        ("FAIR-1", first, last, known.email, known.title, known.country),
        ("FAIR-2", "Lena", "Marchetti", "lena.marchetti@vela.example", "Head of Sales", "IT"),
        ("FAIR-3", "Ida", "Brandt", "ida.brandt@nordlicht.example", "Chief Revenue Officer", "DE"),
        ("FAIR-4", "Pavel", "Hruska", "pavel.hruska@vltava.example", "Sales Operations Manager", "CZ"),
        ("FAIR-5", "Mia", "Sand", "mia.sand at sand.example", "Head of Growth", "DK"),
        ("FAIR-6", "Lena", "Marchetti", "lena.marchetti@vela.example", "Head of Sales EMEA", "IT"),
        ("", "", "", "", "Visitor of the stand", ""),
    )
    return "".join(",".join(row) + "\n" for row in rows)


def _work(run: ImportRun, now: datetime) -> ImportRun:
    while run.state in AT_WORK:
        claimed = claim_run(pk=run.pk)
        assert claimed is not None, "somebody else works on the demo"
        work_on(claimed, now=now)
        run.refresh_from_db()
    return run
