"""What workers had claimed when a backup was made waits for nobody in what was restored."""

from datetime import timedelta

from django.apps import apps
from django.utils import timezone

from leadline.web.leads.models import Lead
from leadline.web.operations.restore import free_leases


def test_a_claimed_lead_is_free_again(northwind):
    now = timezone.now()
    lead = Lead.objects.create(
        workspace=northwind, name="Ada", first_seen_at=now, due_at=now, lease="of a worker", leased_until=now + timedelta(minutes=1)
    )  # fmt: skip

    free_leases()

    lead.refresh_from_db()
    assert (lead.lease, lead.leased_until, lead.due_at) == ("", None, now)


def test_every_table_of_work_has_a_lease_by_these_names():
    named = {
        model.__name__
        for model in apps.get_models()
        if any(one.name == "leased_until" for one in model._meta.get_fields())
    }
    with_both = {
        model.__name__
        for model in apps.get_models()
        if {"lease", "leased_until"} <= {one.name for one in model._meta.get_fields()}
    }

    assert {"Batch", "Delivery", "ImportRun", "Lead"} <= named == with_both
