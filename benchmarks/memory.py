"""Measures how much memory `leadline demo` takes, all its processes together: idle, and after its pages were shown.

    python -m benchmarks.memory
    python -m benchmarks.memory --size 1000 --rounds 5

It makes a demo in a temporary folder. What several processes share is counted once (PSS: each page of memory divided by how many have
it); the sum of what `ps` says of each would count it again and again. Linux only.
"""

import argparse
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

PAGES = (
    "/today/", "/leads/", "/leads/?page=2", "/leads/?q=a", "/leads/?where=" + "country+%3D+%27DE%27", "/pipeline/", "/companies/",
    "/search/?q=ma", "/playbook/", "/leads/1/", "/leads/2/", "/leads/3/",
)  # fmt: skip
_LONGEST_START_S = 600
_SETTLES_S = 5


def main() -> None:
    """Start a demo, measure, and stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1000, help="how many leads")
    parser.add_argument("--rounds", type=int, default=5, help="how often each page is shown")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadline-memory-") as made:
        folder = Path(made) / "demo"
        command = [sys.executable, "-m", "leadline", "demo", "--port", "0"]
        demo = subprocess.Popen(
            [*command, "--size", str(options.size), "--data", str(folder)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert demo.stdout is not None
            address = next(line.split()[-1] for line in demo.stdout if line.startswith("Leadline runs at"))
            time.sleep(_SETTLES_S)
            tell("idle", demo.pid)
            browser = sign_in(address, json.loads((folder / "demo.json").read_text(encoding="utf-8")))
            for path in PAGES * options.rounds:
                browser.open(address + path, timeout=30).read()
            time.sleep(_SETTLES_S)
            tell(f"after {len(PAGES) * options.rounds} pages", demo.pid)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(_LONGEST_START_S)


def tell(when: str, pid: int) -> None:
    """Print the memory of each process and of all in MB."""
    found = [(memory_of(one), command_of(one)) for one in tree_of(pid)]
    sys.stdout.write(f"{when}: {sum(kilobytes for kilobytes, _ in found) / 1024:.0f} MB\n")
    for kilobytes, command in found:
        sys.stdout.write(f"  {kilobytes / 1024:6.1f} MB  {command}\n")
    sys.stdout.flush()


def tree_of(pid: int) -> Iterator[int]:
    """Yield the ids of a process and of all that descend from it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="utf-8").split():
            yield from tree_of(int(child))


def memory_of(pid: int) -> int:
    """Return the proportional set size of a process in KiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    assert found, text
    return int(found[1])


def command_of(pid: int) -> str:
    """Return what a process was started as, without the path of Python."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return " ".join(words[1:])[:100]


def sign_in(address: str, note: dict[str, object]) -> OpenerDirector:
    """Return a browser of sorts that is signed in as the first of the demo's people."""
    cookies = http.cookiejar.CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    browser.open(f"{address}/sign-in/").read()
    token = next(one.value for one in cookies if one.name.endswith("csrftoken"))
    people = note["people"]
    assert isinstance(people, list)
    form = {"username": people[0][0], "password": note["password"], "csrfmiddlewaretoken": token}
    request = Request(f"{address}/sign-in/", urlencode(form).encode(), {"Referer": address, "Origin": address})
    assert "/sign-in/" not in browser.open(request).geturl(), "nobody was signed in"
    return browser


if __name__ == "__main__":
    os.environ.pop("DATABASE_URL", None)
    main()
