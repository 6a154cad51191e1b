"""Chromium for tests of pages: signing in as a person, light, dark, phone and no-JavaScript visits, accessibility, console errors.

    @pytest.mark.browser
    def test_a_lead_opens(visit, maria):
        seen = visit(maria)
        seen.go("/leads/")
        seen.page.get_by_role("link", name="Maya Mensah").click()
        seen.check_accessibility()

The fixtures come with tests/web/conftest.py. Whoever visits gets a page of their own; at the end no error may stand in a console,
a refusal by the content security policy among them.

``LEADLINE_SLOW=300 pytest -m browser`` visits as from a slow machine far away: each answer takes 300 ms longer and the browser has a
sixth of its speed. What passes only because an answer came between two keys fails there, in tests and in pages.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.conftest import miss

CHROMIUM = os.environ.get("LEADLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
EVERY_LOOK = (("light", DESK), ("dark", DESK), ("light", PHONE), ("dark", PHONE))
_PATIENCE_MS = 30_000
_LATER_MS = int(os.environ.get("LEADLINE_SLOW", "0"))


@dataclass(kw_only=True)
class Visit:
    """A browser's page, and what went wrong on it.

    forgives: what a console error may say. An answer 422 to a form in place stands in the console by itself, and htmx logs there what
              it gave up for something later.
    """

    page: Any
    context: Any
    address: str
    errors: list[str] = field(default_factory=list)
    forgives: list[str] = field(default_factory=lambda: ["status of 422", "htmx:sendAbort", "htmx:afterRequest"])

    def go(self, path: str) -> Any:
        """Open a path of the app and return the answer."""
        return self.page.goto(self.address + path)

    @property
    def path(self) -> str:
        """Where the page is now: path and query."""
        return self.page.url.removeprefix(self.address)

    def dress(self, theme: str, size: dict[str, int]) -> None:
        """Look at the page in a theme and at a size."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size(size)

    def check_accessibility(self, path: str | None = None) -> None:
        """Fail when axe finds anything, in light and dark, on a desk and on a phone; or when a phone would scroll sideways."""
        from axe_playwright_python.sync_playwright import Axe

        found = []
        for theme, size in EVERY_LOOK:
            self.dress(theme, size)
            if path is not None:
                self.go(path)
            self.settle()
            results = Axe().run(self.page).response["violations"]
            found += [
                f"{theme} {size['width']}: {one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
                for one in results
                for node in one["nodes"][:4]
            ]
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                found.append(f"{theme} {size['width']}: the page is {wide} px too wide")
        self.dress("light", DESK)
        assert not found, "\n".join(found)

    def arrive(self) -> None:
        """Wait until the page that a click led to has its scripts: what is typed sooner is not answered in place."""
        self.page.wait_for_load_state()

    def settle(self) -> None:
        """Wait until no part of the page is being fetched: what fades meanwhile is paler than what people read."""
        self.page.wait_for_selector(".htmx-request", state="detached")

    def shoot(self, name: str, *, full: bool = False) -> None:
        """Keep a picture in the folder that ``LEADLINE_SCREENS`` names; do nothing where it names none."""
        if folder := os.environ.get("LEADLINE_SCREENS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)

    def shoot_every_look(self, name: str, *, full: bool = False) -> None:
        """Keep pictures in light and dark, desk and phone."""
        for theme, size in EVERY_LOOK:
            self.dress(theme, size)
            self.shoot(f"{name}_{theme}_{size['width']}", full=full)
        self.dress("light", DESK)

    def listen(self) -> None:
        """Note what goes wrong from now on."""
        self.page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))

    def slow_down(self) -> None:
        """Make answers come later and the browser slower, where ``LEADLINE_SLOW`` says by how many milliseconds."""
        if _LATER_MS:
            session = self.context.new_cdp_session(self.page)
            session.send("Network.enable")
            conditions = {"offline": False, "latency": _LATER_MS, "downloadThroughput": -1, "uploadThroughput": -1}
            session.send("Network.emulateNetworkConditions", conditions)
            session.send("Emulation.setCPUThrottlingRate", {"rate": 6})

    def _note(self, text: str) -> None:
        if not any(one in text for one in self.forgives):
            self.errors.append(text)


def expect(shown: Any, message: str | None = None) -> Any:
    """What a page has to come to: ``expect(page.get_by_text("Saved")).to_be_visible()`` waits for it, and fails when it never does.

    After a click the address is the new one, but the page may still be on its way: whoever asks ``is_visible()`` then asks too soon.
    """
    from playwright.sync_api import expect as expectations

    return expectations(shown, message)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running Chromium."""
    if CHROMIUM is None:
        miss("there is no Chromium")
    # The driver keeps an event loop in this thread, and Django would refuse the database to a thread that has one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import expect as expectations
    from playwright.sync_api import sync_playwright

    expectations.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(chromium: Any, live_server: Any) -> Iterator[Callable[..., Visit]]:
    """Open a browser page as somebody: ``visit(maria)``, ``visit(None)`` for nobody, ``visit(omar, javascript=False)``."""
    visits: list[Visit] = []

    def open_visit(user: Any = None, *, javascript: bool = True) -> Visit:
        context = chromium.new_context(
            java_script_enabled=javascript, viewport=DESK, locale="en-GB", reduced_motion="reduce"
        )
        context.set_default_timeout(_PATIENCE_MS)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        seen = Visit(page=context.new_page(), context=context, address=live_server.url)
        seen.listen()
        seen.slow_down()
        visits.append(seen)
        return seen

    yield open_visit
    errors = [error for one in visits for error in one.errors]
    for one in visits:
        one.context.close()
    assert not errors, "console: " + "\n".join(errors)
