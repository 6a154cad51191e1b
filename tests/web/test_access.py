"""Nobody sees or changes what is not theirs: every address, method and role, own and other workspace, as access.toml says.

A new address fails here until it has a row. What is refused must also change nothing, which tests of the parts hold; here it is the
answer that counts: 302 to signing in, 403 for another role, 404 for another workspace, 405 for a method that is not there.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from tests.web.conftest import member

from leadline.starter import PLAYBOOK
from leadline.web.accounts.models import Membership, Source, SourceKey
from leadline.web.api.models import ApiKey
from leadline.web.capture.models import BotRule, Form, ImportMapping, ImportRun, MailHook, RefusedEvent
from leadline.web.handoff.models import HandOff, Step, Team, WorkCalendar
from leadline.web.handoff.teams.actions import add_absence
from leadline.web.leads.models import Company, Event, Lead, Merge, Suggestion, TitleRule
from leadline.web.leads.notes import add_note
from leadline.web.notices.models import Channel
from leadline.web.operations.heartbeat import beat
from leadline.web.outgoing.models import Endpoint
from leadline.web.outgoing.webhooks import tell_test
from leadline.web.pages.models import Batch, SavedView
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.proposals.actions import put_forward

TABLE = tomllib.loads(Path(__file__).with_name("access.toml").read_text(encoding="utf-8"))
ROWS = TABLE["addresses"]
API = TABLE["api"]
"""Addresses that keys open, each method with its scope; tests/web/api/test_access_of_keys.py tries them."""
ROLES = ("anonymous", *TABLE["circles"]["everybody"])
PUBLIC_THINGS = {"public form", "link"}
"""What is reached from outside by whoever knows its address, and so in no workspace."""
SHARED_THINGS = {"rule id"}
"""Names that every workspace may have: its page is empty elsewhere."""


def list_patterns(resolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from list_patterns(pattern)


NAMES = sorted({str(pattern.name) for pattern in list_patterns(get_resolver())})


def make(thing, workspace, now):  # noqa: C901 - a case for each thing
    """Make what stands in an address, in a workspace, and return the address's arguments."""

    def lead(name="Ada"):
        return Lead.objects.create(workspace=workspace, name=name, first_seen_at=now)

    def source(kind=Source.Kind.SERVER):
        return Source.objects.create(workspace=workspace, name=f"of-{kind}", kind=kind)

    match thing:
        case None:
            return []
        case "workspace":
            return [workspace.pk]
        case "member":
            return [Membership.objects.get(user=member(workspace, "Eve", "rep")).pk]
        case "absence":
            away = Membership.objects.get(user=member(workspace, "Eve", "rep"))
            return [away.pk, add_absence(away, first=now.date(), last=now.date(), why="").pk]
        case "channel":
            secret = "https://93.184.216.34/secret"
            return [Channel.objects.create(workspace=workspace, program="slack", name="#in", url=secret, topics=[]).pk]
        case "absence alone":
            return make("absence", workspace, now)[1:]
        case "calendar":
            return [WorkCalendar.objects.create(workspace=workspace, name="Berlin", timezone="Europe/Berlin").pk]
        case "team":
            return [Team.objects.create(workspace=workspace, slug="inbound", name="Inbound").pk]
        case "link":
            user = member(workspace, "Eve", "rep")
            return [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
        case "source":
            return [source().pk]
        case "mail hook" | "mail source":
            hook = MailHook.objects.create(workspace=workspace, source=source(Source.Kind.MAIL), provider="postmark")
            return [hook.pk] if thing == "mail hook" else [hook.source_id, hook.provider]
        case "webhook" | "webhook delivery" | "webhook and delivery":
            endpoint = Endpoint.objects.create(workspace=workspace, url="https://x.example/", salt="s", made_at=now)
            sent = tell_test(endpoint, at=now).deliveries.get()
            return {"webhook": [endpoint.pk], "webhook delivery": [sent.pk]}.get(thing, [endpoint.pk, sent.pk])
        case "key":
            key = SourceKey.objects.create(
                workspace=workspace, source=source(), kind="server", prefix="abc", digest="x"
            )
            return [key.pk]
        case "api key":
            made = {"workspace": workspace, "source": source(), "name": "sync", "prefix": "abc", "digest": "x"}
            return [ApiKey.objects.create(**made).pk]
        case "table":
            return ["leads"]
        case "lead":
            return [lead().pk]
        case "company":
            return [Company.objects.create(workspace=workspace, key="domain:northwind.example").pk]
        case "note":
            about = lead()
            return [about.pk, add_note(about, "Likes tea", by="maria@northwind.example").pk]
        case "two leads":
            return [lead().pk, lead("Bo").pk]
        case "merge":
            one, other = lead(), lead("Bo")
            Lead.objects.filter(pk=other.pk).update(merged_into=one)
            return [Merge.objects.create(workspace=workspace, lead=other, into=one, because="by hand", at=now).pk]
        case "suggestion":
            pair = {"lead": lead(), "other": lead("Bo")}
            return [Suggestion.objects.create(workspace=workspace, because="same name", **pair).pk]
        case "title rule":
            return [
                TitleRule.objects.create(workspace=workspace, pattern="chief tea officer", seniority="executive").pk
            ]
        case "version":
            made = Version.objects.create(
                workspace=workspace,
                number=1,
                name="Northwind",
                toml=PLAYBOOK.read_text(encoding="utf-8"),
                plan_hash="x",
                state="retired",
                published_at=now,
            )
            return [made.number]
        case "hand-off" | "hand-off deed" | "meeting":
            made = HandOff.objects.create(
                workspace=workspace, lead=lead(), qualification="mql", began_at=now, version_number=1, opened_at=now
            )
            said = {"at": now.isoformat(), "minutes": 30, "place": ""}
            met = Step.objects.create(workspace=workspace, handoff=made, kind="met", at=now, said=said, revision=1)
            return [made.pk, *{"hand-off deed": ["claim"], "meeting": [met.pk]}.get(thing, [])]
        case "draft" | "deleted draft":
            gone = {"deleted_at": now} if thing == "deleted draft" else {}
            return [Draft.objects.create(workspace=workspace, name="Autumn", updated_at=now, **gone).pk]
        case "proposal":
            draft = Draft.objects.create(workspace=workspace, name="Autumn", updated_at=now)
            return [put_forward(draft, revision=1, title="Autumn", why="", by=None).number]
        case "import":
            ImportMapping.objects.create(workspace=workspace, name="usual", table="leads", columns={})
            detected = {"format": "csv", "encoding": "utf-8", "delimiter": ",", "names": ["email"]}
            run = {
                "table": "leads",
                "file_name": "a.csv",
                "stored_as": "a.csv",
                "detected": detected,
                "options": {"zone": "UTC"},
            }
            return [ImportRun.objects.create(workspace=workspace, **run).pk]
        case "form" | "public form":
            made = Form.objects.create(
                workspace=workspace,
                source=source(Source.Kind.FORM),
                slug="contact",
                title="Contact",
                event="contact_requested",
            )
            return [made.pk] if thing == "form" else [workspace.slug, made.slug]
        case "batch":
            return [Batch.objects.create(workspace=workspace, action="fact", said={}, lead_ids=[lead().pk]).pk]
        case "shared view" | "deleted view":
            gone = {"deleted_at": now} if thing == "deleted view" else {}
            view = SavedView.objects.create(
                workspace=workspace, owner=member(workspace, "Eve", "rep"), name="Hot", is_shared=True, **gone
            )
            return [view.pk]
        case "bot rule":
            return [BotRule.objects.create(workspace=workspace, rule_id="ours", why="they are ours").pk]
        case "rule id":
            return ["own-scanner"]
        case "event":
            seen = lead()
            event = Event.objects.create(
                workspace=workspace, source=source(), message_id="1", lead=seen, first_lead=seen, kind="track",
                name="demo_requested", occurred_at=now, received_at=now,
            )  # fmt: skip
            return [event.pk]
        case "refused event":
            refused = {"protocol": "tracking", "reason": "too-large", "body": b"{}", "received_at": now}
            return [RefusedEvent.objects.create(workspace=workspace, **refused).pk]
    raise AssertionError(f"nobody makes {thing!r}")


def path_of(name, row, workspace, now):
    if name == "tracking":
        return "/v1/track"
    return reverse(name, args=make(row.get("of"), workspace, now))


def answer_to(role, workspace, method, path):
    client = Client(raise_request_exception=True)
    if role != "anonymous":
        client.force_login(member(workspace, role.title(), role))
    mapping = ImportMapping.objects.values_list("pk", flat=True).first() or ""
    return client.get(path) if method == "get" else client.post(path, {"mapping": mapping})


def is_signing_in(answer):
    return answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")


def test_every_address_has_a_row_and_every_row_an_address():
    assert sorted([*ROWS, *API]) == NAMES


@pytest.fixture
def _a_worker(db):
    beat()


@pytest.mark.usefixtures("_a_worker")
@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_role_may_do_what_the_table_says_and_nothing_else(northwind, now, name):
    row, wrong = ROWS[name], []
    for method in ("get", "post"):
        circle = row.get(method)
        for role in ROLES:
            with transaction.atomic():  # each tries on a fresh thing: somebody before may have removed it
                path = path_of(name, row, northwind, now)
                answer = answer_to(role, northwind, method, path)
                transaction.set_rollback(True)
            if not _is_right(answer, circle, role):
                wrong.append(f"{method} {path} by {role}: {answer.status_code}, the table says {circle}")

    assert not wrong, "\n".join(wrong)


def test_who_asks_only_whether_a_page_is_there_is_answered_as_if_they_asked_for_it(northwind, now):
    """Programs that watch a site, and previews of links, send HEAD. Signing in with a provider begins something: not by HEAD."""
    client = Client()
    client.force_login(member(northwind, "Ada", "admin"))
    wrong = []
    for name in sorted(name for name, row in ROWS.items() if row.get("get") and "of" not in row and "oidc" not in name):
        path = path_of(name, ROWS[name], northwind, now)
        asked, got = client.head(path), client.get(path)
        if asked.status_code != got.status_code:
            wrong.append(f"{path}: {got.status_code}, and {asked.status_code} by HEAD")

    assert not wrong, "\n".join(wrong)


def _is_right(answer, circle, role):
    if circle == "public":
        return not is_signing_in(answer) and answer.status_code < 500
    if (
        circle is None
    ):  # an outsider may be sent to sign in first; an address of outsiders may say that there is nothing
        return answer.status_code in (403, 404, 405) or (role == "anonymous" and is_signing_in(answer))
    if role == "anonymous":
        return is_signing_in(answer)
    may = circle == "signed-in" or role in TABLE["circles"][circle]
    return (
        answer.status_code in (200, 204, 302, 400, 409, 422) and not is_signing_in(answer)
        if may
        else answer.status_code == 403
    )


@pytest.mark.parametrize(
    "name", [name for name, row in ROWS.items() if row.get("of", "") not in PUBLIC_THINGS | SHARED_THINGS | {""}]
)
def test_what_is_of_another_workspace_is_as_missing_as_what_never_was(as_charlie, northwind, now, name):
    row = ROWS[name]
    path = path_of(name, row, northwind, now)

    for method in ("get", "post"):
        if row.get(method) == "public":
            continue
        if row.get(method):
            answer = getattr(as_charlie, method)(path)
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
