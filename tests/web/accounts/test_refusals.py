"""Who may not do something is told who may, as what they are here, and whom to ask."""

import pytest
from tests.web.conftest import member

from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import EVERYBODY, name_roles


def test_a_refusal_says_who_may_what_one_is_and_whom_to_ask(as_omar, maria, northwind, charlie):
    User.objects.filter(pk=member(northwind, "Gone", Membership.Role.ADMIN).pk).update(is_active=False)
    member(northwind, "Tom", Membership.Role.MARKETER)

    answer = as_omar.get("/settings/")

    text = answer.content.decode()
    assert answer.status_code == 403
    assert "This is for administrators only. Your role in Northwind is sales rep." in text
    assert "ask an administrator of Northwind" in text and f"mailto:{maria.email}" in text
    assert not any(f"mailto:{name}@" in text for name in ("tom", "gone", "charlie"))


def test_several_roles_are_named_as_one_says_them(as_omar):
    text = as_omar.get("/import/").content.decode()

    assert "This is for administrators and marketers only." in text


def test_each_role_has_a_name():
    assert name_roles(EVERYBODY) == "administrators, marketers, sales reps, managers and viewers"


@pytest.mark.parametrize("path", ["/leads/", "/settings/", "/password/"])
def test_who_is_in_no_workspace_is_told_whom_to_ask(client, db, path):
    user = User.objects.create(email="new@northwind.example", name="New")
    user.set_password("new-likes-tea")
    user.save()
    client.force_login(user)

    text = client.get(path).content.decode()

    assert "Ask an administrator" in text


@pytest.mark.parametrize("source", ["my source", "ä", "a b"])
def test_no_form_of_settings_speaks_of_slugs(as_maria, source):
    of_source = as_maria.post("/settings/sources/", {"name": source, "kind": "server"})
    of_key = as_maria.post(
        "/settings/api-keys/", {"name": "x", "source": source, "scopes": ["export"], "expires": "never"}
    )

    for answer in (of_source, of_key):
        text = answer.content.decode()
        assert answer.status_code == 422 and "Take only small letters, digits and hyphens" in text
        assert "slug" not in text.lower()
