"""The story of a stranger who knows the README alone, from an empty folder to a score that explains itself.

Nothing is short-circuited: `leadline up` is a process, the pages are seen in Chromium, and what Ada does is sent by Segment's own client.
"""

import re
import signal
import subprocess
import sys
import time
from decimal import Decimal

import pytest
from tests.web.browser import DESK, Visit, expect
from tests.web.operations.running import LONGEST, installation

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("story")]

PATIENCE_S = 30
CONTACTS = """\
E-Mail,Company,Industry,Number of employees,Company country
ada@example.com,Acme,software,320,DE
bob@initech.com,Initech,services,40,FR
nobody,,,,
"""


class Stranger:
    """Somebody at a terminal in a folder of their own, and at a browser."""

    def __init__(self, folder, database):
        self.folder = folder
        self.environment = {name: value for name, value in database.environment.items() if name != "LEADLINE_DATA"}
        self.app = None

    def types(self, *arguments):
        """Run a command in the folder and return what it did."""
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )

    def leadline(self, *arguments):
        """Run a command of Leadline, which has to go well, and return what it printed."""
        done = self.types("-m", "leadline", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def starts_the_app(self):
        """Run `leadline up` and return the address that it prints."""
        command = [sys.executable, "-m", "leadline", "up", "--port", "0"]
        with (self.folder / "app.log").open("w") as log:
            self.app = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        printed = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", printed)) and (line := self.app.stdout.readline()):
            printed += line
        assert found, printed + (self.folder / "app.log").read_text()
        return found.group()

    def stops_the_app(self):
        """Press Ctrl-C, and return the exit code and the last words."""
        if self.app.poll() is None:
            self.app.send_signal(signal.SIGINT)
        self.app.communicate(timeout=LONGEST)
        return self.app.returncode, (self.folder / "app.log").read_text().splitlines()[-1]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def stranger(request, tmp_path):
    """A stranger with a folder, and with SQLite or a PostgreSQL database that DATABASE_URL names."""
    folder = tmp_path / "here"
    folder.mkdir()
    server = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with installation(folder / "leadline-data", server) as database:
        made = Stranger(folder, database)
        yield made
        if made.app is not None:
            made.app.kill()  # does nothing when it has ended
            made.app.wait()
            made.app.stdout.close()


@pytest.fixture
def look(chromium):
    """Open a browser at an address. At the end, nothing may have gone wrong on its pages."""
    contexts, errors = [], []

    def open_at(address):
        context = chromium.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_S * 1000)
        contexts.append(context)
        seen = Visit(page=context.new_page(), context=context, address=address, errors=errors)
        seen.listen()
        return seen

    yield open_at
    for one in contexts:
        one.close()
    assert not errors, "\n".join(errors)


def wait_for(find):
    """Look again and again until something is found; return it."""
    until = time.monotonic() + PATIENCE_S
    while not (found := find()):
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.3)
    return found


def points(text):
    """Return shown points as a number: the minus is a typographic one."""
    return Decimal(text.strip().replace("\N{MINUS SIGN}", "-").replace("+", ""))


def scores_of(page):
    """Return the score cards of a lead's page: title, total, and each line with its points. They have to add up, to the digit."""
    found = {}
    for card in page.locator("section.score").all():
        total = points(card.locator(".total b").inner_text())
        rows = card.locator("tbody tr:has(td.track)").all()
        lines = {
            one.locator("summary, th").last.inner_text(): points(one.locator("td.num").inner_text()) for one in rows
        }
        assert sum(lines.values()) == total, (lines, total)
        found[card.locator("h2").inner_text().split(":")[0]] = (total, lines)
    return found


def test_from_an_empty_folder_to_a_score_that_says_why(stranger, look):
    pytest.importorskip("segment.analytics")
    seen = look(stranger.starts_the_app())
    begins(seen)
    code = makes_a_source(seen)
    publishes(stranger, seen)

    sent = stranger.types("-c", code)
    assert sent.returncode == 0 and not sent.stderr, sent.stderr
    before = reads_why(seen)
    imports(stranger, seen)
    after = wait_for(lambda: (now := opens_ada(seen))["Fit"][0] > before["Fit"][0] and now)
    seen.shoot("story_lead", full=True)

    assert after["Fit"][1]["Company of a size we serve well"] == 20
    assert after["Engagement"] == before["Engagement"]
    assert "all as it follows from the log" in stranger.leadline("verify", "--wait")
    assert stranger.stops_the_app() == (0, "Stopped.")
    assert "Traceback" not in (stranger.folder / "app.log").read_text()


def begins(seen):
    """Make the first account, without the starter playbook, since one is to be published by hand."""
    page = seen.page
    seen.go("/")
    page.get_by_role("heading", name="Welcome to Leadline").wait_for()
    page.get_by_label("Your company").fill("Northwind")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label("Your name").fill("Maria")
    page.get_by_label("Your e-mail").fill("maria@northwind.example")
    page.get_by_label("Password").fill("coffee-is-better")
    page.get_by_label("Begin with the starter playbook").uncheck()
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("heading", name="Northwind is set up").wait_for()
    seen.shoot("story_begun", full=True)
    assert f'src="{seen.address}/snippet.js" data-key="ll_browser_' in page.locator("#embed").inner_text()
    page.get_by_role("link", name="Go to the leads").click()
    page.get_by_text("Nobody is here yet").wait_for()
    seen.shoot("story_nobody")


def makes_a_source(seen):
    """Add a source, and return the code that its page offers, with the key that is shown once and a page that Ada looks at."""
    page = seen.page
    page.get_by_role("link", name="Connect a source").click()
    page.get_by_label("Name").fill("shop")
    page.get_by_label("Kind").select_option("server")
    page.get_by_role("button", name="Add, and show its key").click()
    key = page.locator("#new-key").inner_text()
    seen.shoot("story_source", full=True)
    code = page.locator("pre", has_text="import segment.analytics").inner_text()
    return code.replace("the key", key) + '\nanalytics.page("u-17", "Docs", "Pricing", {"path": "/pricing"})'


def publishes(stranger, seen):
    """Write a playbook, publish it from its file, and see it live in the browser."""
    stranger.leadline("init", "northwind")
    said = stranger.leadline("publish", "northwind/playbook.toml", "--note", "The first")
    assert "Version 1 of 'starter' is published" in said
    seen.page.get_by_role("link", name="Playbook", exact=True).click()
    wait_for(lambda: seen.go("/playbook/") and seen.page.get_by_role("heading", name="starter, version 1").count())
    seen.shoot("story_playbook")


def opens_ada(seen):
    """Find Ada in the list of leads, open her page, and return her scores."""
    page = seen.page
    seen.go("/leads/")
    page.get_by_role("link", name="Ada Byron").click()
    page.get_by_role("heading", name="Ada Byron").wait_for()
    return scores_of(page)


def reads_why(seen):
    """Wait for Ada, and read which of her events made her score."""
    wait_for(lambda: seen.go("/leads/") and seen.page.get_by_role("link", name="Ada Byron").count())
    seen.shoot("story_leads")
    found = wait_for(lambda: opens_ada(seen))
    total, lines = found["Engagement"]
    assert (total, lines) == (50, {"Asked for a demonstration": 40, "Looked at prices": 10})
    for reason, event in (("Asked for a demonstration", "Demo requested"), ("Looked at prices", "Page viewed")):
        line = seen.page.locator("section.score tr", has_text=reason).first
        line.locator("summary").click()
        assert event in line.locator(".events").inner_text()
    return found


def imports(stranger, seen):
    """Bring in a file of contacts: columns, preview, dry run, import."""
    page = seen.page
    file = stranger.folder / "contacts.csv"
    file.write_text(CONTACTS)
    page.get_by_role("link", name="Import", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="What each column becomes").wait_for()
    expect(page.locator("#preview tbody tr")).to_have_count(3)
    seen.shoot("story_columns", full=True)
    page.get_by_role("button", name="Check all rows").click()
    page.get_by_role("heading", name="this is what would happen").wait_for()
    seen.shoot("story_checked", full=True)
    assert [one.inner_text() for one in page.locator(".kpi .v").all()] == ["1", "1", "0", "1"]
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("are being assessed anew").wait_for()
    seen.shoot("story_imported", full=True)
    page.get_by_role("link", name="Look at the leads").click()
