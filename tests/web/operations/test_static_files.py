"""Styles and scripts come from the packages; what is marked by its content is kept by browsers for good."""

import pytest

from leadline.web.config.static_files import FOR_GOOD
from leadline.web.shell.templatetags.shell import asset

pytestmark = pytest.mark.django_db  # a client of an earlier test may have left something to be looked up
STYLES = "shell/base.css"


def head_of(client, path):
    answer = client.get(path)
    b"".join(answer.streaming_content)
    answer.close()
    return answer


def test_a_file_is_served_to_everybody_without_collecting_anything(client):
    answer = client.get(asset(STYLES))

    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/css")
    assert b"@layer" in b"".join(answer.streaming_content)
    answer.close()


def test_by_its_mark_it_is_kept_for_good(client):
    assert head_of(client, asset(STYLES))["Cache-Control"] == FOR_GOOD


@pytest.mark.parametrize("query", ["", "?", "?0badc0de", "?v=1"])
def test_by_another_address_it_is_kept_for_an_hour_at_most(client, query):
    answer = head_of(client, f"/static/{STYLES}{query}")

    assert answer.status_code == 200 and "immutable" not in answer["Cache-Control"]


def test_what_is_not_there_is_not_found_and_nothing_outside_is_served(client):
    for path in ("shell/none.css", "../settings.py", "%2e%2e/settings.py", "shell/../../config/settings.py"):
        assert client.get(f"/static/{path}").status_code in (302, 404)
