"""Webhooks by the API: added, changed, tested, sent again, as on the page; the secret is asked for and kept in no receipt."""

from datetime import timedelta

import pytest
from django.utils import timezone

from leadline.web.api.models import Receipt
from leadline.web.api.webhook_shapes import DeliveryState, TypeName
from leadline.web.outgoing.actions import add_endpoint
from leadline.web.outgoing.models import Delivery, Endpoint
from leadline.web.outgoing.signing import secret_of
from leadline.web.outgoing.webhooks import TYPES, tell

pytestmark = pytest.mark.django_db
URL = "https://crm.example.com/leadline"
KEY = {"Idempotency-Key": "1"}


@pytest.fixture
def endpoint(northwind):
    return add_endpoint(northwind, url=URL, description="CRM", types=[], now=timezone.now())[0]


def told(northwind, type="lead.erased"):  # noqa: A002
    return tell(northwind.pk, type, {"lead_id": 7}, timezone.now())


def test_the_api_knows_every_type_and_every_state():
    assert TypeName.__args__ == tuple(TYPES)
    assert set(DeliveryState.__args__) == set(Delivery.State.values)


def test_an_endpoint_is_added_and_told_what_it_asked_for(caller, northwind):
    made = caller.post("/webhooks", {"url": URL, "description": " The\tCRM ", "types": ["lead.accepted"]})
    assert made.status_code == 201
    assert caller.get("/webhooks").json() == [made.json()] == [caller.get(f"/webhooks/{made.json()['id']}").json()]
    assert (made.json()["url"], made.json()["description"], made.json()["is_on"]) == (URL, "The CRM", True)

    assert told(northwind) is None
    assert told(northwind, "lead.accepted").deliveries.get().endpoint_id == made.json()["id"]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"url": "http://crm.example.com/"}, "/url"),
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"url": "https://crm.example.com:22/"}, "/url"),
        ({"url": ""}, "/url"),
        ({"types": ["lead.lost"]}, "/types/0"),
        ({"salt": "x"}, "/salt"),
    ],
)
def test_where_nothing_may_go_is_refused_when_it_is_added_and_when_it_is_changed(caller, endpoint, said, pointer):
    for answer in (
        caller.post("/webhooks", {"url": URL} | said),
        caller.ask("PATCH", f"/webhooks/{endpoint.pk}", said),
    ):
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert [one.url for one in Endpoint.objects.all()] == [URL]


def test_what_is_left_out_of_a_change_stays(caller, endpoint):
    path = f"/webhooks/{endpoint.pk}"
    changed = caller.ask("PATCH", path, {"types": ["lead.merged"]}).json()
    assert (changed["url"], changed["description"], changed["types"]) == (URL, "CRM", ["lead.merged"])
    assert caller.ask("PATCH", path, {"description": ""}).json()["types"] == ["lead.merged"]

    Endpoint.objects.update(off_why="It answered 410.", is_on=False)
    assert caller.ask("PATCH", path, {"url": f"{URL}/2"}).json()["is_on"] is False
    switched = caller.ask("PATCH", path, {"is_on": True}).json()
    assert (switched["is_on"], switched["off_why"], switched["url"]) == (True, "", f"{URL}/2")
    assert caller.ask("PATCH", path, {"is_on": False}).json()["is_on"] is False


def test_the_secret_is_shown_and_replaced_and_kept_nowhere(caller, endpoint):
    path = f"/webhooks/{endpoint.pk}"
    first = caller.get(f"{path}/secret")
    assert first.json() == {"secret": secret_of(endpoint.salt)}
    assert first.headers["Cache-Control"] == "no-store"

    replaced = caller.post(f"{path}/secret", {}, **KEY).json()
    second = caller.get(f"{path}/secret").json()["secret"]
    assert (
        caller.post(f"{path}/secret", {}, **KEY).json() == replaced
    )  # once: an answer that was lost replaces none again
    assert caller.get(f"{path}/secret").json()["secret"] == second != first.json()["secret"]
    assert replaced["old_until"]
    for shown in (replaced, caller.get(path).json(), *caller.get("/webhooks").json(), *Receipt.objects.values()):
        assert "whsec_" not in str(shown) and second not in str(shown)


def test_a_test_is_sent_and_its_delivery_says_how_that_went(caller, endpoint):
    sent = caller.post(f"/webhooks/{endpoint.pk}/test", {})
    assert (sent.status_code, sent.json()["type"], sent.json()["state"]) == (202, "webhook.test", "due")

    Delivery.objects.update(state="sent", last_status=204, attempts=1)
    (listed,) = caller.all(f"/webhooks/{endpoint.pk}/deliveries")
    assert (listed["message"], listed["state"], listed["status"]) == (sent.json()["message"], "sent", 204)
    assert listed["next_at"] is None

    Endpoint.objects.update(is_on=False)
    refused = caller.post(f"/webhooks/{endpoint.pk}/test", {})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:leadline:problem:not-possible")
    assert Delivery.objects.count() == 1


def test_what_needs_no_body_takes_none_or_json(caller, endpoint):
    path = f"/webhooks/{endpoint.pk}/test"

    assert caller.ask("POST", path).status_code == 202
    assert caller.post(path, {}).status_code == 202
    assert caller.ask("POST", path, **{"Content-Type": "text/plain"}).status_code == 415
    assert caller.ask("POST", "/webhooks").status_code == 415


def test_what_failed_is_found_and_sent_again_under_the_same_id(caller, northwind, endpoint):
    for _ in range(3):
        told(northwind)
    failed, sending, waits = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=failed.pk).update(state="failed", attempts=10, last_error="It answered 500.")
    Delivery.objects.filter(pk=sending.pk).update(state="sending")
    path = f"/webhooks/{endpoint.pk}/deliveries"

    (found,) = caller.all(f"{path}?state=failed")
    assert (found["id"], found["error"], found["lead_id"]) == (failed.pk, "It answered 500.", 7)
    again = caller.post(f"{path}/{failed.pk}/again", {}).json()
    assert (again["state"], again["message"], again["attempts"]) == ("due", found["message"], 0)
    assert caller.post(f"{path}/{sending.pk}/again", {}).json()["type"].endswith(":not-possible")
    assert caller.post(f"{path}/999999/again", {}).status_code == 404

    Delivery.objects.filter(pk__in=[failed.pk, waits.pk]).update(state="gone")
    hour = timedelta(hours=1)
    ahead, behind = ((timezone.now() + by).isoformat() for by in (hour, -hour))
    counts = [caller.post(f"/webhooks/{endpoint.pk}/again", {"since": one}).json() for one in (ahead, behind)]
    assert counts == [{"count": 0}, {"count": 2}]


def test_a_delivery_of_another_endpoint_is_missing(caller, northwind, endpoint):
    other, _ = add_endpoint(northwind, url=f"{URL}/other", description="", types=["lead.merged"], now=timezone.now())
    sent = told(northwind).deliveries.get()

    assert caller.post(f"/webhooks/{other.pk}/deliveries/{sent.pk}/again", {}).status_code == 404
    assert caller.all(f"/webhooks/{other.pk}/deliveries") == []


def test_who_deletes_an_endpoint_is_told_no_more(caller, northwind, endpoint):
    assert caller.ask("DELETE", f"/webhooks/{endpoint.pk}").status_code == 204

    assert told(northwind) is None
    assert caller.get(f"/webhooks/{endpoint.pk}").status_code == 404


def test_another_workspace_sees_none(stranger, endpoint):
    assert stranger.get("/webhooks").json() == []
