"""A session ends: after days, after hours without a click, with a new password, on all devices when asked, and with the membership."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from leadline.web.accounts.actions import add_member, make_workspace, remove_member
from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.queries import link_to_choose_password
from leadline.web.accounts.sessions import BEGAN, SEEN

PAGE = "/password/"
HOUR, DAY = 3_600, 86_400
NEW = {"new_password1": "coffee-is-better", "new_password2": "coffee-is-better"}


def is_signed_in(client):
    return client.get(PAGE).status_code == 200


def let_pass(client, *, began=0, seen=0):
    """Let a session be as old as if so many seconds had passed."""
    session = client.session
    session[BEGAN] -= began
    session[SEEN] -= seen
    session.save()


@pytest.fixture
def signed_in(maria):
    client = Client()
    client.post("/sign-in/", {"username": maria.email, "password": "maria-likes-tea"})
    assert is_signed_in(client)
    return client


# -- age --------------------------------------------------------------------------------------------------------


def test_who_has_clicked_nothing_for_three_days_signs_in_again(signed_in):
    let_pass(signed_in, began=72 * HOUR - 60, seen=72 * HOUR - 60)
    assert is_signed_in(signed_in)  # and this click counts

    let_pass(signed_in, began=71 * HOUR, seen=71 * HOUR)
    assert is_signed_in(signed_in)

    let_pass(signed_in, seen=72 * HOUR)
    answer = signed_in.get(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={PAGE}")
    assert not Session.objects.exists()


def test_after_two_weeks_everybody_signs_in_again_whatever_they_clicked(signed_in):
    let_pass(signed_in, began=14 * DAY - 60)
    assert is_signed_in(signed_in)

    let_pass(signed_in, began=60)
    assert not is_signed_in(signed_in)


def test_both_limits_are_settings(signed_in, settings):
    let_pass(signed_in, began=2 * HOUR, seen=2 * HOUR)

    settings.SESSION_IDLE, settings.SESSION_LONGEST = 3 * HOUR, 3 * HOUR
    assert is_signed_in(signed_in)
    settings.SESSION_LONGEST = 2 * HOUR
    assert not is_signed_in(signed_in)


def test_signing_in_again_begins_anew(maria, signed_in):
    let_pass(signed_in, began=13 * DAY)
    signed_in.post("/sign-out/")
    signed_in.post("/sign-in/", {"username": maria.email, "password": "maria-likes-tea"})

    let_pass(signed_in, began=13 * DAY)
    assert is_signed_in(signed_in)


def test_a_click_keeps_the_session_and_its_cookie_and_is_noted_every_few_minutes_only(signed_in):
    assert "sessionid" not in signed_in.get(PAGE).cookies

    let_pass(signed_in, seen=10 * 60)
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    answer = signed_in.get(PAGE)

    assert answer.cookies["sessionid"]["max-age"] == 72 * HOUR
    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=71)


def test_what_any_cache_may_keep_carries_nobodys_session(signed_in):
    let_pass(signed_in, seen=10 * 60)

    assert "sessionid" not in signed_in.get("/ll.js").cookies


def test_a_part_of_a_page_that_comes_too_late_loads_the_whole_page(signed_in):
    let_pass(signed_in, began=14 * DAY)

    answer = signed_in.get("/leads/", headers={"HX-Request": "true"}, follow=True)

    assert answer["HX-Refresh"] == "true" and b"<form" not in answer.content


# -- everywhere at once -----------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere_too(maria, omar):
    """Maria on another device, and Omar."""
    clients = Client(), Client()
    for client, user in zip(clients, (maria, omar), strict=True):
        client.force_login(user)
    return clients


def test_signing_out_on_all_devices_does_so_for_oneself_alone(signed_in, elsewhere_too):
    her_phone, as_omar = elsewhere_too
    assert signed_in.get("/sign-out/everywhere/").status_code == 405

    answer = signed_in.post("/sign-out/everywhere/", follow=True)

    assert "You are signed out on all devices." in answer.content.decode()
    assert (is_signed_in(signed_in), is_signed_in(her_phone), is_signed_in(as_omar)) == (False, False, True)


def test_the_account_page_says_how_long_one_stays_signed_in_and_offers_the_way_out(signed_in):
    page = signed_in.get(PAGE).content.decode()

    assert "up to 14 days" in page and "72 hours" in page and 'action="/sign-out/everywhere/"' in page


def test_a_new_password_ends_other_sessions(signed_in, elsewhere_too):
    her_phone, as_omar = elsewhere_too

    assert signed_in.post(PAGE, {"old_password": "maria-likes-tea", **NEW}).status_code == 302

    assert (is_signed_in(signed_in), is_signed_in(her_phone), is_signed_in(as_omar)) == (True, False, True)


def test_a_password_chosen_by_a_link_ends_other_sessions(signed_in, maria):
    maria.refresh_from_db()  # when she last signed in is a part of what the link proves
    client = Client()
    page = client.get(link_to_choose_password(maria), follow=True)

    assert client.post(page.redirect_chain[-1][0], NEW).status_code == 302

    assert (is_signed_in(client), is_signed_in(signed_in)) == (True, False)


def test_who_is_removed_from_their_only_workspace_is_signed_out_at_once(as_omar, omar, maria):
    remove_member(Membership.objects.get(user=omar))

    assert as_omar.get("/leads/").status_code == 302


def test_who_is_removed_from_one_of_two_workspaces_is_in_the_other_from_the_next_click_on(
    as_omar, omar, maria, northwind
):
    other = make_workspace("Southwind", "UTC")
    add_member(other, email=omar.email, name="", role="viewer")
    remove_member(Membership.objects.get(user=omar, workspace=northwind))

    assert as_omar.get("/leads/").context["workspace"] == other


def test_who_is_switched_off_is_signed_out_at_once(as_omar, omar):
    User.objects.filter(pk=omar.pk).update(is_active=False)

    assert not is_signed_in(as_omar)


def in_one_update(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def in_a_row_saved(user):
    user.is_active = False
    user.save()


def in_one_column_saved(user):
    user.is_active = False
    user.save(update_fields=["is_active"])


@pytest.mark.parametrize("switch_off", [in_one_update, in_a_row_saved, in_one_column_saved])
def test_who_is_switched_on_again_signs_in_anew(as_omar, omar, as_maria, switch_off):
    switch_off(omar)
    assert User.objects.get(pk=omar.pk).is_active is False
    User.objects.filter(pk=omar.pk).update(is_active=True)

    assert not is_signed_in(as_omar)
    assert is_signed_in(as_maria)
    fresh = Client()
    fresh.force_login(User.objects.get(pk=omar.pk))
    assert is_signed_in(fresh)


def test_to_save_who_is_switched_off_once_more_ends_nothing_anew(omar):
    in_one_update(omar)
    omar = User.objects.get(pk=omar.pk)
    omar.name = "Omar B"
    omar.save()

    assert User.objects.get(pk=omar.pk).session_round == 1


def test_who_was_met_while_switched_off_by_hand_in_the_database_signs_in_anew(as_omar, omar):
    for is_active in (False, True):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET is_active = %s WHERE id = %s", [is_active, omar.pk])
        assert not is_signed_in(as_omar)
