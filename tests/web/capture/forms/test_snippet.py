"""The snippet as it is served: small, kept by browsers, the same for everybody, and the script that is checked in."""

import re
from pathlib import Path

import pytest
from django.test import Client

from leadline.web.capture.forms import snippet as module
from leadline.web.capture.forms.snippet import MOST_BYTES, embed_code, snippet, snippet_version

SOURCE = Path(module.__file__).with_name("snippet.js").read_text(encoding="utf-8")


@pytest.fixture
def anybody(db):
    return Client()


def test_the_snippet_is_served_in_under_three_kilobytes(anybody):
    response = anybody.get("/snippet.js")

    assert response.status_code == 200
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert len(response.content) < MOST_BYTES == 3_000


def test_the_snippet_is_kept_for_an_hour_and_under_its_version_for_a_year(anybody):
    assert anybody.get("/snippet.js")["Cache-Control"] == "public, max-age=3600"
    assert anybody.get("/snippet.js?v=old")["Cache-Control"] == "public, max-age=3600"
    assert anybody.get(f"/snippet.js?v={snippet_version()}")["Cache-Control"] == "public, max-age=31536000, immutable"


def test_who_has_the_snippet_already_is_told_so(anybody):
    etag = anybody.get("/snippet.js")["ETag"]

    again = anybody.get("/snippet.js", headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_the_snippet_sets_no_cookie_and_may_be_loaded_from_any_site(anybody):
    response = anybody.get("/snippet.js")

    assert not response.cookies
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_shared_cache_may_hand_the_snippet_to_anybody(anybody, as_maria):
    for visitor in (anybody, as_maria):
        for headers in ({}, {"If-None-Match": anybody.get("/snippet.js")["ETag"]}):
            assert "cookie" not in visitor.get("/snippet.js", headers=headers).get("Vary", "").lower()


def test_what_only_one_person_may_see_still_depends_on_the_cookie(as_maria):
    assert "Cookie" in as_maria.get("/leads/")["Vary"]


def test_taking_out_white_space_leaves_every_text_and_pattern_as_it_was():
    code = "\n".join(line for line in SOURCE.splitlines() if not line.strip().startswith("//"))
    texts = re.findall(r'"[^"\n]*"', code)

    assert len(texts) > 20
    for text in texts:
        assert text in snippet()


def test_every_statement_ends_with_a_semicolon_or_a_brace_so_that_lines_can_be_joined():
    code = [line.strip() for line in SOURCE.splitlines() if line.strip() and not line.strip().startswith("//")]

    assert [line for line in code if not line.endswith((";", "{", "}", ","))] == []


def test_the_snippet_evaluates_no_text_and_sets_no_cookie():
    assert not re.search(r"\beval\b|Function\(|innerHTML|document\.cookie|setAttribute", snippet())


def test_the_tag_to_include_it_names_the_key_and_whether_it_waits():
    assert embed_code("https://l.example/", "ll_browser_x", waits_for_consent=False) == (
        '<script async src="https://l.example/snippet.js" data-key="ll_browser_x"></script>'
    )
    assert 'data-consent="wait"' in embed_code("https://l.example", "ll_browser_x", waits_for_consent=True)
    assert "<b>" not in embed_code("https://l.example", '"><b>', waits_for_consent=False)
