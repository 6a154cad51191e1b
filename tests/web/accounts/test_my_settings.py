"""What a member settles for themselves is in one place, whichever app keeps it; what never comes to them is not asked."""

import pytest
from django.test import Client
from tests.web.conftest import member

from leadline.web.notices.forms import topics_for
from leadline.web.notices.models import Preference
from leadline.web.notices.wishes import DEFAULTS

PAGES = ("/password/", "/notices/preferences/", "/settings/me/")
LATE, ESCALATED, SENT_BACK = "An answer is late", "A late hand-off came to the managers", "Sales sent somebody back"


def test_ones_own_name_leads_to_my_settings_and_each_page_of_them_to_the_others(as_omar):
    for path in PAGES:
        page = as_omar.get(path).content.decode()
        assert "<h1>My settings</h1>" in page
        assert page.count(f'<a href="{path}" aria-current="page"') == 1
        for other in PAGES:
            assert f'<a href="{other}"' in page
    assert 'href="/password/" title="My settings' in as_omar.get("/queue/").content.decode()


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("rep", {LATE}),
        ("manager", {LATE, ESCALATED}),
        ("marketer", {LATE, SENT_BACK}),
        ("admin", {LATE, ESCALATED, SENT_BACK}),
        ("viewer", set()),
    ],
)
def test_only_topics_that_can_come_to_a_role_are_asked_for(northwind, role, asked):
    client = Client()
    client.force_login(member(northwind, "Kim", role))

    page = client.get("/notices/preferences/").content.decode()

    assert {one for one in (LATE, ESCALATED, SENT_BACK) if f">{one}<" in page} == asked
    assert ("/settings/me/" in page) == (role != "viewer")


def test_what_somebody_chose_in_another_role_stays(northwind, omar, as_omar):
    ways = {"escalated": {"in_app": False, "mail": "none"}}
    Preference.objects.create(workspace=northwind, user=omar, ways=ways)

    said = {"digest_hour": "8"}
    for topic in topics_for("rep"):
        said |= {f"app-{topic}": "on", f"mail-{topic}": DEFAULTS[topic].mail}
    assert as_omar.post("/notices/preferences/", said).status_code == 302

    assert Preference.objects.get().ways == ways
