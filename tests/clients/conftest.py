"""The clients, as they are published, and a server for them."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from tests.clients.server import Leadline, Line
from tests.conftest import miss

HERE = Path(__file__).parent
SECRET = "a secret of the website"
WORKSPACES = [
    ("segment-python", "server", ""),
    ("rudder-python", "server", ""),
    ("segment-node", "server", ""),
    ("rudder-node", "server", ""),
    ("segment-browser", "browser", SECRET),
]


@pytest.fixture(scope="session")
def leadline(tmp_path_factory):
    with Leadline(tmp_path_factory.mktemp("clients"), WORKSPACES).serving() as serving:
        yield serving


@pytest.fixture
def line(leadline):
    line = Line(leadline.port)
    with line.server:
        yield line


@pytest.fixture(scope="session")
def packages():
    """The folder of the clients from npm, installed as the lock file says, once for each lock file."""
    if shutil.which("npm") is None:
        miss("there is no npm")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(tempfile.gettempdir()) / f"leadline-clients-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (folder / "done").exists():
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        if done.returncode:
            miss(f"npm ci failed: {done.stderr[-500:]}")
        (folder / "done").touch()
    return folder
