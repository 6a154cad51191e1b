"""Keys: shown once, kept as a digest, ended at once, expiring, held to a rate; and the pages on which they are made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from tests.web.api.conftest import Caller

from leadline.web.accounts.models import Source
from leadline.web.api.keys import (
    RESERVED,
    SCOPES,
    SourceTakenError,
    count_use,
    find_api_key,
    make_api_key,
    revoke_api_key,
    seconds_to_next_minute,
)
from leadline.web.api.models import ApiKey

NOW = datetime(2026, 3, 2, 9, 15, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_a_key_is_found_by_its_text_alone(northwind):
    key, text = make_api_key(northwind, name="sync", scopes=["leads:read"])

    assert find_api_key(text, NOW) == key
    assert text not in repr(ApiKey.objects.values().get())
    for other in (
        text[:-1] + ("a" if text[-1] != "a" else "b"),
        text + "x",
        key.prefix,
        f"ll_api_{key.prefix}_x",
        "",
        "\0",
        f"ll_api_{key.prefix[:4]}\0_x",
    ):
        assert find_api_key(other, NOW) is None


@pytest.mark.django_db
def test_a_key_of_a_source_is_none_of_the_api_and_the_other_way_round(northwind, server_key):
    _, text = make_api_key(northwind, name="sync", scopes=SCOPES)

    assert Caller(server_key).get("/leads").status_code == 401
    tracked = Caller(text).ask("POST", "/../../v1/track", {"writeKey": text, "userId": "u", "event": "x"})
    assert tracked.status_code in (401, 404)


@pytest.mark.django_db
def test_a_key_that_ended_or_expired_opens_nothing(northwind):
    ended, of_ended = make_api_key(northwind, name="a", scopes=SCOPES)
    revoke_api_key(ended)
    first = ApiKey.objects.get().revoked_at
    revoke_api_key(ended)
    assert ApiKey.objects.get().revoked_at == first
    _, of_expired = make_api_key(northwind, name="b", scopes=SCOPES, expires_at=timezone.now() - timedelta(seconds=1))
    _, of_young = make_api_key(northwind, name="c", scopes=SCOPES, expires_at=timezone.now() + timedelta(days=1))

    assert [Caller(one).get("/leads").status_code for one in (of_ended, of_expired, of_young)] == [401, 401, 200]
    answer = Caller(of_ended).get("/leads")
    assert answer.headers["WWW-Authenticate"] == "Bearer" and answer.json()["type"].endswith(":unknown-key")


@pytest.mark.django_db
def test_a_key_ends_at_the_moment_that_was_said(northwind):
    key, text = make_api_key(northwind, name="sync", scopes=SCOPES, expires_at=NOW)

    assert find_api_key(text, NOW) is None
    assert find_api_key(text, NOW - timedelta(microseconds=1)) == key


@pytest.mark.django_db
def test_a_key_has_scopes_that_there_are_each_once(northwind):
    key, _ = make_api_key(northwind, name="sync", scopes=["export", "leads:read", "leads:rule", "export"])

    assert key.scopes == ["leads:read", "export"]


@pytest.mark.django_db
def test_a_key_writes_under_the_name_of_a_server_and_of_nobody_else(northwind, website):
    for taken in (*RESERVED, website.name):
        with pytest.raises(SourceTakenError):
            make_api_key(northwind, name="sync", scopes=SCOPES, source=taken)
    assert not ApiKey.objects.exists()

    key, _ = make_api_key(northwind, name="sync", scopes=SCOPES, source="crm")
    assert (key.source.name, key.source.kind) == ("crm", Source.Kind.SERVER)


@pytest.mark.django_db
def test_a_key_may_ask_so_often_a_minute_and_is_told_when_again(northwind, settings, caller):
    settings.API_REQUESTS_A_MINUTE = 3

    answers = [caller.get("/playbooks") for _ in range(5)]

    assert [one.status_code for one in answers].count(429) >= 1 or timezone.now().second < 5
    refused = next(one for one in answers if one.status_code == 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["type"] == "urn:leadline:problem:too-many-requests"


@pytest.mark.parametrize(("second", "wait"), [(0, 60), (15, 45), (59, 1)])
def test_when_again_is_the_next_minute(second, wait):
    assert seconds_to_next_minute(NOW.replace(second=second)) == wait


@pytest.mark.django_db
def test_a_new_minute_begins_anew_and_the_hour_of_use_is_kept(northwind, settings):
    settings.API_REQUESTS_A_MINUTE = 2
    key, _ = make_api_key(northwind, name="sync", scopes=SCOPES)

    assert [count_use(key, NOW) for _ in range(3)] == [True, True, False]
    assert count_use(key, NOW + timedelta(minutes=1))
    key.refresh_from_db()
    assert key.last_used_at == NOW.replace(minute=0, second=0)


@pytest.mark.django_db(transaction=True)
def test_however_many_come_at_once_no_more_than_the_limit_pass(northwind, settings):
    settings.API_REQUESTS_A_MINUTE = 5
    key, _ = make_api_key(northwind, name="sync", scopes=SCOPES)

    def use(_number):
        try:
            return count_use(key, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(use, range(20))) == 5


# -- the pages ------------------------------------------------------------------------------------------------------


def form(**more):
    return {"name": "CRM sync", "source": "crm", "scopes": ["leads:read", "export"], "expires": "30"} | more


@pytest.mark.django_db
def test_an_administrator_makes_a_key_sees_it_once_and_ends_it(as_maria, maria):
    shown = as_maria.post("/settings/api-keys/", form()).content.decode()
    key = ApiKey.objects.get()
    text = next(
        word for word in shown.replace("<", " ").replace(">", " ").split() if word.startswith(f"ll_api_{key.prefix}")
    )

    assert Caller(text).get("/leads").status_code == 200
    assert Caller(text).get("/playbooks").status_code == 403
    assert (key.made_by, key.source.name, key.scopes) == (maria, "crm", ["leads:read", "export"])
    assert timedelta(days=29) < key.expires_at - timezone.now() < timedelta(days=31)

    again = as_maria.get("/settings/api-keys/").content.decode()
    assert text not in again and key.prefix in again

    as_maria.post(f"/settings/api-keys/{key.pk}/end/")
    assert Caller(text).get("/leads").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"name": ""}, {"source": "person"}, {"source": "a b"}, {"expires": "7"}]
)
def test_what_is_wrong_with_a_key_is_said_beside_it(as_maria, wrong):
    answer = as_maria.post("/settings/api-keys/", form(**wrong))

    assert answer.status_code == 422 and not ApiKey.objects.exists()
    assert len(answer.context["form"].errors) == 1


@pytest.mark.django_db
def test_the_reference_shows_every_operation_and_fits_into_a_page(as_omar):
    from leadline.web.api.operations import list_operations

    answer = as_omar.get("/reference/api/")

    for one in list_operations():
        assert f'id="{one.view_func.__name__}"' in answer.content.decode()
    import gzip

    assert len(gzip.compress(answer.content)) < 60_000


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible(visit, maria, northwind):
    make_api_key(northwind, name="CRM sync", scopes=SCOPES, by=maria)
    seen = visit(maria)

    seen.go("/settings/api-keys/")
    seen.check_accessibility()
    seen.go("/reference/api/#list_leads")
    seen.page.locator("#list_leads summary").click()
    seen.check_accessibility()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Bearer {}", 200), ("bearer {}", 200), ("BEARER   {} ", 200), ("Basic {}", 401), ("{}", 401), ("Bearer", 401), ("Bearer{}", 401),
    ],
)  # fmt: skip
def test_a_key_comes_as_a_bearer_token_in_any_case_and_nothing_else_does(client, caller, said, status):
    answer = client.get("/api/v1/leads", headers={"Authorization": said.format(caller.key)})

    assert answer.status_code == status
