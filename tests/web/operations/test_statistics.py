"""SQLite is told how large tables are when they have grown, and not more often; then it finds the short way."""

import pytest
from django.db import connection
from django.utils import timezone

from leadline.web.leads.models import Lead
from leadline.web.operations import statistics
from leadline.web.operations.worker import JOBS


@pytest.fixture(autouse=True)
def looks_now(monkeypatch):
    monkeypatch.setattr(statistics._Clock, "looks_at", 0.0)
    monkeypatch.setattr(statistics, "FEWEST", 50)
    monkeypatch.setattr(statistics, "LOOKS_EVERY_S", 0.0)


def make_leads(workspace, count):
    now = timezone.now()
    Lead.objects.bulk_create(
        [Lead(workspace=workspace, name=f"Lead {at}", first_seen_at=now, is_known=True) for at in range(count)]
    )


def known():
    return statistics._known().get("leads_lead", 0)


@pytest.fixture
def sqlite(db):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL counts by itself")


def test_tables_are_counted_when_they_have_grown_and_not_before(sqlite, northwind):
    make_leads(northwind, 60)
    assert statistics.keep_statistics() > 20
    assert known() == 60
    assert statistics.keep_statistics() == 0

    make_leads(northwind, 40)
    assert statistics.keep_statistics() == 0

    make_leads(northwind, 40)
    assert statistics.keep_statistics() > 20
    assert known() == 140


def test_of_few_rows_nothing_is_counted(sqlite, northwind):
    make_leads(northwind, 49)

    assert statistics.keep_statistics() == 0


def test_it_looks_once_a_minute_at_most(sqlite, northwind, monkeypatch):
    monkeypatch.setattr(statistics, "LOOKS_EVERY_S", 60.0)
    assert statistics.keep_statistics() == 0
    make_leads(northwind, 60)

    assert statistics.keep_statistics() == 0


def test_postgresql_is_left_alone(db, northwind, monkeypatch):
    monkeypatch.setattr(connection, "vendor", "postgresql")
    make_leads(northwind, 60)

    assert statistics.keep_statistics() == 0


def test_whoever_waits_to_be_assessed_is_found_by_their_own_index(sqlite, northwind):
    make_leads(northwind, 500)
    statistics.keep_statistics()
    waiting = Lead.objects.filter(workspace=northwind, merged_into=None, due_at__isnull=False)

    assert "leads_due" in waiting.explain()


def test_the_worker_does_it():
    assert f"{statistics.__name__}.keep_statistics" in JOBS
