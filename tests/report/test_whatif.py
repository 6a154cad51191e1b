"""The page of a comparison: with much, little, nothing, and hostile names."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.engine.comparison.by_hand import MQL, PLAYBOOK, SQL, Report, Stay, a_replay
from tests.engine.comparison.shop import write_shop

from leadline.engine.comparison.compare import compare
from leadline.engine.comparison.whatif import whatif
from leadline.report.whatif import whatif_page

HOSTILE = "</style><script>alert(1)</script>\x00\"'><img src=x onerror=alert(1)>\u202e"
VOID = {"meta", "br", "hr", "col", "img", "link"}


class _Checker(HTMLParser):
    """Collects what a page is made of, and refuses elements that do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def check_page(page: str) -> _Checker:
    """Return what a page is made of; it is whole, runs nothing, loads nothing, and its ids are unique."""
    found = _Checker(page)
    assert not found.tags & {"script", "img", "link", "iframe", "object"}
    assert not [name for name in found.attributes if name.startswith("on") or name in ("style", "src", "srcset")]
    assert len(found.ids) == len(set(found.ids))
    page.encode("utf-8")
    return found


OLD: list[Stay] = [("ann", 10, 20), ("bob", 10, None), ("cem", 30, 40), ("dan", 5, 6)]
NEW: list[Stay] = [("ann", 10.2, 20), ("bob", 4, None), ("cem", 33, 40), ("eva", 20, 21)]
OUTCOMES: list[Report] = [("bob", "won", 50), ("dan", "won", 15), ("eva", "accepted", 29), ("eva", "won", 31)]


def test_the_page_says_what_the_comparison_says() -> None:
    found = check_page(whatif_page(compare(a_replay(OLD, OUTCOMES), a_replay(NEW, OUTCOMES), capacity=1)))

    assert (
        "Marketing qualified: 4 leads instead of 4: 1 added, 1 removed, 1 earlier, 1 later and 1 on the same day."
        in (found.text)
    )
    assert "eva: mql only in the new version, from 25 January 2026, for 1 day; won 11 days after" in found.text
    assert "capacity 1" in found.text
    assert "was not worked as if it had been handed over" in found.text


@pytest.mark.parametrize(("old", "new", "outcomes"), [([], [], []), (OLD, OLD, OUTCOMES), ([], NEW, [])])
def test_nothing_is_a_page_too(old: list[Stay], new: list[Stay], outcomes: list[Report]) -> None:
    check_page(whatif_page(compare(a_replay(old, outcomes), a_replay(new, outcomes))))


def test_versions_without_a_common_qualification_are_a_page() -> None:
    old, new = a_replay({"mql": OLD}, toml=PLAYBOOK + MQL), a_replay({"sql": NEW}, toml=PLAYBOOK + SQL)

    found = check_page(whatif_page(compare(old, new)))

    assert "only in the new version" in found.text
    assert "only in the old version" in found.text


def test_a_period_of_one_day_is_a_page() -> None:
    check_page(whatif_page(compare(a_replay(OLD, last=0), a_replay(NEW, last=0))))


def test_names_from_the_data_stay_names() -> None:
    stays: list[Stay] = [(HOSTILE, 20, None)]
    made = compare(
        a_replay(), a_replay(stays, [(HOSTILE, "won", 30), (HOSTILE, HOSTILE, 31)]), outcomes=[HOSTILE, "won"]
    )
    hostile = replace(made, new=replace(made.new, name=HOSTILE, file=HOSTILE), unseen=(HOSTILE,))

    found = check_page(whatif_page(hostile))

    assert "<script>alert(1)</script>" in found.text
    assert "\x00" not in found.text


def test_the_reasons_of_the_telling_leads_are_in_the_page(tmp_path: Path) -> None:
    inputs = write_shop(tmp_path)
    leads = (tmp_path / "leads.csv").read_text(encoding="utf-8")
    (tmp_path / "leads.csv").write_text(leads.replace("hal,", "<b>hal</b>,"), encoding="utf-8")
    for name in ("events.csv", "outcomes.csv"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("hal,", "<b>hal</b>,"), encoding="utf-8")

    made = whatif(
        tmp_path / "old.toml",
        tmp_path / "new.toml",
        inputs,
        start=date(2026, 1, 5),
        end=date(2026, 3, 31),
        horizon_days=30,
    )
    page = whatif_page(made)
    found = check_page(page)

    assert "<b>hal</b>: mql only in the new version" in found.text
    assert "What gave different points on" in found.text
    assert "Old version: Marketing qualified" in found.text
    assert re.search(r"the score engagement is at least 20: no", found.text)
    assert page == whatif_page(made)
