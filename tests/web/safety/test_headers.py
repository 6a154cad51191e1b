"""What every answer carries so that browsers and caches keep harm and curiosity out, as headers.toml says; a new address fails until it
is listed there. Signed in, signed out, allowed or refused makes no difference.
"""

import io
import tomllib
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.web.api.conftest import key_for
from tests.web.conftest import member
from tests.web.test_access import API, NAMES, ROWS, make, path_of

from leadline.web.capture.models import Form
from leadline.web.config.wsgi import application
from leadline.web.operations.heartbeat import beat
from leadline.web.shell.middleware import KEPT_BY_NOBODY
from leadline.web.shell.templatetags.shell import asset

__all__ = ["key_for"]  # a fixture

LISTS = tomllib.loads(Path(__file__).with_name("headers.toml").read_text(encoding="utf-8"))
ASKED_OF_SERVER = {"api-lead", "api-view", "api-handoff"}
"""Programs may keep them, and have to ask each time whether they still hold: they have an ETag."""
FRAMED_STATUS = {200, 403, 410, 413, 422, 429}
SITE = "https://www.northwind.example"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_worker(db):
    beat()


def kind_of(name):
    [kind] = [kind for kind, names in LISTS.items() if name in names]
    return kind


def test_every_address_is_listed_once_and_every_listed_one_is_an_address():
    assert sorted(name for names in LISTS.values() for name in names) == NAMES


def words_of(answer, name):
    """Return the words of a header with commas, such as ``private`` and ``no-store``."""
    return {word.strip() for word in answer.headers.get(name, "").split(",")} - {""}


def policy_of(answer):
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.split()]
    return {name: values for name, *values in parts}


def faults_of(answer, kind, name):
    """Return what is wrong with the headers of an answer."""
    faults, policy, keeping = [], policy_of(answer), words_of(answer, "Cache-Control")

    def hold(fact, fault):
        if not fact:
            faults.append(f"{fault}: {dict(answer.headers)}")

    sources = {source for values in policy.values() for source in values}
    hold(
        not sources & {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "https:", "http:"}, "a loose policy"
    )
    hold(policy["default-src"] in (["'self'"], ["'none'"]), "a policy that begins with more than our own files")
    hold(policy["base-uri"] == ["'none'"] and policy["form-action"] == ["'self'"], "bases or forms may lead elsewhere")
    hold(answer.headers.get("X-Content-Type-Options") == "nosniff", "browsers may guess the type")
    hold(answer.headers.get("Referrer-Policy") == "same-origin", "other sites are told where people come from")
    hold(
        answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "whoever opens it may keep hold of the window",
    )
    hold({"camera=()", "geolocation=()", "microphone=()"} <= words_of(answer, "Permissions-Policy"), "permissions")
    hold("clipboard-write=()" not in words_of(answer, "Permissions-Policy"), "keys can no longer be copied")
    hold("Server" not in answer.headers and "X-Powered-By" not in answer.headers, "it tells what it runs on")
    if kind == "framed":
        sites = ["'self'", SITE] if answer.status_code in FRAMED_STATUS else ["'none'"]
        hold(policy["frame-ancestors"] in (sites, ["'self'"]), "who may frame it")
        hold(
            "X-Frame-Options" not in answer.headers or sites == ["'none'"],
            "an older header forbids what the policy allows",
        )
        hold("script-src" not in policy and (sites == ["'none'"] or policy["default-src"] == ["'none'"]), "scripts")
    else:
        hold(policy["frame-ancestors"] == ["'none'"], "other sites may frame it")
        hold(answer.headers.get("X-Frame-Options") == "DENY", "older browsers may frame it")
    if kind == "kept":
        hold("public" in keeping and "Cookie" not in words_of(answer, "Vary"), "it is not for everybody alike")
        hold(not answer.cookies, "it sets a cookie")
    elif name in ASKED_OF_SERVER and answer.status_code in (200, 304) and "ETag" in answer.headers:
        hold(keeping == {"private", "no-cache"}, "programs may keep it without asking")
    else:
        hold("no-store" in keeping and "public" not in keeping, "somebody may keep it")
    for cookie in answer.cookies.values():
        hold(cookie["samesite"] in ("Lax", "Strict"), f"other sites may send the cookie {cookie.key}")
        hold(not cookie.value or cookie["httponly"], f"scripts may read the cookie {cookie.key}")
        hold(kind not in ("framed", "programs"), f"a visitor or a program gets a cookie {cookie.key}")
    return faults


def answers_of_people(name, workspace, now):
    """Yield the answers to all who may ask and may not: each method, for an administrator, a viewer and nobody."""
    row = ROWS[name]
    for role in ("admin", "viewer", None):
        for method in ("get", "post"):
            with transaction.atomic():
                path = path_of(name, row, workspace, now)
                Form.objects.update(origins=[SITE])
                client = Client()
                if role:
                    client.force_login(member(workspace, role.title(), role))
                answer = client.generic(method.upper(), path)
                transaction.set_rollback(True)
            yield f"{method} {path} by {role or 'nobody'}: {answer.status_code}", answer


@pytest.mark.parametrize("name", sorted(set(ROWS) - set(LISTS["events"])))
def test_answers_to_people_carry_what_is_listed(northwind, now, name):
    faults = [
        f"{asked}: {fault}"
        for asked, answer in answers_of_people(name, northwind, now)
        for fault in faults_of(answer, kind_of(name) if answer.status_code != 405 else "personal", name)
        if not (answer.status_code == 405 and kind_of(name) in ("framed", "kept"))
    ]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", sorted(API))
def test_answers_to_programs_carry_what_is_listed(northwind, now, key_for, name):
    faults = []
    for key in (key_for(), "wrong"):
        for method in set(API[name]) - {"of"}:
            with transaction.atomic():
                path = reverse(name, args=make(API[name].get("of"), northwind, now))
                headers = {"Authorization": f"Bearer {key}"}
                answer = Client().generic(method.upper(), path, "{}", content_type="application/json", headers=headers)
                transaction.set_rollback(True)
            faults += [f"{method} {path}: {answer.status_code}: {one}" for one in faults_of(answer, "programs", name)]

    assert not faults, "\n".join(faults)


def test_an_address_that_is_none_is_answered_as_carefully(as_maria):
    for client in (as_maria, Client()):
        assert not faults_of(client.get("/leads/<script>/"), "personal", "none")
        assert not faults_of(client.get("/api/v1/nowhere"), "programs", "none")


def test_who_asks_for_another_host_is_refused_as_carefully(as_maria):
    for path, kind in (
        ("/leads/", "personal"),
        ("/sign-in/", "outside"),
        ("/nowhere/", "personal"),
        ("/api/v1/leads", "programs"),
    ):
        answer = as_maria.get(path, headers={"Host": "elsewhere.example"})
        assert answer.status_code == 400
        assert not faults_of(answer, kind, "none"), path


def test_a_mistake_of_ours_is_answered_as_carefully(as_maria, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("a mistake")

    monkeypatch.setattr("leadline.web.shell.nav.menu_for", fail)
    monkeypatch.setattr("leadline.web.shell.context.menu_for", fail, raising=False)
    as_maria.raise_request_exception = False

    answer = as_maria.get("/leads/")

    assert answer.status_code == 500
    assert not faults_of(answer, "personal", "leads")


def test_the_word_for_events_is_nothing_that_a_browser_could_take_for_a_page():
    said = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v1/<script>", "wsgi.input": io.BytesIO()}
    b"".join(application(environ, lambda status, headers: said.append(dict(headers))))

    assert said[0]["Content-Type"] == "application/json"
    assert said[0]["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["shell/base.css", "shell/shell.js", "shell/icon.svg"])
def test_files_of_pages_are_kept_by_everybody(client, path):
    answer = client.get(asset(path))
    answer.close()

    assert {"public", "immutable"} <= words_of(answer, "Cache-Control")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies and "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("is_https", [True, False])
def test_the_session_is_sent_where_nobody_listens_and_never_to_scripts(maria, settings, is_https):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = is_https
    client = Client()

    answer = client.post("/sign-in/", {"username": maria.email, "password": "maria-likes-tea"}, secure=is_https)

    session = answer.cookies["sessionid"]
    assert answer.status_code == 302
    assert session["httponly"] and session["samesite"] == "Lax"
    assert bool(session["secure"]) is is_https
    assert answer.headers["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]


def test_https_makes_every_cookie_secure(monkeypatch):
    """The settings say so in one line, of which the pages above know nothing."""
    import importlib

    from leadline.web.config import settings as module

    monkeypatch.setenv("LEADLINE_HTTPS", "1")
    found = importlib.reload(module)
    try:
        assert found.SESSION_COOKIE_SECURE and found.CSRF_COOKIE_SECURE and found.SECURE_HSTS_SECONDS > 0
    finally:
        monkeypatch.undo()
        importlib.reload(module)


def test_pages_about_people_say_why_they_are_kept_by_nobody(as_maria):
    assert as_maria.get("/leads/")["Cache-Control"] == KEPT_BY_NOBODY
