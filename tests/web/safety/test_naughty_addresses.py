"""Whatever stands behind the question mark of an address gets a page: filtered by it or not, and never a fault or a piece of the page.

Every text goes through every parameter of every page. What a page reads of its address is seen while it is asked: a page that reads what
stands nowhere in `READ` fails, and so does a page whose parameter was never read. Where a text can mean something only as a whole (a
number, a day, a blank) it is sent alone; of the others several stand in one value, cut to what the shortest field keeps.
"""

from datetime import UTC, datetime
from itertools import chain, zip_longest
from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIRequest, get_bytes_from_wsgi
from django.http import QueryDict
from django.urls import Resolver404, resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.pages.rows import make_lead
from tests.web.pages.world import make_live, starter_toml
from tests.web.safety.naughty import KINDS, LONG, SHORT
from tests.web.safety.shown import leads_somewhere_good, read
from tests.web.test_access import ROWS, path_of

from leadline.web.capture.models import ImportRun
from leadline.web.operations.heartbeat import beat

LEADS = "q who stage qualification grade source company first second where sort page cols view"
READ = {
    "agreement": "",
    "batches": "page",
    "build-condition": f"{LEADS} what how value do joint back",
    "companies": "q industry sort page",
    "company": "kind before",
    "compare-leads": "into",
    "draft-form": "part",
    "draft-remove": "id",
    "drafts": "from deleted",
    "duplicates": "page merged",
    "export-leads": LEADS,
    "exports": "page",
    "import": "step",
    "imports": "page",
    "lead": f"{LEADS} kind before",
    "lead-assessed": "try",
    "lead-consent": "purpose",
    "lead-merges": "merged",
    "leads": f"{LEADS} menu",
    "merge-with": "q",
    "notices": "page",
    "pipeline": "view source",
    "playbook-publish": "from",
    "playbook-version": "against",
    "queue": "box page at done given",
    "queue-item": "box",
    "away": "given",
    "queue-meeting": "meeting",
    "refused": "state reason source first last page",
    "returns": "weeks from to by show of sort page",
    "returns-file": "weeks from to by show of sort",
    "saved-views": "deleted",
    "search": LEADS,
    "sign-in": "next",
    "snippet": "v",
    "teams": "lead",
    "titles": "pattern seniority function",
    "webhook": "failed page",
}
"""What each page reads of its address. Pages that stand nowhere here read nothing."""
MANY = {"stage", "qualification", "grade", "source", "reason", "what", "how", "value"}
"""Parameters that may be there several times, and are sent so often."""
SO_MANY = 40
WHOLE = ("numbers", "dates", "blanks", "controls", "unseen")
"""Kinds of texts that are sent alone."""
CUT = {"q": 120, "industry": 120, "source": 60, "pattern": 200}
"""How many characters are kept of what is looked for; of others, enough for every text of these kinds together."""
LONGEST = 1_500
IN_PLACE = {"leads": {"hx-request": "true", "hx-target": "listing"}}
COMPANIONS = {"build-condition": {name: {"what": "country"} for name in ("how", "value", "do", "joint")}}
"""What else has to be said for a parameter to be read when it stands alone."""
OURS = ["an element <iframe>"]
"""What the page of a form has by itself: how the form looks."""
FINE = (200, 204, 302, 304, 404, 422)
PARTS = 2

pytestmark = pytest.mark.django_db


# -- what is sent -----------------------------------------------------------------------------------------------------


def packed(texts, longest):
    """Return texts, several in one with blanks between them, as long as they fit."""
    found = []
    for text in texts:
        if found and len(found[-1]) + len(text) < longest:
            found[-1] += f" {text}"
        else:
            found.append(text)
    return found


ALONE = [*dict.fromkeys(chain.from_iterable(KINDS[kind] for kind in WHOLE)), *(text[:3_000] for text in LONG)]
TOGETHER = [text for text in SHORT if text not in set(ALONE)]


def values_of(name):
    """Return the values that a parameter gets, each a list of what is sent at once."""
    if name in MANY:
        texts = [*ALONE, *TOGETHER]
        return [texts[at : at + SO_MANY] for at in range(0, len(texts), SO_MANY)]
    if name in CUT:  # any text will do for it: none means something only as a whole
        return [[one] for one in packed([*SHORT, *(text[:3_000] for text in LONG)], CUT[name])]
    return [[one] for one in (*ALONE, *packed(TOGETHER, LONGEST))]


def questions_of(names):
    """Yield what a page is asked: all its parameters at once, each with another of its values, until each has had all."""
    every = []
    for number, name in enumerate(names):
        values = values_of(name)
        first = number * 17 % len(values)
        every.append([(name, one) for one in (*values[first:], *values[:first])])
    yield from (dict(one for one in some if one) for some in zip_longest(*every))


def test_every_text_is_among_the_values_of_every_parameter():
    for name in {name for names in READ.values() for name in names.split()}:
        sent = [one for values in values_of(name) for one in values]
        missing = [text for text in SHORT if not any(text in one for one in sent)]
        assert not missing, name
        several = [one for one in sent if one not in SHORT and one not in ALONE]
        assert all(len(one) <= CUT.get(name, LONGEST) for one in several)


# -- what is read ---------------------------------------------------------------------------------------------------


class Seen(dict):
    """The parameters of a request as a plain dictionary that notes which names are asked for."""

    def __init__(self, values, noted):
        super().__init__(values)
        self.noted = noted

    def get(self, name, default=None):
        self.noted.add(name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.noted.add(name)
        return super().__getitem__(name)


class SeenQuery(QueryDict):
    """The parameters of a request; notes which names are asked for, once it is made."""

    noted = set()

    def __getitem__(self, name):
        self.noted.add(name)
        return super().__getitem__(name)

    def getlist(self, name, default=None):
        self.noted.add(name)
        return super().getlist(name, default)

    def __contains__(self, name):
        self.noted.add(name)
        return super().__contains__(name)

    def items(self):
        yield from ((name, values[-1] if values else []) for name, values in self.lists())

    def dict(self):
        return Seen(self.items(), self.noted)


@pytest.fixture
def noted(monkeypatch):
    """The names that were asked for since it was cleared."""

    def query_of(request):
        if "_seen" not in request.__dict__:
            request._seen = SeenQuery(get_bytes_from_wsgi(request.environ, "QUERY_STRING", ""))
            request._seen.noted = names
        return request._seen

    names = set()
    monkeypatch.setattr(WSGIRequest, "GET", property(query_of))
    return names


@pytest.fixture
def path_to(northwind, as_maria):
    """Make what an address is about, and return the address."""
    beat()
    make_live(northwind, starter_toml(), number=5)
    make_lead(northwind, "Bo")

    def path(name):
        made = path_of(name, ROWS[name], northwind, datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        ImportRun.objects.update(state=ImportRun.State.CHECKED)
        return made

    return path


PAGES = sorted(name for name, row in ROWS.items() if "get" in row)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_what_is_said_and_nothing_else(as_maria, path_to, noted, name):
    path = path_to(name)
    wanted, universe = set(READ.get(name, "").split()), {one for names in READ.values() for one in names.split()}
    for asked in ({}, dict.fromkeys(universe, "1"), dict.fromkeys(wanted, "a")):
        for headers in ({}, IN_PLACE.get(name, {})):
            answer = as_maria.get(path, asked, headers=headers)
            b"".join(answer) if answer.streaming else None

    assert noted == wanted


# -- what comes of it -----------------------------------------------------------------------------------------------


def faults_of(answer, known):
    """Return what is wrong with an answer. *known*: pages that were looked at and were fine."""
    if answer.status_code not in FINE:
        return [str(answer.status_code)]
    if answer.status_code == 302:
        return [] if leads_somewhere_good(answer["Location"]) else [f"to {answer['Location'][:60]}"]
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    page = answer.content
    if token := answer.context and answer.context.get("csrf_token"):
        page = page.replace(str(token).encode(), b"")
    if hash(page) in known:
        return []
    faults = read(answer).faults
    if not faults:
        known.add(hash(page))
    return faults


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", [name for name, names in READ.items() if names])
def test_every_text_may_stand_in_every_parameter(as_maria, path_to, noted, name, part):
    path, names, wrong, known, unread = path_to(name), READ[name].split(), [], set(), set()
    headers = IN_PLACE.get(name, {})
    for asked in list(questions_of(names))[part::PARTS]:
        noted.clear()
        answer = as_maria.get(path, asked, headers=headers)
        wrong += [f"{asked}: {fault}" for fault in faults_of(answer, known)]
        for one in asked.keys() - noted:  # another parameter ended it before
            noted.clear()
            answer = as_maria.get(path, COMPANIONS.get(name, {}).get(one, {}) | {one: asked[one]}, headers=headers)
            wrong += [f"{one}={asked[one]}: {fault}" for fault in faults_of(answer, known)]
            unread |= {one} - noted

    assert not wrong, "\n".join(one[:400] for one in wrong[:30])
    assert not unread


@pytest.mark.parametrize("name", PAGES)
def test_every_text_may_be_the_name_of_a_parameter(as_maria, path_to, name):
    path, texts = path_to(name), [text[:3_000] for text in (*SHORT, *LONG)]
    answer = as_maria.get(path, dict.fromkeys(texts, "1"), headers=IN_PLACE.get(name, {}))

    assert faults_of(answer, set()) == (OURS if name == "form" else [])


@pytest.mark.parametrize("name", [name for name in PAGES if ROWS[name].get("of")])
def test_every_text_may_stand_in_the_place_of_an_id(as_maria, path_to, name):
    path, wrong, known = path_to(name), [], set()
    ids = [
        at for at, one in enumerate(path.split("/")) if one.isdigit() or one in ("own-scanner", "contact", "northwind")
    ]
    for at in ids:
        for text in [*SHORT, *(text[:3_000] for text in LONG), "9" * 18, "9" * 19, "9" * 40, "0", "00"]:
            steps = path.split("/")
            steps[at] = text
            place = "/".join(steps)
            try:
                resolve(place)
            except Resolver404:
                continue
            answer = as_maria.get(quote(place))
            ours = OURS if name == "form" and answer.status_code == 200 else []
            if answer.status_code == 405:  # the address of a form, which is sent and not asked for
                continue
            wrong += [f"{place[:60]!r}: {fault}" for fault in faults_of(answer, known) if fault not in ours]

    assert not wrong, "\n".join(wrong[:30])
    assert faults_of(as_maria.get(quote(f"/nothing/{''.join(SHORT)[:500]}/")), set()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_may_be_looked_for_and_be_a_condition(as_maria, path_to, text):
    answers = [as_maria.get("/leads/", {name: text}) for name in ("q", "where")]

    assert {answer.status_code for answer in answers} <= {200, 302, 422}
    assert not [fault for answer in answers if answer.status_code != 302 for fault in read(answer).faults]
