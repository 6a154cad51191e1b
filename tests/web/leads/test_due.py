"""What is due: claimed by one, stored by its holder only, and due again when the log has grown meanwhile."""

from datetime import timedelta

import pytest

from leadline.web.leads.due import LEASE, claim_due, make_due, release
from leadline.web.leads.models import Lead


@pytest.fixture
def ada(northwind, now):
    return Lead.objects.create(workspace=northwind, name="Ada", first_seen_at=now)


def test_a_lead_that_is_claimed_is_not_claimed_again_until_its_lease_ends(ada, now):
    make_due([ada.pk], now=now)

    first = claim_due(10, now=now)

    assert first[1] == [ada.pk]
    assert claim_due(10, now=now)[1] == []
    assert claim_due(10, now=now + LEASE + timedelta(seconds=1))[1] == [ada.pk]


def test_who_waits_longest_comes_first(northwind, now):
    leads = [Lead.objects.create(workspace=northwind, first_seen_at=now) for _ in range(3)]
    for minutes, lead in zip((2, 1, 3), leads, strict=True):
        make_due([lead.pk], now=now + timedelta(minutes=minutes))

    assert claim_due(2, now=now + timedelta(hours=1))[1] == [leads[1].pk, leads[0].pk]


def test_a_lead_that_was_assessed_waits_no_more(ada, now):
    make_due([ada.pk], now=now)
    lease, _ = claim_due(10, now=now)
    ada.refresh_from_db()

    assert release(lease, {ada.pk: ada.log_version}) == {ada.pk}
    ada.refresh_from_db()
    assert (ada.due_at, ada.lease) == (None, "")


def test_a_lead_whose_log_grew_meanwhile_stays_due(ada, now):
    make_due([ada.pk], now=now)
    lease, _ = claim_due(10, now=now)
    ada.refresh_from_db()
    make_due([ada.pk], now=now + timedelta(minutes=1))

    assert release(lease, {ada.pk: ada.log_version}) == {ada.pk}
    ada.refresh_from_db()
    assert ada.due_at == now
    assert claim_due(10, now=now)[1] == [ada.pk]


def test_a_worker_that_lost_its_lease_stores_nothing(ada, now):
    make_due([ada.pk], now=now)
    lost, _ = claim_due(10, now=now)
    held, _ = claim_due(10, now=now + LEASE + timedelta(seconds=1))
    ada.refresh_from_db()

    assert release(lost, {ada.pk: ada.log_version}) == set()
    assert release(held, {ada.pk: ada.log_version}) == {ada.pk}


def test_a_merged_lead_is_not_assessed_by_itself(northwind, ada, now):
    other = Lead.objects.create(workspace=northwind, first_seen_at=now, merged_into=ada)
    make_due([ada.pk, other.pk], now=now)

    assert claim_due(10, now=now)[1] == [ada.pk]
