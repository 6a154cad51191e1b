"""A backup is whole, taken while others write, and comes back as it was; what cannot be restored changes nothing."""

import io
import json
import os
import subprocess
import sys
import tarfile
import time

import pytest
from tests.web.operations.running import SERVER, SOURCE, installation

pytestmark = pytest.mark.slow

BEGIN = """
import django; django.setup()
from django.conf import settings
from leadline.web.accounts.actions import make_first_user, make_source
from pathlib import Path
member = make_first_user(email="maria@northwind.example", name="Maria", password="coffee-is-better", workspace="Northwind", timezone="UTC")
_, key = make_source(member.workspace, name="backend", kind="server")
Path(settings.UPLOADS).mkdir()
(Path(settings.UPLOADS) / "leads.csv").write_text("email\\nada@northwind.example\\n")
print(key)
"""
WRITE = """
import django; django.setup()
import sys
from django.db import transaction
from django.utils import timezone
from leadline.web.operations.models import Heartbeat
number = 0
while True:
    number += 1
    with transaction.atomic():  # always two or none
        for half in "ab":
            Heartbeat.objects.create(name=f"{number}{half}", kind=half, started_at=timezone.now(), beat_at=timezone.now())
    print(number, flush=True)
"""
COUNT = """
import django; django.setup()
from leadline.web.operations.models import Heartbeat
print(Heartbeat.objects.filter(kind="a").count(), Heartbeat.objects.filter(kind="b").count())
"""
FIND = """
import django, sys; django.setup()
from leadline.web.accounts.keys import find_key
from leadline.web.accounts.models import User
print(find_key(sys.argv[1]), *User.objects.values_list("email", flat=True))
"""
ADD = """
import django, sys; django.setup()
from leadline.web.accounts.actions import make_user
make_user(email=sys.argv[1], name="x")
"""


@pytest.fixture
def northwind(tmp_path):
    """An installation with Maria in it. Its *key* is that of a source."""
    with installation(tmp_path / "data") as made:
        made.set_up()
        made.key = made.program(BEGIN)
        yield made


@pytest.fixture
def empty(tmp_path):
    with installation(tmp_path / "other") as made:
        yield made


def people(place, key=""):
    return place.program(FIND, key)


def test_it_comes_back_as_it_was_with_secrets_and_uploads(northwind, empty, tmp_path):
    made = northwind.run("backup", str(tmp_path / "monday.backup"), "--json")
    restored = empty.run("restore", str(tmp_path / "monday.backup"))

    assert json.loads(made.stdout)["has_secret"] is True
    assert restored.returncode == 0, restored.stderr
    assert "maria@northwind.example" in people(empty)
    assert people(empty, northwind.key).startswith(northwind.key.split("_")[2])  # the key of the source still works
    assert (empty.data / "uploads/leads.csv").read_text(encoding="utf-8").startswith("email")
    assert (empty.data / "secret.key").read_bytes() == (northwind.data / "secret.key").read_bytes()


def test_only_its_owner_can_read_it(northwind, tmp_path):
    northwind.run("backup", str(tmp_path / "monday.backup"))

    assert (tmp_path / "monday.backup").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "data") == ["monday.backup"]


def test_taken_while_others_write_it_holds_whole_transactions_and_all_before(northwind, empty, tmp_path):
    environment = northwind.environment | {"DJANGO_SETTINGS_MODULE": "leadline.web.config.settings"}
    writer = subprocess.Popen([sys.executable, "-c", WRITE], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        before = [int(writer.stdout.readline()) for _ in range(50)][-1]
        taken = northwind.run("backup", str(tmp_path / "monday.backup"))
        assert writer.poll() is None, "the writer was not let write"
    finally:
        writer.kill()
        after = max((int(line) for line in writer.communicate()[0].split()), default=before)

    restored = empty.run("restore", str(tmp_path / "monday.backup"))
    first, second = (int(count) for count in empty.program(COUNT).split())

    assert taken.returncode == restored.returncode == 0, taken.stderr + restored.stderr
    assert first == second
    assert before <= first <= after + 1 and after > before


def test_a_restored_installation_runs(northwind, empty, tmp_path):
    northwind.run("backup", str(tmp_path / "monday.backup"))
    empty.run("restore", str(tmp_path / "monday.backup"))

    up = empty.start("--workers", "1")
    status, page = up.get("/")
    up.stop()

    assert status == 200 and b"Sign in" in page


def test_an_installation_that_holds_something_is_refused_and_replaced_only_when_told(northwind, tmp_path):
    northwind.run("backup", str(tmp_path / "monday.backup"))
    northwind.program(ADD, "omar@northwind.example")

    refused = northwind.run("restore", str(tmp_path / "monday.backup"))
    assert refused.returncode == 2 and "--replace" in refused.stderr
    assert "omar@northwind.example" in people(northwind)

    assert northwind.run("restore", str(tmp_path / "monday.backup"), "--replace").returncode == 0
    assert people(northwind).split()[1:] == ["maria@northwind.example"]


def test_an_installation_that_runs_is_refused(northwind, tmp_path):
    northwind.run("backup", str(tmp_path / "monday.backup"))
    up = northwind.start("--workers", "1")
    until = time.monotonic() + 40
    while up.get("/health")[0] != 200 and time.monotonic() < until:
        time.sleep(0.1)

    refused = northwind.run("restore", str(tmp_path / "monday.backup"), "--replace")
    up.stop()

    assert refused.returncode == 2 and ("running on" in refused.stderr or "at work here" in refused.stderr)


def test_a_backup_is_never_written_over(northwind, tmp_path):
    (tmp_path / "monday.backup").write_text("last week", encoding="utf-8")

    done = northwind.run("backup", str(tmp_path / "monday.backup"))

    assert done.returncode == 2 and "already" in done.stderr
    assert (tmp_path / "monday.backup").read_text(encoding="utf-8") == "last week"


def rewritten(source, target, change):
    """Write a backup with its members changed by *change(name, content)*; None leaves one out."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read() if member.isfile() else b"")
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))


def with_manifest(**changes):
    return lambda name, content: (
        json.dumps(json.loads(content) | changes).encode() if name == "manifest.json" else content
    )


DAMAGED = {
    "another format": (with_manifest(format=2), "format 2"),
    "a newer version": (with_manifest(migrations=["leads.9999_later"]), "newer"),
    "another kind of database": (with_manifest(database="sqlite" if SERVER else "postgresql"), "this installation is on"),
    "no database": (lambda name, content: None if name.startswith("database.") else content, "holds no database"),
    "half a database": (lambda name, content: content[: len(content) // 2] if name.startswith("database.") else content, "Nothing was"),
    "no manifest": (lambda name, content: None if name == "manifest.json" else content, "manifest.json"),
}  # fmt: skip


def test_what_cannot_be_restored_changes_nothing(northwind, tmp_path):
    northwind.run("backup", str(tmp_path / "monday.backup"))
    secret = (northwind.data / "secret.key").read_bytes()
    northwind.program(ADD, "omar@northwind.example")
    (tmp_path / "no.backup").write_bytes(b"not at all")

    answers = {"not at all": (northwind.run("restore", str(tmp_path / "no.backup"), "--replace"), "is no backup")}
    for name, (change, words) in DAMAGED.items():
        rewritten(tmp_path / "monday.backup", tmp_path / f"{name}.backup", change)
        answers[name] = northwind.run("restore", str(tmp_path / f"{name}.backup"), "--replace"), words
    answers["missing"] = northwind.run("restore", str(tmp_path / "missing.backup"), "--replace"), "There is no"

    for name, (done, words) in answers.items():
        assert done.returncode == 2 and words in done.stderr, (name, done.stderr)
        assert "Traceback" not in done.stderr and "made a mistake" not in done.stderr, (name, done.stderr)
    assert people(northwind).split()[1:] == ["maria@northwind.example", "omar@northwind.example"]
    assert (northwind.data / "secret.key").read_bytes() == secret
    assert (northwind.data / "uploads/leads.csv").exists()


def test_a_file_that_would_be_put_elsewhere_is_refused(northwind, tmp_path):
    with tarfile.open(tmp_path / "evil.backup", "w:gz") as tar:
        member = tarfile.TarInfo("uploads/../../evil")
        tar.addfile(member)

    done = northwind.run("restore", str(tmp_path / "evil.backup"), "--replace")

    assert done.returncode == 2 and "Nothing was changed" in done.stderr
    assert not (tmp_path / "evil").exists()


def test_with_another_secret_in_the_environment_it_says_what_that_means(northwind, empty, tmp_path):
    northwind.run("backup", str(tmp_path / "monday.backup"))
    empty.settings["LEADLINE_SECRET_KEY"] = "another" * 8

    done = empty.run("restore", str(tmp_path / "monday.backup"))

    assert done.returncode == 0 and "sources need new keys" in done.stderr


def test_a_secret_of_the_environment_is_not_put_into_the_file(northwind, tmp_path):
    northwind.settings["LEADLINE_SECRET_KEY"] = "another" * 8

    done = northwind.run("backup", str(tmp_path / "monday.backup"))

    assert "without the secret key" in done.stdout
    with tarfile.open(tmp_path / "monday.backup") as tar:
        assert "secret.key" not in tar.getnames()


@pytest.mark.skipif(not SERVER, reason="about PostgreSQL's programs")
def test_without_pg_dump_it_says_where_to_get_it(northwind, tmp_path):
    northwind.settings["PATH"] = os.fspath(SOURCE)

    done = northwind.run("backup", str(tmp_path / "monday.backup"))

    assert done.returncode == 2 and "postgresql-client" in done.stderr
