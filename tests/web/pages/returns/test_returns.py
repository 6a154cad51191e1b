"""What sales sends back: counts with the leads behind them, one breakdown at a time, and the same as a file."""

import csv
import re
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.returns.conftest import handed
from tests.web.pages.rows import make_lead
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
    day = lambda days: (timezone.localdate(timezone=ZoneInfo("Europe/Berlin")) - timedelta(days=days)).isoformat()  # noqa: E731

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


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("by=criterium", ["no “criterium” to take", "Did you mean &#x27;criterion&#x27;?", "shown by criterion"]),
        ("by=nothing&of=x&show=all", ["no “nothing” to take", "no hand-offs are listed"]),
        ("weeks=12", ["“12” is no number of weeks to choose: 4 or 13. The last 13 weeks are shown."]),
        ("show=acepted", ["“acepted” names no number of this page, so no hand-offs are listed."]),
        ("weeks=x&by=y", ["“x” is no number of weeks", "no “y” to take"]),
        ("from=x&by=y", ["That is no period", "no “y” to take"]),
        ("by=<b>", ["no “&lt;b&gt;” to take"]),
    ],
)
def test_what_is_not_known_is_said_with_what_is_shown_instead(as_omar, some, query, said):
    answer = as_omar.get(f"{RETURNS}?{query}")
    (note,) = re.findall('<p class="note warning".*?</p>', text_of(answer), re.DOTALL)

    assert [one for one in said if one not in note] == []
    assert listed(answer) == []
    file = as_omar.get(f"{reverse('returns-file')}?{query}")
    assert "".join(said[:1]) in text_of(as_omar.get(file["Location"]))


@pytest.mark.parametrize(
    "query",
    ["", "by=&weeks=&show=", "weeks=4&by=owner&of=&show=all", "weeks=13", "weeks=99&from=2026-03-01&to=2026-04-01"],
)
def test_of_what_is_known_or_empty_nothing_is_said(as_omar, some, query):
    assert "note warning" not in text_of(as_omar.get(f"{RETURNS}?{query}"))


def test_a_period_that_is_too_long_is_cut_and_that_is_said(as_omar, some):
    assert "At most 53 weeks" in text_of(as_omar.get(f"{RETURNS}?from=2019-01-01&to=2026-11-01"))


def test_the_file_has_what_is_shown(as_omar, some):
    answer = as_omar.get(f"{reverse('returns-file')}?by=source")
    rows = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode().removeprefix("\ufeff"))))

    assert rows[0][:4] == ["Lead source", "Handed over", "Accepted", "Rejected"]
    assert rows[1] == ["Webinar", "7", "1", "1", "3", "0", "0", "0", "1", "1", "0", "5", "0.2", "0.0362", "0.6245"]
    assert rows[2][:3] == ["List", "1", "1"]


def test_by_lead_source_counts_what_is_said_before_how_they_came_in(as_omar, live):
    for name, said in (("Ada", "paid_search"), ("Ben", "paid_search"), ("Cy", "")):
        lead = make_lead(live.workspace, name, first_source="import", said_source=said)
        handed(live, name, "accepted", lead=lead)
    answer = as_omar.get(f"{RETURNS}?by=source&of=paid_search&show=all")

    assert [numbers_of(answer, title)[0] for title in ("Paid search", "Import")] == [2, 1]
    assert sorted(listed(answer)) == ["Ada", "Ben"]


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


# -- the least accepted in sight ---------------------------------------------------------------------------------------


@pytest.fixture
def shares(live):
    """Of 20 from the fair 5 were accepted, of 20 from ads 15, of 2 from a list none, and of 40 from the web nothing is decided."""
    for source, accepted, recycled, waiting in (
        ("fair", 5, 15, 0),
        ("ads", 15, 5, 0),
        ("list", 0, 2, 0),
        ("web", 0, 0, 40),
    ):
        states = ["accepted"] * accepted + ["recycled"] * recycled + ["waiting"] * waiting
        for at, state in enumerate(states):
            handed(live, f"{source} {at}", state, source=source)


def titles(answer):
    table = re.search(r'<table class="grid broken">(.*?)</table>', text_of(answer), re.S)[1]
    return re.findall(r'<tr><th scope="row">([^<]+)</th>', table)


def test_lines_are_sorted_by_number_or_by_share_with_the_few_after_the_others(as_omar, shares):
    assert titles(as_omar.get(f"{RETURNS}?by=source")) == ["Web", "Ads", "Fair", "List"]
    answer = as_omar.get(f"{RETURNS}?by=source&sort=share")

    assert titles(answer) == ["Fair", "Ads", "List", "Web"]
    assert 'aria-sort="ascending"' in text_of(answer)
    file = b"".join(as_omar.get(f"{reverse('returns-file')}?by=source&sort=share").streaming_content).decode()
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == ["Fair", "Ads", "List", "Web"]
    assert [href for href, _ in links(answer) if "sort=share" not in href and "from=" not in href] == []


def test_the_least_accepted_line_stands_above_the_table_if_enough_was_decided(as_omar, shares):
    page = re.sub(r"<[^>]+>", "", text_of(as_omar.get(f"{RETURNS}?by=source")))
    assert "Least accepted of those with at least 20 decided: Fair, 25 % (11–47 %); 15 sent back." in page

    HandOff.objects.filter(lead__first_source="ads").delete()
    assert "Least accepted" not in text_of(as_omar.get(f"{RETURNS}?by=source"))


def test_what_is_behind_a_number_is_listed_beside_the_table_that_it_stands_in(as_omar, shares):
    of_a_line = text_of(as_omar.get(f"{RETURNS}?by=source&of=fair&show=accepted"))
    of_all = text_of(as_omar.get(f"{RETURNS}?by=source&show=accepted"))

    assert of_a_line.index('id="h-fates"') < of_a_line.index('id="behind"') < of_a_line.index('id="broken"')
    assert of_all.index('id="behind"') < of_all.index('id="h-fates"')


def test_an_unknown_order_is_told(as_omar, shares):
    assert "Lines cannot be sorted by “shar”. Did you mean &#x27;share&#x27;?" in text_of(
        as_omar.get(f"{RETURNS}?sort=shar")
    )
