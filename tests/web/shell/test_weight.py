"""How much a page sends to who comes for the first time, and that what is sent is compressed and may be kept."""

import re

import pytest

MOST_PAGE = 60_000
MOST_STYLE = 36_000


def assets_of(page):
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


@pytest.mark.parametrize("path", ["/leads/", "lead", "/no/such/page/"])
def test_a_first_visit_stays_under_sixty_kilobytes(as_maria, people, path):
    address = f"/leads/{people[0].pk}/" if path == "lead" else path
    plain = as_maria.get(address).content.decode()
    squeezed = as_maria.get(address, headers={"accept-encoding": "gzip"})

    weights = {address: len(squeezed.content)}
    for one in assets_of(plain):
        answer = as_maria.get(one, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200, one
        weights[one] = len(b"".join(answer.streaming_content) if answer.streaming else answer.content)

    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert len(weights) > 5
    assert sum(weights.values()) < MOST_PAGE, weights


def test_all_styles_together_stay_under_their_limit(as_maria, people):
    page = as_maria.get(f"/leads/{people[0].pk}/").content.decode()
    styles = [one for one in assets_of(page) if ".css" in one]

    total = sum(len(b"".join(as_maria.get(one).streaming_content)) for one in styles)

    assert len(styles) == 6
    assert total < MOST_STYLE


def test_no_page_has_style_or_script_in_it(as_maria, people):
    for address in ("/leads/", f"/leads/{people[0].pk}/", "/leads/add/", "/no/such/page/"):
        page = as_maria.get(address).content.decode()

        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\son[a-z]+=", page)
