"""Tries are counted where every process sees them, and no more than the limit pass, however many come at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from leadline.web.accounts.models import TryCount
from leadline.web.accounts.tries import Limit, allow_try, forget_tries

THREE = Limit(name="of the test", most=3, within=timedelta(minutes=15))


def test_what_was_tried_too_often_is_refused_until_the_time_is_over(db, now):
    tries = [allow_try(THREE, "10.0.0.1", now=now) for _ in range(5)]

    assert tries == [True, True, True, False, False]
    assert not allow_try(THREE, "10.0.0.1", now=now + timedelta(minutes=14))
    assert allow_try(THREE, "10.0.0.1", now=now + timedelta(minutes=15))


def test_others_are_not_refused_for_it(db, now):
    for _ in range(4):
        allow_try(THREE, "10.0.0.1", "maria@northwind.example", now=now)

    assert allow_try(THREE, "10.0.0.1", "omar@northwind.example", now=now)
    assert allow_try(THREE, "10.0.0.2", "maria@northwind.example", now=now)
    assert not allow_try(THREE, "10.0.0.1", " Maria@Northwind.example", now=now)


def test_who_succeeds_begins_anew_and_old_counts_go(db, now):
    allow_try(THREE, "long ago", now=now - timedelta(days=2))
    for _ in range(3):
        allow_try(THREE, "10.0.0.1", now=now)

    forget_tries(THREE, "10.0.0.1", now=now)

    assert TryCount.objects.count() == 0
    assert allow_try(THREE, "10.0.0.1", now=now)


def test_no_address_is_kept(db, now):
    allow_try(THREE, "10.0.0.1", "maria@northwind.example", now=now)

    kept = TryCount.objects.get().key

    assert "maria" not in kept and len(kept) == 64


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_pass_than_the_limit(now):
    def try_it(_number):
        try:
            return allow_try(THREE, "10.0.0.1", now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(try_it, range(24)))

    assert sum(passed) == 3
