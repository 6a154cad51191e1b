"""What stands around the list: the filters that are set, each with a way to take it off, and views that are often wanted."""

from dataclasses import dataclass, replace

from leadline.engine.arithmetic import POINT
from leadline.engine.playbook.model import Score
from leadline.web.pages.leads_list.filters import SORTS, Filters, Sort
from leadline.web.pages.playbook_words import PlaybookWords, say_id, short


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter that is set, and the query without it."""

    text: str
    query: str


def filter_chips(filters: Filters, words: PlaybookWords | None) -> list[FilterChip]:
    """Return the filters that are set, but for the search and the order, which show themselves."""
    chips = [
        FilterChip(f"{what}: {title}", filters.without(name, value).query)
        for what, name, value, title in _choices(filters, words)
    ]
    if words:
        scores = [short(one.title) for one in words.grading_scores[:2]]
        for title, name, least in zip(
            scores, ("first_from", "second_from"), (filters.first_from, filters.second_from), strict=False
        ):
            if least is not None:
                chips.append(FilterChip(f"{title} from {least}", filters.without(name).query))
    if filters.company is not None:
        chips.append(FilterChip("One company", filters.without("company").query))
    return chips


def _choices(filters: Filters, words: PlaybookWords | None) -> list[tuple[str, str, str, str]]:
    stages = [("Stage", "stages", one, words.stage(one).title if words else one) for one in filters.stages]
    levels = [
        ("Qualified", "qualifications", one, words.qualification(one).title if words else one)
        for one in filters.qualifications
    ]
    grades = [("Grade", "grades", one, one) for one in filters.grades]
    return [*stages, *levels, *grades, *(("Lead source", "sources", one, say_id(one)) for one in filters.sources)]


@dataclass(frozen=True, slots=True)
class Preset:
    """A view that is often wanted."""

    title: str
    query: str
    is_here: bool


def presets(filters: Filters, words: PlaybookWords | None) -> list[Preset]:
    """Return views that are often wanted, as far as the playbook has what they need."""
    wanted = [("All leads", Filters())]
    if words:
        wanted += [(level.title, Filters(qualifications=(level.id,))) for level in words.qualifications[:3]]
        if words.qualifications:
            wanted.append(("Cooling", Filters(sort=_sort("cools"))))
    wanted += [
        ("Recently active", Filters(sort=_sort("seen"))),
        ("Visitors", Filters(who="visitors", sort=_sort("seen"))),
    ]
    here = replace(filters, view=None, columns=()).query
    return [Preset(title, one.query or "view=0", not filters.view and one.query == here) for title, one in wanted]


def _sort(sort_id: str) -> Sort:
    return next(one for one in SORTS if one.id == sort_id)


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """A choice of the least points of a score."""

    name: str
    title: str
    choices: list[int]
    value: int | None


def score_filters(filters: Filters, words: PlaybookWords | None) -> list[ScoreFilter]:
    """Return the choices of least points: where grades begin, else quarters; and what is asked for, if that is another number."""
    if words is None:
        return []
    names = (("first", filters.first_from), ("second", filters.second_from))
    return [
        ScoreFilter(name, short(score.title), _steps(score, value), value)
        for score, (name, value) in zip(words.grading_scores, names, strict=False)
    ]


def _steps(score: Score, value: int | None) -> list[int]:
    grades = [least // POINT for _, least in score.grades if least > 0]
    steps = grades or [(score.high or 100 * POINT) * quarter // 4 // POINT for quarter in (1, 2, 3)]
    return sorted({*steps, *([] if value is None else [value])})
