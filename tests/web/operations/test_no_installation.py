"""A command in a folder without an installation says so and makes nothing; what stands in the way has a code of its own."""

import json
import socket

import pytest
from tests.web.operations.running import SERVER, Installation, installation

from leadline.cli import app, up
from leadline.cli.demo_app import tell_how_to_sign_in
from leadline.engine.problems import ProblemsError
from leadline.web.operations import supervise

FORGET_TABLES = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", "operations", "zero", verbosity=0)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(SERVER), reason="about folders; a server's database is never missing"),
]


def code_of(done):
    """Return the code of the only problem that a command told."""
    return next(line.split()[0] for line in done.stderr.splitlines() if line.strip())


@pytest.fixture
def nothing(tmp_path):
    """Return where an installation could be, and is not."""
    return Installation(data=tmp_path / "there" / "leadline-data", database="")


@pytest.fixture
def empty(tmp_path):
    """Return an installation with tables and nobody in it."""
    with installation(tmp_path / "data") as made:
        made.set_up()
        yield made


@pytest.mark.parametrize(
    "command",
    ["doctor", "verify", "backup x.backup", "user list", "worker", "import leads.csv --table leads", "publish p.toml"],
)
def test_what_needs_an_installation_says_that_there_is_none_and_makes_nothing(nothing, tmp_path, command):
    done = nothing.run(*command.split(), cwd=tmp_path)

    assert (done.returncode, code_of(done)) == (2, "no-installation")
    assert str(nothing.data) in done.stderr.replace("\n", "") and "--data" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_where_a_demo_lies_in_the_folder_it_is_named(nothing, tmp_path):
    assert "There is a demo here" not in nothing.run("queue", cwd=tmp_path).stderr
    (tmp_path / "leadline-demo").mkdir()
    (tmp_path / "leadline-demo" / "leadline.sqlite3").write_bytes(b"some")

    said = " ".join(nothing.run("queue", cwd=tmp_path).stderr.split())

    assert "There is a demo here: LEADLINE_DATA=leadline-demo." in said


def test_the_demo_says_where_it_lies_how_the_terminal_gets_at_it_and_the_address_last(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(up, "wants_json", lambda: False)
    people = [("maria@leadline.example", "admin"), ("omar@leadline.example", "rep")]
    note = {"password": "x", "people": people, "counts": {"leads": 1, "events": 2}, "server_key": "k"}

    tell_how_to_sign_in(note, tmp_path / "a b")
    up._tell("http://127.0.0.1:8000", up.Prepared(database="sqlite", setup_code="", is_nameless=True))

    lines = capsys.readouterr().out.splitlines()
    assert f"  LEADLINE_DATA='{tmp_path}/a b' leadline queue --by omar@leadline.example" in lines
    assert lines[-1] == "Leadline runs at http://127.0.0.1:8000"


def test_an_empty_file_is_no_installation(nothing):
    nothing.data.mkdir(parents=True)
    (nothing.data / "leadline.sqlite3").touch()

    assert code_of(nothing.run("doctor")) == "no-installation"


def test_what_would_begin_one_makes_nothing_when_the_port_is_taken(nothing, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        up = nothing.run("up", "--port", port, cwd=tmp_path)
        demo = nothing.run("demo", "--port", port, "--data", str(tmp_path / "demo"), cwd=tmp_path)

    assert [(one.returncode, code_of(one)) for one in (up, demo)] == [(2, "port-taken")] * 2
    assert "make demo PORT=8001" in demo.stderr and demo.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_demo_whose_port_is_taken_says_so_before_how_to_sign_in(tmp_path):
    place = Installation(data=tmp_path / "demo", database="")
    place.set_up()
    (place.data / "demo.json").write_text(
        json.dumps(
            {
                "made_on": "2026-03-02",
                "password": "x",
                "people": [],
                "counts": {"leads": 0, "events": 0},
                "server_key": "",
            }
        ),
        encoding="utf-8",
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = place.run("demo", "--port", str(taken.getsockname()[1]), "--data", str(place.data))

    assert (done.returncode, code_of(done), done.stdout) == (2, "port-taken", "")


def test_each_thing_in_the_way_has_its_own_code(empty, tmp_path):
    (tmp_path / "kept.backup").write_text("kept", encoding="utf-8")
    empty.run("user", "add", "ada@example.com")
    made = empty.run("backup", str(tmp_path / "good.backup"))
    said = {
        "file-exists": empty.run("backup", str(tmp_path / "kept.backup")),
        "unreadable-file": empty.run("backup", str(tmp_path / "no-such-folder" / "x.backup")),
        "bad-backup": empty.run("restore", str(tmp_path / "kept.backup")),
        "holds-data": empty.run("restore", str(tmp_path / "good.backup")),
    }
    running = empty.start()
    said["is-running"] = empty.run("up", "--port", "0")
    running.stop()
    empty.program(FORGET_TABLES)
    said["not-migrated"] = empty.run("verify")

    assert made.returncode == 0, made.stderr
    assert {code: code_of(done) for code, done in said.items()} == {code: code for code in said}
    assert {done.returncode for done in said.values()} == {2}


def test_no_worker_lives_in_an_installation_that_was_just_restored(empty, tmp_path):
    empty.run("user", "add", "ada@example.com")
    running = empty.start()
    empty.run("backup", str(tmp_path / "monday.backup"))
    running.stop()
    other = Installation(data=tmp_path / "other", database="")

    restored = other.run("restore", str(tmp_path / "monday.backup"))
    looked = other.run("doctor", "--json")
    again = other.run("restore", str(tmp_path / "monday.backup"))

    worker = next(one for one in json.loads(looked.stdout)["findings"] if one["check"] == "worker")
    assert restored.returncode == 0, restored.stderr
    assert worker["state"] == "fail"
    assert code_of(again) == "holds-data"


def test_a_package_that_is_missing_is_said_with_how_to_install_it(monkeypatch):
    monkeypatch.setattr(app, "PACKAGES", ("no_such_package",))

    with pytest.raises(ProblemsError) as caught:
        app.setup_app()

    (problem,) = caught.value.problems
    assert problem.code == "not-installed" and "pip install" in problem.message


def test_a_child_that_ends_again_and_again_is_no_failure_of_the_database(db, monkeypatch):
    def run(self, **more):
        raise supervise.GaveUpError("The worker ended 6 times in a row")

    monkeypatch.setattr(supervise.Parent, "run", run)
    prepared = up.Prepared(database="sqlite", setup_code="", is_nameless=False)
    monkeypatch.setattr(up, "_prepare", lambda host: prepared)

    with pytest.raises(ProblemsError) as caught:
        up.up.callback(host="127.0.0.1", port=0, workers=1, data=None)

    assert [one.code for one in caught.value.problems] == ["gave-up"]
