"""The API keeps what its OpenAPI says: schemathesis asks every operation with what fits and with what does not.

No server error, no status, content type or shape that is not described, nothing unfitting taken, nothing fitting refused for its form.
The same questions every time, over the app's WSGI entry.
"""

from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.web.conftest import member

from leadline.web.api.operations import list_operations
from leadline.web.handoff.actions import book_meeting
from leadline.web.handoff.models import HandOff, Team, WorkCalendar
from leadline.web.handoff.teams.actions import add_absence
from leadline.web.leads.models import Company
from leadline.web.outgoing.actions import add_endpoint
from leadline.web.outgoing.webhooks import tell_test
from leadline.web.pages.models import SavedView
from leadline.web.playbooks.drafts import begin_draft
from leadline.web.playbooks.proposals.actions import put_forward

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
)

EXAMPLES = 25
MEANINGS = {
    "nobody",
    "identity",
    "domain",
    "field",
    "later-than-now",
    "too-far-ahead",
    "bad-cursor",
    "out-of-range",
    "blank",
    "unknown-person",
    "unknown-question",
    "unknown-calendar",
    "unknown-outcome",
    "unknown-reason",
    "unusable",
    "twice",
    "other-lead",
}

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def described(people, key_for, settings):
    """The API with people in it, as schemathesis reads it. Django closes no connection after a request, for it is the test's."""
    settings.API_REQUESTS_A_MINUTE = 10**6
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def desks(people, northwind, playbook):
    """What stands in the addresses of hand-offs and of who works them."""
    lead = next(one for one in people if one.is_known)
    rep = member(northwind, "Omar", "rep")
    now = timezone.now()
    handoff = HandOff.objects.create(
        workspace=northwind, lead=lead, qualification="mql", began_at=now, version_number=playbook.number, opened_at=now
    )
    book_meeting(handoff.pk, by=rep, at=now + timedelta(days=1))
    person = rep.memberships.get()
    webhook, _ = add_endpoint(northwind, url="https://x.example/", description="", types=[], now=now)
    draft = begin_draft(northwind, name="Autumn", toml="# to come", by=rep)
    put_forward(draft, revision=1, title="Autumn", why="It comes", by=rep)  # the first, as the version is
    return {
        "handoff_id": handoff.pk,
        "meeting_id": handoff.steps.get().pk,
        "calendar_id": WorkCalendar.objects.create(workspace=northwind, name="Berlin", timezone="Europe/Berlin").pk,
        "team_id": Team.objects.create(workspace=northwind, slug="inbound", name="Inbound").pk,
        "person_id": person.pk,
        "webhook_id": webhook.pk,
        "delivery_id": tell_test(webhook, at=now).deliveries.get().pk,
        "absence_id": add_absence(person, first=now.date(), last=now.date(), why="").pk,
    }


def test_every_operation_keeps_to_its_description(described, people, northwind, key_for, desks):
    key = key_for()
    company = Company.objects.filter(workspace=northwind).first().pk
    view = SavedView.objects.create(workspace=northwind, name="Hot", query="stage=mql", is_shared=True).pk
    there = {"lead_id": people[0].pk, "company_id": company, "number": 1, "table": "leads", "view_id": view} | desks
    wrong, count = [], 0
    for found in described.get_all_operations():
        operation, count = found.ok(), count + 1
        with transaction.atomic():  # one operation erases people, and the next wants them
            try:
                ask_all(operation, key, {name: one for name, one in there.items() if f"{{{name}}}" in operation.path})
            except AssertionError as error:
                wrong.append(f"{operation.label}: {error}")
            transaction.set_rollback(True)

    assert not wrong, "\n\n".join(wrong)
    assert count == len(list_operations())


def is_about_a_condition(said):
    """Whether it is about a condition, a cursor, or the query of a view, each a small language of its own."""
    return {one.get("parameter", one.get("pointer")) for one in said.get("errors", [])} <= {"where", "cursor", "/query"}


def is_about_meaning(answer):
    """Whether all that is wrong is what no schema can say: no playbook, an address that is none, a day to come, another state."""
    if answer.status_code == 412:
        return True
    if answer.status_code not in (400, 422):
        return False
    said = answer.json()
    if said["type"].endswith("nul-character"):
        return True
    codes = {one["code"] for one in said.get("errors", [])}
    if codes and is_about_a_condition(said):
        return True
    return said["type"].endswith(("playbook-unusable", "cases-failed", "not-possible")) or (
        bool(codes) and codes <= MEANINGS
    )


def ask_all(operation, key, there):
    """Ask with what fits and with what does not, about somebody who is there; and with addresses that do not fit."""
    ways = [operation.as_strategy(GenerationMode.POSITIVE, path_parameters=there or None)]
    ways.append(operation.as_strategy(GenerationMode.NEGATIVE))
    if there:
        ways.append(operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=there))

    @given(case=st.one_of(ways))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        answer = case.call(headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"})
        excused = [positive_data_acceptance] if is_about_meaning(answer) else []
        excused += [negative_data_rejection] if answer.status_code == 413 else []  # refused, too
        if (
            [] in (case.query or {}).values()
        ):  # an empty list is written as nothing, so what does not fit was never sent
            excused.append(negative_data_rejection)
        try:
            case.validate_response(answer, checks=CHECKS, excluded_checks=excused)
        except (FailureGroup, BaseExceptionGroup) as error:
            said = (
                f"{case.formatted_path} {case.query} {str(case.body)[:500]} → {answer.status_code} {answer.text[:500]}"
            )
            raise AssertionError("; ".join(map(str, error.exceptions)) + f"\n{said}") from None

    ask()
