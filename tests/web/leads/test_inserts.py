from datetime import UTC, datetime

import pytest

from leadline.web.leads.inserts import insert_rows
from leadline.web.leads.models import Fact, Lead

pytestmark = pytest.mark.django_db

VALUES = ["Größe", "", None, True, 12, 1.5, ["a", "b"], "it's 50 %s", {"a": 1}, "null"]


def test_rows_are_inserted_as_bulk_create_would(northwind, now):
    lead = Lead.objects.create(workspace=northwind, first_seen_at=now)

    def rows(field):
        return [
            Fact(workspace=northwind, lead=lead, first_lead=lead, field=field, value=value, source="import",
                 known_at=datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC), recorded_at=now, evidence="é")
            for value in VALUES
        ]  # fmt: skip

    Fact.objects.bulk_create(rows("one"))
    insert_rows(rows("other"))

    columns = (
        "lead",
        "first_lead",
        "company",
        "value",
        "source",
        "known_at",
        "recorded_at",
        "evidence",
        "by",
        "origin",
    )
    assert list(Fact.objects.filter(field="other").order_by("pk").values_list(*columns)) == list(
        Fact.objects.filter(field="one").order_by("pk").values_list(*columns)
    )
    assert Fact.objects.filter(field="other", value__isnull=True).count() == 1
    assert Fact.objects.filter(field="one", value__isnull=True).count() == 1
