"""`leadline up`, run as people run it."""

import os
import signal
import socket
import time

import pytest
from tests.web.operations.running import SERVER, installation

pytestmark = pytest.mark.slow


@pytest.fixture
def fresh(tmp_path):
    with installation(tmp_path / "data") as made:
        yield made


@pytest.fixture
def up(fresh):
    running = fresh.start()
    yield running
    running.stop()


def wait_until(is_true, seconds=40):
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.1)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_from_nothing_to_the_page_for_the_first_user_and_a_clean_end(fresh, number):
    up = fresh.start()

    status, page = up.get("/")
    wait_until(lambda: up.get("/health")[0] == 200)
    children = up.children()
    code, errors = up.stop(number)

    assert status == 200 and b"Welcome to Leadline" in page
    assert (code, errors.splitlines()[-1]) == (0, "Stopped.")
    assert "Traceback" not in errors
    assert len(children) == 2 and not any(is_running(pid) for pid in children)
    assert not (fresh.data / "up.json").exists()


def test_what_is_secret_is_readable_by_its_owner_only(up, fresh):
    secret = fresh.data / "secret.key"

    assert fresh.data.stat().st_mode & 0o077 == 0
    assert secret.stat().st_mode & 0o077 == 0 and len(secret.read_text(encoding="ascii")) > 40


def test_a_second_start_finds_what_the_first_left(fresh):
    first = fresh.start()
    secret = (fresh.data / "secret.key").read_bytes()
    first.stop()

    second = fresh.start()
    status, _ = second.get("/sign-in/")
    _, errors = second.stop()

    assert status == 200 and (fresh.data / "secret.key").read_bytes() == secret
    assert "set up" not in errors


@pytest.mark.skipif(bool(SERVER), reason="PostgreSQL has room for many")
def test_a_second_up_on_the_same_folder_is_refused_and_told_where_the_first_is(up, fresh):
    done = fresh.run("up", "--port", "0")

    assert done.returncode == 2
    assert up.address in done.stderr and str(up.process.pid) in done.stderr and "running on" in done.stderr
    assert up.get("/sign-in/")[0] == 200


@pytest.mark.skipif(not SERVER, reason="SQLite has room for one")
def test_two_that_start_at_once_on_one_database_both_serve(fresh, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    from tests.web.operations.running import Installation

    other = Installation(data=tmp_path / "other", database=fresh.database)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda one: one.start("--workers", "1"), (fresh, other)))

    codes = [one.get("/welcome/")[0] for one in both]
    ends = [one.stop()[0] for one in both]

    assert (codes, ends) == ([200, 200], [0, 0])


def test_a_port_that_is_taken_is_said_with_another_to_take(fresh):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = fresh.run("up", "--port", str(port))

    assert done.returncode == 2
    assert f"Port {port} is taken" in done.stderr and f"--port {port + 1}" in done.stderr


def test_a_host_that_is_not_of_this_machine_is_said(fresh):
    done = fresh.run("up", "--host", "192.0.2.1")

    assert done.returncode == 2 and "is no address of this machine" in done.stderr


def test_a_setting_that_cannot_be_used_is_said_without_its_secret(fresh):
    fresh.settings["DATABASE_URL"] = "mysql://root:hunter2@db/leadline"
    done = fresh.run("up", "--port", "0")

    assert done.returncode == 2
    assert "postgresql://user@host/name" in done.stderr and "hunter2" not in done.stderr


def test_a_database_that_is_not_there_is_said(fresh):
    fresh.settings["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    done = fresh.run("up", "--port", "0")

    assert done.returncode == 2 and "cannot be reached" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("which", ["the web server", "the worker"])
def test_a_child_that_is_killed_comes_back_and_all_is_well_again(up, which):
    wait_until(lambda: up.get("/health")[0] == 200)
    before = up.children()
    victim = before[0 if which == "the web server" else 1]

    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in up.children() and len(up.children()) == 2)

    def answers():
        try:
            return up.get("/health")[0] == 200
        except OSError:
            return False

    wait_until(answers)


def test_when_the_parent_is_killed_its_children_end_too(fresh):
    up = fresh.start()
    children = up.children()

    up.stop(signal.SIGKILL)

    wait_until(lambda: not any(is_running(pid) for pid in children))
    again = fresh.start()
    assert again.stop()[0] == 0


def test_where_others_can_reach_it_the_first_account_needs_the_code_that_was_printed(fresh):
    up = fresh.start("--host", "0.0.0.0", "--workers", "1")

    _, page = up.get("/welcome/")
    up.stop()

    assert len(up.setup_code) >= 12 and b"Setup code" in page


def test_on_this_machine_alone_no_code_is_needed(up):
    assert up.setup_code == "" and b"Setup code" not in up.get("/welcome/")[1]
