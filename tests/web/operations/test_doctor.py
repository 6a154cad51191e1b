"""`leadline doctor` says of each part whether it is well and how to mend it, and its exit code says whether anything fails."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from django.db import connection
from django.utils import timezone

from leadline.cli.doctor import doctor
from leadline.web.operations import doctor as looking
from leadline.web.operations import heartbeat
from leadline.web.operations.health import State
from leadline.web.playbooks.models import Version

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def finding(check):
    return next(one for one in looking.examine(now=NOW) if one.check == check)


def test_a_well_installation_has_no_line_that_fails_and_ends_with_0(maria):
    heartbeat.beat(now=timezone.now())

    done = CliRunner().invoke(doctor)

    assert done.exit_code == 0, done.output
    assert "fail" not in {line.split()[0] for line in done.stdout.splitlines()}
    assert f"{connection.vendor}, can be written to" in done.stdout


def test_what_fails_is_said_with_how_to_mend_it_and_ends_with_1(db):
    done = CliRunner().invoke(doctor, ["--json"])

    told = json.loads(done.stdout)
    failed = [one for one in told["findings"] if one["state"] == "fail"]
    assert done.exit_code == 1 and told["is_well"] is False
    assert [one["check"] for one in failed] == ["worker"] and "leadline up" in failed[0]["mend"]


def test_every_line_that_is_not_ok_says_how_to_mend_it(northwind, settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["leads.example.com"]
    monkeypatch.setattr(looking, "OLDEST_PYTHON", (9, 9))
    monkeypatch.setattr(looking, "NEEDED", ("django", "no-such-package"))

    found = looking.examine(now=NOW)

    assert {one.check for one in found if one.state is not State.OK} >= {
        "python",
        "packages",
        "hosts",
        "worker",
        "people",
    }
    assert not [one.check for one in found if one.state is not State.OK and not one.mend]


def test_a_secret_that_others_can_read_is_a_warning(db, settings, tmp_path):
    settings.DATA = tmp_path
    tmp_path.chmod(0o700)
    (tmp_path / "secret.key").touch(mode=0o600)
    assert finding("folder").state is State.OK

    (tmp_path / "secret.key").chmod(0o644)

    assert finding("folder").state is State.WARN and "chmod" in finding("folder").mend


@pytest.mark.parametrize(
    ("hosts", "is_https", "state"),
    [
        (["localhost"], False, State.OK),
        (["leads.example.com"], True, State.OK),
        (["leads.example.com"], False, State.WARN),
        (["*"], True, State.WARN),
    ],
)
def test_a_name_on_the_network_wants_https(db, settings, hosts, is_https, state):
    settings.ALLOWED_HOSTS, settings.IS_HTTPS = hosts, is_https

    assert finding("hosts").state is state


def test_a_workspace_without_a_live_playbook_is_a_warning(northwind, now):
    assert "nobody is scored" in finding("playbook of northwind").says

    common = {"workspace": northwind, "name": "Northwind", "toml": "", "plan_hash": "x", "published_at": now}
    Version.objects.create(number=1, state="live", **common)

    assert finding("playbook of northwind").state is State.OK


def test_a_database_that_is_too_old_fails(db, monkeypatch):
    monkeypatch.setattr(looking, "OLDEST_SQLITE", (99,))
    monkeypatch.setattr(looking, "OLDEST_POSTGRESQL", 990_000)

    assert finding(connection.vendor).state is State.FAIL


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's file")
def test_a_damaged_file_is_found(db, tmp_path, monkeypatch):
    damaged = tmp_path / "leadline.sqlite3"
    damaged.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(damaged))

    assert finding("integrity").state is State.FAIL
