"""Administrators add, change and remove members; a workspace never loses its last, and no link reaches into another workspace."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from tests.web.conftest import member

from leadline.web.accounts.actions import LastAdminError, add_member, change_role, make_workspace, remove_member
from leadline.web.accounts.models import Membership, User, Workspace

MEMBERS = "/settings/members/"


def membership_of(user):
    return Membership.objects.get(user=user)


def test_maria_adds_ada_and_gets_a_link_for_her_once(as_maria, maria):
    answer = as_maria.post(MEMBERS, {"name": "Ada", "email": "ada@northwind.example", "role": "rep"})

    ada = User.objects.get(email="ada@northwind.example")
    assert membership_of(ada).role == "rep" and not ada.has_usable_password()
    assert "/password/choose/" in answer.content.decode()
    assert "/password/choose/" not in as_maria.get(MEMBERS).content.decode()
    assert "/password/choose/" in as_maria.post(f"{MEMBERS}{membership_of(ada).pk}/link/").content.decode()
    assert answer["Cache-Control"].startswith("max-age=0")


def test_who_is_a_member_already_is_not_added_again(as_maria, omar):
    answer = as_maria.post(MEMBERS, {"name": "Omar", "email": "OMAR@northwind.example", "role": "rep"})

    assert answer.status_code == 422
    assert "Omar is a member already." in answer.content.decode()


def test_nobody_gets_a_link_to_an_account_that_is_at_home_elsewhere(as_maria, northwind, elsewhere, charlie):
    invited = add_member(elsewhere, email="dora@elsewhere.example", name="Dora", role="admin").user
    for email in (charlie.email, invited.email):
        answer = as_maria.post(MEMBERS, {"name": "x", "email": email, "role": "viewer"})
        again = as_maria.post(f"{MEMBERS}{Membership.objects.get(workspace=northwind, user__email=email).pk}/link/")

        assert "/password/choose/" not in answer.content.decode() + again.content.decode()


def test_who_has_a_password_gets_no_link_from_an_administrator(as_maria, omar):
    assert "/password/choose/" not in as_maria.post(f"{MEMBERS}{membership_of(omar).pk}/link/").content.decode()


def test_the_last_administrator_cannot_go_nor_become_less(as_maria, maria, omar):
    mine = membership_of(maria)

    as_maria.post(f"{MEMBERS}{mine.pk}/remove/")
    answer = as_maria.post(f"{MEMBERS}{mine.pk}/role/", {"role": "viewer"}, follow=True)

    assert "needs an administrator" in answer.content.decode()
    assert membership_of(maria).role == "admin"


def test_with_another_administrator_one_may_go(maria, omar):
    change_role(membership_of(omar), "admin")

    remove_member(membership_of(maria))

    with pytest.raises(LastAdminError):
        remove_member(membership_of(omar))


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_at_once_leave_one():
    workspace = make_workspace("Northwind", "UTC")
    people = [member(workspace, name, "admin") for name in ("Maria", "Omar")]

    def remove(user):
        try:
            remove_member(membership_of(user))
        except LastAdminError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        removed = list(pool.map(remove, people))

    assert sorted(removed) == [False, True]
    assert Membership.objects.filter(workspace=workspace).count() == 1


def test_who_was_removed_sees_nothing_from_the_next_click_on(as_maria, as_omar, omar):
    change_role(membership_of(omar), "admin")
    assert as_omar.get(MEMBERS).status_code == 200

    as_maria.post(f"{MEMBERS}{membership_of(omar).pk}/remove/")

    assert as_omar.get(MEMBERS).status_code == 302


def test_a_role_that_is_none_changes_nothing(as_maria, omar):
    answer = as_maria.post(f"{MEMBERS}{membership_of(omar).pk}/role/", {"role": "owner"}, follow=True)

    assert "Nothing was changed" in answer.content.decode()
    assert membership_of(omar).role == "rep"


@pytest.mark.parametrize("what", ["role", "remove", "link"])
def test_members_of_another_workspace_are_as_missing_as_those_that_never_were(as_charlie, omar, what):
    theirs = as_charlie.post(f"{MEMBERS}{membership_of(omar).pk}/{what}/", {"role": "admin"})
    nobodys = as_charlie.post(f"{MEMBERS}987654/{what}/", {"role": "admin"})

    assert theirs.status_code == nobodys.status_code == 404
    assert membership_of(omar).role == "rep"


def test_the_workspace_gets_another_name_and_zone_and_only_known_zones(as_maria, northwind):
    as_maria.post("/settings/", {"name": "Northwind Trading", "timezone": "Asia/Tokyo"})
    refused = as_maria.post("/settings/", {"name": "", "timezone": "Mars/Base"})

    northwind.refresh_from_db()
    assert (northwind.name, northwind.timezone) == ("Northwind Trading", "Asia/Tokyo")
    assert refused.status_code == 422


def test_maria_turns_to_another_of_her_workspaces_and_to_no_other(as_maria, maria, elsewhere):
    third = make_workspace("Northwind", "UTC")
    Membership.objects.create(workspace=third, user=maria, role="viewer")

    assert as_maria.post(f"/workspace/{elsewhere.pk}/").status_code == 404
    as_maria.post(f"/workspace/{third.pk}/")
    assert as_maria.get("/settings/").status_code == 403


def test_slugs_of_workspaces_differ(db):
    slugs = [make_workspace("Nörth Wind!", "UTC").slug for _ in range(3)]

    assert slugs == ["north-wind", "north-wind-2", "north-wind-3"]
    assert make_workspace("日本", "UTC").slug == "workspace"
    assert Workspace.objects.count() == 4
