"""Link scanners follow the links of a mail before anybody reads it. A person who clicks fast, or twice, is none."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.capture.bots.conftest import marks, work

from leadline.web.capture.bots.apply import apply_bot_rules
from leadline.web.capture.bots.bursts import LINKS_AFTER_DELIVERY, WITHIN_AFTER_DELIVERY, Click, find_scanned
from leadline.web.capture.models import WaitingClick
from leadline.web.leads.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(tell, newsletter, now):
    """Deliver a mail and click its links so many seconds later; return the clicks."""

    def mail(*clicks, delivered=True, who="ada@acme.example"):
        if delivered:
            tell(newsletter, "mail_delivered", kind="mail", mail="m1", ago=timedelta(hours=1), who=who)
        events = []
        for link, seconds in clicks:
            ago = timedelta(hours=1) - timedelta(seconds=seconds)
            event = tell(newsletter, "mail_clicked", kind="mail", mail="m1", link=link, ago=ago, who=who)
            WaitingClick.objects.create(
                workspace=event.workspace,
                source=newsletter,
                message_id=event.message_id,
                look_at=now,
                give_up_at=now + timedelta(days=7),
            )
            events.append(event)
        return events

    return mail


def rules_of(events):
    return [Event.objects.get(pk=event.pk).bot_rule for event in events]


def test_three_links_right_after_delivery_are_a_scanner_s(mail, now):
    clicks = mail(("/a", 2), ("/b", 3), ("/c", 4))
    work(now)

    assert rules_of(clicks) == ["link-scanner"] * 3
    assert not WaitingClick.objects.exists()


def test_one_click_right_after_delivery_is_a_person_s(mail, now):
    clicks = mail(("/a", 1))
    work(now)

    assert rules_of(clicks) == [""]


def test_the_same_link_clicked_often_is_a_person_s(mail, now):
    clicks = mail(("/a", 1), ("/a", 2), ("/a", 3), ("/a", 4), ("/a", 4), ("/a", 5))
    work(now)

    assert rules_of(clicks) == [""] * 6


def test_three_links_an_hour_later_are_a_person_s(mail, now):
    clicks = mail(("/a", 2000), ("/b", 2003), ("/c", 2006))
    work(now)

    assert rules_of(clicks) == [""] * 3


def test_three_links_of_a_mail_that_nobody_saw_delivered_may_be_a_person_s_and_five_at_once_are_not(mail, now):
    three = mail(("/a", 1), ("/b", 2), ("/c", 3), delivered=False)
    work(now)
    assert rules_of(three) == [""] * 3

    five = mail(("/d", 4), ("/e", 5), delivered=False)
    work(now)
    assert rules_of([*three, *five]) == ["link-scanner"] * 5


def test_the_same_links_clicked_by_three_people_are_people_s(mail, now):
    clicks = [
        mail((link, 2), who=f"{who}@acme.example")[0] for who, link in (("ada", "/a"), ("bob", "/b"), ("eve", "/c"))
    ]
    work(now)

    assert rules_of(clicks) == [""] * 3


def test_a_click_whose_event_has_not_come_yet_waits_and_is_given_up_in_the_end(northwind, newsletter, now):
    WaitingClick.objects.create(
        workspace=northwind, source=newsletter, message_id="later", look_at=now, give_up_at=now + timedelta(days=7)
    )

    apply_bot_rules(now=now)
    assert WaitingClick.objects.get().look_at > now

    apply_bot_rules(now=now + timedelta(days=8))
    assert not WaitingClick.objects.exists()


def test_clicks_of_a_scanner_do_not_score_and_leads_are_assessed_anew(mail, live, now):
    clicks = mail(("/a", 2), ("/b", 3), ("/c", 4))
    lead = Event.objects.get(pk=clicks[0].pk).lead
    version = lead.log_version
    work(now)

    lead.refresh_from_db()
    assert lead.log_version > version
    assert all(mark == (True, "link-scanner") for pk, mark in marks().items() if pk in {one.pk for one in clicks})


CLICKS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["/1", "/2", "/3", "/4", "/5"]), st.integers(0, 90)), max_size=12
)


@given(clicks=CLICKS, known=st.booleans(), order=st.randoms())
def test_what_a_scanner_did_does_not_depend_on_the_order_and_never_falls_on_few_links(
    now_of_a_story, clicks, known, order
):
    rows = [
        Click(event_id=number, mail=mail, link=link, at=now_of_a_story + timedelta(seconds=at))
        for number, (mail, link, at) in enumerate(clicks)
    ]
    delivered = {"a": now_of_a_story, "b": now_of_a_story} if known else {}
    found = find_scanned(rows, delivered)
    shuffled = list(rows)
    order.shuffle(shuffled)

    assert find_scanned(shuffled, delivered) == found
    for row in rows:
        near = {one.link for one in rows if one.mail == row.mail and abs(one.at - row.at) <= WITHIN_AFTER_DELIVERY}
        if len(near) < LINKS_AFTER_DELIVERY:
            assert row.event_id not in found


@pytest.fixture(scope="module")
def now_of_a_story():
    from datetime import UTC, datetime

    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
