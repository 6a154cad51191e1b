"""P1 and P2 with teeth: kill -9 at random moments under load loses nothing that was acknowledged, and stores nothing twice."""

import pytest
from tests.web.faults.cluster import cluster
from tests.web.faults.harness import installation, run, run_and_kill_database

KILLS = 20
FORGETFUL = ("-c", "synchronous_commit=off", "-c", "wal_writer_delay=10000")
"""A cluster that acknowledges a commit up to some seconds before it is on the disk."""


@pytest.mark.slow
@pytest.mark.one_database
def test_killing_web_and_worker_loses_no_acknowledged_event_on_sqlite():
    with installation() as place:
        found = run(place, kills=KILLS, seed=11)

    assert found.acknowledged > 500
    assert found.is_clean, found


@pytest.mark.slow
@pytest.mark.one_database
def test_killing_web_and_worker_loses_no_acknowledged_event_on_postgresql():
    with cluster() as server, installation(server.database) as place:
        found = run(place, kills=KILLS, seed=12)

    assert found.acknowledged > 500
    assert found.is_clean, found


@pytest.mark.slow
@pytest.mark.one_database
def test_the_harness_catches_a_server_that_acknowledges_before_it_commits():
    with installation(server="tests.web.faults.early_answer:application") as place:
        found = run(place, kills=4, seed=13, only="web", verify=False)

    assert found.lost, "the control lost nothing: the harness proves nothing"


@pytest.mark.slow
@pytest.mark.one_database
def test_killing_postgresql_itself_loses_no_acknowledged_event():
    with cluster() as server, installation(server.database) as place:
        found = run_and_kill_database(place, server, seed=14)

    assert found.acknowledged > 100
    assert found.is_clean, found


@pytest.mark.slow
@pytest.mark.one_database
def test_the_harness_catches_a_database_that_commits_later_than_it_says():
    with cluster(*FORGETFUL) as server, installation(server.database) as place:
        found = run_and_kill_database(place, server, seed=15, verify=False)

    assert found.lost, "the control lost nothing: the harness proves nothing"
