"""What somebody wants to see of the leads: read from an address, and written back as one. What it cannot mean is left out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

from django.http import QueryDict

from leadline.web.shell.numbers import whole_number

Who = Literal["known", "visitors", "all"]
MOST_WORDS = 4
_MOST_LETTERS = 120
_MOST_CHOICES = 40
_MOST_COLUMNS = 20
_MOST_LETTERS_OF_COLUMNS = 2_000
_MOST_LETTERS_OF_WHERE = 10_000
_COLUMN = re.compile(r"[\w.\-]{1,140}")
MOST_PAGES = 400


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of leads.

    table, column: what is sorted by; leads of equal value stand in the order of their ids. has_gaps: whether it may be missing,
    and then comes last.
    """

    id: str
    title: str
    table: Literal["assessment", "lead"]
    column: str
    is_descending: bool = True
    has_gaps: bool = False


RANK = Sort("rank", "best first", "assessment", "rank")
NEWEST = Sort("newest", "newest", "lead", "id")
SORTS = (
    RANK,
    Sort("seen", "last seen", "lead", "last_seen_at", has_gaps=True),
    NEWEST,
    Sort("name", "name", "lead", "name", is_descending=False),
    Sort("cools", "cools first", "assessment", "cools_day", is_descending=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is wanted: the leads that match all of it, in an order.

    q: words that must stand in name, address or company. first_from, second_from: the least points of the first two scores.
    where: a condition in the playbook's language, as it was written (`pages.conditions` reads it).
    columns: which are shown, in their order; none: the usual ones. view: the saved view that this began with.
    """

    q: str = ""
    who: Who = "known"
    stages: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    company: int | None = None
    first_from: int | None = None
    second_from: int | None = None
    where: str = ""
    sort: Sort = RANK
    page: int = 1
    columns: tuple[str, ...] = ()
    view: int | None = None

    @property
    def is_about_assessments(self) -> bool:
        """Whether it asks for something that only an assessment says."""
        return bool(
            self.stages
            or self.qualifications
            or self.grades
            or self.first_from is not None
            or self.second_from is not None
            or self.where
            or self.sort.table == "assessment"
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether leads may be hidden because of it, besides visitors."""
        plain = Filters(who=self.who, sort=self.sort, page=self.page, columns=self.columns, view=self.view)
        return self != plain

    @property
    def words(self) -> list[str]:
        """The words to look for."""
        return self.q.split()[:MOST_WORDS]

    @property
    def query(self) -> str:
        """The filters as the query of an address, without the page and without what goes without saying."""
        pairs: list[tuple[str, str | int]] = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self._choices() for value in values]
        pairs += [
            (name, value)
            for name, value in (("company", self.company), ("first", self.first_from), ("second", self.second_from))
            if value is not None
        ]
        pairs += [("where", self.where)] if self.where else []
        pairs += [("who", self.who)] if self.who != "known" else []
        pairs += [("sort", self.sort.id)] if self.sort != RANK else []
        pairs += [("cols", ",".join(self.columns))] if self.columns else []
        pairs += [("view", self.view)] if self.view is not None else []
        return urlencode(pairs)

    def _choices(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return (
            ("stage", self.stages),
            ("qualification", self.qualifications),
            ("grade", self.grades),
            ("source", self.sources),
        )

    def without(self, name: str, value: str = "") -> "Filters":
        """Return the filters without one of their choices, or without a number."""
        before = getattr(self, name)
        after = tuple(one for one in before if one != value) if isinstance(before, tuple) else None
        changes: dict[str, Any] = {name: after, "page": 1}
        return replace(self, **changes)

    def without_condition(self) -> "Filters":
        """Return the filters without the condition."""
        return replace(self, where="", page=1)


def read_filters(query: QueryDict) -> Filters:
    """Return what an address asks for."""
    who = query.get("who", "")
    return Filters(
        q=_text(query.get("q", "")),
        who=who if who in ("visitors", "all") else "known",  # type: ignore[arg-type]
        stages=_texts(query.getlist("stage")),
        qualifications=_texts(query.getlist("qualification")),
        grades=_texts(query.getlist("grade")),
        sources=_texts(query.getlist("source")),
        company=whole_number(query.get("company"), most=2**62),
        first_from=whole_number(query.get("first"), most=10**9),
        second_from=whole_number(query.get("second"), most=10**9),
        where=query.get("where", "").replace("\0", "").strip()[:_MOST_LETTERS_OF_WHERE],
        sort=next((one for one in SORTS if one.id == query.get("sort")), RANK),
        page=max(1, whole_number(query.get("page"), most=MOST_PAGES) or 1),
        columns=_columns(query.get("cols", "")),
        view=whole_number(query.get("view"), most=2**62),
    )


def _text(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:_MOST_LETTERS]


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for text in texts if (one := _text(text))))[:_MOST_CHOICES]


def _columns(text: str) -> tuple[str, ...]:
    """Return the ids of columns among some with commas between them, each once."""
    ids = (one for one in text[:_MOST_LETTERS_OF_COLUMNS].split(",") if _COLUMN.fullmatch(one))
    return tuple(dict.fromkeys(ids))[:_MOST_COLUMNS]
