"""Webhooks: where they go, what was sent there and how that went, and sending it again. What the page refuses is refused here."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Status

from leadline.web.api.given import Id
from leadline.web.api.paging import page_of
from leadline.web.api.problems import ProblemError, missing
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.calendars import faults_of_form
from leadline.web.api.resources.writing import refuse
from leadline.web.api.service import Needs
from leadline.web.api.webhook_shapes import (
    AgainIn,
    AgainOut,
    DeliveryOut,
    DeliveryPage,
    DeliveryQuery,
    EndpointChangeIn,
    EndpointIn,
    EndpointOut,
    SecretOut,
    delivery_of,
    endpoint_of,
)
from leadline.web.outgoing import actions
from leadline.web.outgoing.forms import EndpointForm
from leadline.web.outgoing.models import Delivery, Endpoint
from leadline.web.outgoing.signing import secret_of
from leadline.web.outgoing.webhooks import tell_test

router = Router(tags=["Webhooks"])


@router.get("/webhooks", response=list[EndpointOut], url_name="api-webhooks", auth=Needs("webhooks:read"))
def list_webhooks(request: HttpRequest) -> Any:
    """List the endpoints, the first one first."""
    return [endpoint_of(one) for one in Endpoint.objects.filter(workspace=workspace_of(request)).order_by("pk")]


@router.post("/webhooks", response={201: EndpointOut}, url_name="api-webhooks", auth=Needs("webhooks:write"))
def add_webhook(request: HttpRequest, given: EndpointIn) -> Any:
    """Add an endpoint. What happens from now on is told to it, signed with its secret: `/webhooks/…/secret`."""
    said = _read(given.model_dump())
    endpoint, _ = actions.add_endpoint(workspace_of(request), **said, now=timezone.now())
    return Status(201, endpoint_of(endpoint))


@router.get("/webhooks/{webhook_id}", response=EndpointOut, url_name="api-webhook", auth=Needs("webhooks:read"))
def show_webhook(request: HttpRequest, webhook_id: Path[Id]) -> Any:
    """Show an endpoint, and whether it works."""
    return endpoint_of(_get(request, webhook_id))


@router.patch("/webhooks/{webhook_id}", response=EndpointOut, url_name="api-webhook", auth=Needs("webhooks:write"))
def change_webhook(request: HttpRequest, webhook_id: Path[Id], given: EndpointChangeIn) -> Any:
    """Change where an endpoint is and what it is told, or switch it on or off. What waits goes to the new address."""
    endpoint = _get(request, webhook_id)
    before = {name: getattr(endpoint, name) for name in ("url", "description", "types")}
    changed = given.model_dump(exclude_none=True)
    is_on = changed.pop("is_on", None)
    if changed:
        actions.change_endpoint(endpoint, **_read(before | changed))
    if is_on is not None:
        actions.switch(endpoint, is_on=is_on)
    return endpoint_of(_get(request, webhook_id))


@router.delete("/webhooks/{webhook_id}", response={204: None}, url_name="api-webhook", auth=Needs("webhooks:write"))
def delete_webhook(request: HttpRequest, webhook_id: Path[Id]) -> Any:
    """Delete an endpoint with its deliveries. There is no undo."""
    actions.delete_endpoint(_get(request, webhook_id))
    return Status(204, None)


@router.get(
    "/webhooks/{webhook_id}/secret", response=SecretOut, url_name="api-webhook-secret", auth=Needs("webhooks:write")
)
def show_secret(request: HttpRequest, webhook_id: Path[Id]) -> Any:
    """Show what an endpoint checks signatures with."""
    return {"secret": secret_of(_get(request, webhook_id).salt)}


@router.post(
    "/webhooks/{webhook_id}/secret", response=EndpointOut, url_name="api-webhook-secret", auth=Needs("webhooks:write")
)
def replace_secret(request: HttpRequest, webhook_id: Path[Id]) -> Any:
    """Replace the secret; GET shows the new one. The one before signs as well for a day."""
    # It is not answered here: what is answered is kept as a receipt, and secrets are kept nowhere.
    actions.replace_secret(_get(request, webhook_id), now=timezone.now())
    return endpoint_of(_get(request, webhook_id))


@router.post(
    "/webhooks/{webhook_id}/test",
    response={202: DeliveryOut},
    url_name="api-webhook-test",
    auth=Needs("webhooks:write"),
)
def test_webhook(request: HttpRequest, webhook_id: Path[Id]) -> Any:
    """Send a test to an endpoint. Its delivery says a moment later how that went."""
    endpoint = _get(request, webhook_id)
    if not endpoint.is_on:
        detail = "Nothing was sent: it is off. Switch it on first."
        raise ProblemError(status=422, code="not-possible", detail=detail)
    message = tell_test(endpoint, at=timezone.now())
    return Status(202, delivery_of(message.deliveries.select_related("message").get()))


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response=DeliveryPage,
    url_name="api-webhook-deliveries",
    auth=Needs("webhooks:read"),
)
def list_deliveries(request: HttpRequest, webhook_id: Path[Id], query: Query[DeliveryQuery]) -> Any:
    """List what was sent to an endpoint or waits to be, and how that went, the first one first."""
    rows = _get(request, webhook_id).deliveries.select_related("message")
    if query.state is not None:
        rows = rows.filter(state=query.state)
    return page_of(
        request, rows, lambda some: [delivery_of(one) for one in some], limit=query.limit, cursor=query.cursor
    )


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/again",
    response=DeliveryOut,
    url_name="api-webhook-delivery-again",
    auth=Needs("webhooks:write"),
)
def send_delivery_again(request: HttpRequest, webhook_id: Path[Id], delivery_id: Path[Id]) -> Any:
    """Send something once more, under the same id."""
    deliveries = _get(request, webhook_id).deliveries.select_related("message")
    found: Delivery | None = deliveries.filter(pk=delivery_id).first()
    if found is None:
        raise missing("delivery")
    if not actions.send_again(found, now=timezone.now()):
        detail = "Nothing was sent: it is being sent just now, or the person was erased."
        raise ProblemError(status=422, code="not-possible", detail=detail)
    return delivery_of(deliveries.get(pk=delivery_id))


@router.post(
    "/webhooks/{webhook_id}/again", response=AgainOut, url_name="api-webhook-again", auth=Needs("webhooks:write")
)
def send_failed_again(request: HttpRequest, webhook_id: Path[Id], given: AgainIn) -> Any:
    """Send all that failed for good since a moment once more."""
    return {"count": actions.send_failed_again(_get(request, webhook_id), since=given.since, now=timezone.now())}


def _get(request: HttpRequest, webhook_id: int) -> Endpoint:
    found = Endpoint.objects.filter(workspace=workspace_of(request), pk=webhook_id).first()
    if found is None:
        raise missing("endpoint")
    return found


def _read(said: dict[str, Any]) -> dict[str, Any]:
    """Return where webhooks go and which, as the page takes it.

    Raises:
        ProblemError: nothing may go there.
    """
    form = EndpointForm(said)
    refuse(faults_of_form(form))
    return dict(form.cleaned_data)
