"""What sales sends back: counts with the leads behind them, one breakdown at a time, and the same as a file."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.returns.conftest import handed
from tests.web.pages.world import make_live, starter_toml

from leadline.web.accounts.models import Workspace
from leadline.web.handoff.models import HandOff

RETURNS = reverse("returns")


def text_of(answer):
    return answer.content.decode()


def listed(answer):
    table = re.search(r'<table class="grid behind">(.*?)</table>', text_of(answer), re.S)
    return sorted(re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', table[1])) if table else []


def numbers_of(answer, title):
    """Return the numbers of a line of the breakdown."""
    line = re.search(rf'<tr><th scope="row">{re.escape(title)}</th>(.*?)</tr>', text_of(answer), re.S)
    return [int(one) for one in re.findall(r">(\d+)</(?:a|span)>", line[1])] if line else None


def links(answer):
    """Return the numbers that lead to hand-offs, with where they lead."""
    found = re.findall(r'href="(\?[^"]*show=[^"]*)"[^>]*>(\d+)', text_of(answer))
    return [(href.replace("&amp;", "&").split("#")[0], int(number)) for href, number in found]


def test_everything_is_counted_once_by_what_became_of_it(as_omar, some):
    page = text_of(as_omar.get(RETURNS))

    assert "What became of 8 hand-offs" in page
    assert "Of 6 decided" in page
    assert "Not now" in page
    assert "33 % (10–70 %)" in page  # two of six were accepted
    assert "Fewer than 20 were decided" in page


@pytest.mark.parametrize(
    ("by", "title", "numbers"),
    [  # handed over, accepted, rejected, recycled, disqualified, excluded, bad data, cooled, open, withdrawn
        ("criterion", "In a country where we have people", [7, 2, 1, 2, 0, 0, 0, 1, 1, 0]),
        ("criterion", "Raised a hand: Demo requested", [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        ("source", "List", [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("campaign", "No campaign", [8, 2, 1, 3, 0, 0, 0, 1, 1, 0]),
        ("owner", "Nadia", [3, 1, 1, 1, 0, 0, 0, 0, 0, 0]),
        ("owner", "Nobody", [2, 0, 0, 0, 0, 0, 0, 1, 1, 0]),
        ("team", "No team", [8, 2, 1, 3, 0, 0, 0, 1, 1, 0]),
        ("qualification", "Marketing qualified", [8, 2, 1, 3, 0, 0, 0, 1, 1, 0]),
        ("version", "Version 1", [8, 2, 1, 3, 0, 0, 0, 1, 1, 0]),
    ],
)
def test_it_is_taken_apart_by_one_thing_at_a_time(as_omar, some, by, title, numbers):
    assert numbers_of(as_omar.get(f"{RETURNS}?by={by}"), title) == numbers


@pytest.mark.parametrize("by", ["criterion", "source", "campaign", "owner", "team", "week", "qualification", "version"])
def test_every_number_leads_to_as_many_hand_offs(as_omar, some, by):
    found = links(as_omar.get(f"{RETURNS}?by={by}"))

    assert len(found) > 12
    for href, number in found:
        assert len(listed(as_omar.get(RETURNS + href))) == number, href


def test_a_reason_leads_to_its_leads(as_omar, some):
    answer = as_omar.get(f"{RETURNS}?show=recycled:timing")

    assert listed(answer) == ["Cy Recycled", "Di Recycled"]
    assert "Recycled: Not now: 2" in text_of(answer)
    assert listed(as_omar.get(f"{RETURNS}?show=recycled:")) == ["Ed Recycled"]
    assert listed(as_omar.get(f"{RETURNS}?weeks=4&show=accepted")) == ["Ada Accepted", "Ben Accepted"]


def test_a_period_of_ones_own(as_omar, some):
    day = lambda days: (timezone.localdate() - timedelta(days=days)).isoformat()  # noqa: E731

    assert listed(as_omar.get(f"{RETURNS}?from={day(125)}&to={day(115)}&show=all")) == ["Ida Long Ago"]
    assert "Nothing was handed over in this time" in text_of(as_omar.get(f"{RETURNS}?from={day(300)}&to={day(290)}"))
    year = text_of(as_omar.get(f"{RETURNS}?from={day(360)}&to={day(0)}"))
    assert "What became of 9 hand-offs" in year
    assert year.count('<svg class="bar"') in (12, 13)  # months, for there are too many weeks


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-13-01", "from=2026-03-01&to=2026-02-01", "from=0001-01-01&to=0001-02-01", "to=9999-12-31", "by=nothing",
        "show=nothing", "by=owner&of=999999999999999999999999&show=all", "by=owner&of=²&show=all", "by=week&of=2026-99-99&show=all",
        "by=week&of=%00&show=all", "show=rejected:%00", "page=0&show=all", "page=99999999999&show=all", "weeks=²",
        "by=team&of=x&show=all", "by=version&of=%F0%9F%98%80&show=sql", "show=opportunity", "show=late&by=week&of=",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_the_usual_page(as_omar, some, query):
    answer = as_omar.get(f"{RETURNS}?{query}")

    assert answer.status_code == 200
    assert "What became of" in text_of(answer)


def test_a_period_that_is_too_long_is_cut_and_that_is_said(as_omar, some):
    assert "At most 53 weeks" in text_of(as_omar.get(f"{RETURNS}?from=2019-01-01&to=2026-11-01"))


def test_the_file_has_what_is_shown(as_omar, some):
    answer = as_omar.get(f"{reverse('returns-file')}?by=source")
    rows = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode().removeprefix("\ufeff"))))

    assert rows[0][:4] == ["First source", "Handed over", "Accepted", "Rejected"]
    assert rows[1] == ["Webinar", "7", "1", "1", "3", "0", "0", "0", "1", "1", "0", "5", "0.2", "0.0362", "0.6245"]
    assert rows[2][:3] == ["List", "1", "1"]


def test_formulas_in_names_stay_text_in_the_file(as_omar, live):
    handed(live, "Sly", "accepted", source="=1+1")
    answer = as_omar.get(f"{reverse('returns-file')}?by=source")

    assert "'=1+1" in b"".join(answer.streaming_content).decode()


def test_others_see_nothing_of_it(client, some):
    elsewhere = Workspace.objects.create(name="Elsewhere", slug="elsewhere")
    stranger = member(elsewhere, "Sly", "admin")
    make_live(elsewhere, starter_toml())
    client.force_login(stranger)
    owner = some[0].owner_id

    page = text_of(client.get(f"{RETURNS}?by=owner&of={owner}&show=all"))
    assert "Nothing was handed over" in page
    assert "Omar" not in page
    assert "owner: not known: 0" in page


def test_a_merged_lead_leads_to_whom_it_is_now(as_omar, some):
    ada, ben = some[0].lead, some[1].lead
    ben.merged_into = ada
    ben.save()

    assert listed(as_omar.get(f"{RETURNS}?show=accepted")) == ["Ada Accepted", "Ada Accepted"]


def test_without_a_playbook_the_page_says_so(as_omar, northwind):
    assert "No playbook is live" in text_of(as_omar.get(RETURNS))
    assert as_omar.get(reverse("returns-file")).status_code == 302


def test_a_full_page_has_few_queries_and_few_bytes(as_omar, live, omar, django_assert_max_num_queries):
    for number in range(60):
        handed(
            live,
            f"Lead {number}",
            ("accepted", "recycled", "cooled", "rejected")[number % 4],
            source=f"source-{number % 40}",
            days=number,
        )
    HandOff.objects.update(owner=omar)
    with django_assert_max_num_queries(30):
        answer = as_omar.get(f"{RETURNS}?by=source&show=all")

    assert len(answer.content) < 60_000
    assert "The first 25 of 40" in text_of(answer)
    assert "1–25" in text_of(answer)
