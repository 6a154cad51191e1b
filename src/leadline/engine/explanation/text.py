"""Prints an explanation as lines of plain text. Every number is exact, so a reader can add them up."""

from collections.abc import Iterable, Iterator, Sequence

from leadline.engine.arithmetic import POINT, plain_points
from leadline.engine.explanation.model import (
    EventGroup,
    Explanation,
    Label,
    Line,
    Missing,
    Part,
    QualificationExplanation,
    QuestionExplanation,
    ScoreExplanation,
    Unknown,
)
from leadline.engine.expressions.words import join_words, say_day, say_event, say_name
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.model import MOST_CHANGES
from leadline.engine.reference.result import Fate

MOST_GROUPS = 8
"""How many days of events one line shows; the rest is summed up."""

_FATES: dict[Fate, str] = {"counted": "counted", "over limit": "over the limit", "forgotten": "forgotten"}
_TRUTHS = {"true": "yes", "false": "no", "unknown": "unknown"}


def render_text(explanation: Explanation) -> list[str]:
    """Return a whole explanation as lines of text."""
    head = f"{explanation.lead_id}, as of {explanation.as_of}"
    lines = [f"{head}: {explanation.grade}" if explanation.grade else head]
    if explanation.excluded_by:
        lines += _label("Never a lead", explanation.excluded_by)
    if explanation.persona:
        lines += _label("Persona", explanation.persona)
    for score in explanation.scores:
        lines += ["", *render_score(score)]
    if explanation.questions:
        lines += ["", "Questions", *_indented(line for one in explanation.questions for line in render_question(one))]
    if explanation.qualifications:
        said = (line for one in explanation.qualifications for line in render_qualification(one))
        lines += ["", "Qualifications", *_indented(said)]
    if explanation.missing:
        lines += ["", *render_missing(explanation.missing)]
    return lines


def render_score(score: ScoreExplanation) -> list[str]:
    """Return a score as lines of text: its points, what made them, and what is missing."""
    grade = f" (grade {score.grade})" if score.grade else ""
    lines = [f"{score.title}: {plain_points(score.points)}{grade}"]
    column = aligned([plain_points(line.points) for line in score.lines])
    for points, line in zip(column, score.lines, strict=True):
        lines.append(f"  {points}  {line.text}")
        lines += [f"  {'':<{len(points)}}    {said}" for said in _details(line)]
    if score.wiped_on is not None:
        lines.append(f"  Wiped on {say_day(score.wiped_on)} by {score.wiped_by}: what came before no longer counts.")
    if score.silent:
        lines.append("  Earned nothing")
        because: dict[str, list[str]] = {}
        for one in score.silent:
            because.setdefault(one.because, []).append(one.text)
        lines += [f"    {', '.join(texts)}: {reason}" for reason, texts in because.items()]
    if score.unknown:
        lines.append("  Unknown")
        lines += _indented((line for one in score.unknown for line in _unknown(one)), 4)
        lines.append(f"  {_range(score)}")
    if score.next_grade:
        following = score.next_grade
        more = plain_points(following.missing)
        lines.append(f"  Grade {following.grade} begins at {plain_points(following.least)}: {more} more.")
    return lines


def render_question(question: QuestionExplanation) -> list[str]:
    """Return a question with its answer."""
    by = {"person": " (a person's answer)", "criteria": "", "nobody": ""}[question.said_by]
    lines = [f"{question.ask} {question.answer}{by}"]
    if question.because:
        lines += _part(question.because, "  ")
    if question.missing:
        lines.append(f"  not known: {', '.join(question.missing)}")
    return lines


def render_qualification(level: QualificationExplanation) -> list[str]:
    """Return a qualification with the parts of its conditions."""
    state = "yes" if level.holds else "no, but would stay" if level.stays else "no"
    lines = [f"{level.title}: {state}"]
    if level.since is not None:
        ends = "never cools by itself" if level.cools_on is None else f"cools on {say_day(level.cools_on)}"
        lines.append(f"  in it since {say_day(level.since)}; if nothing more happens it {ends}")
    if level.enter:
        lines += ["  enters when", *_part(level.enter, "    ")]
    if level.stay:
        lines += ["  stays while", *_part(level.stay, "    ")]
    return lines


def render_missing(missing: Missing) -> list[str]:
    """Return what is missing for the next qualification."""
    step, title, kept = missing.step, f"What is missing for “{missing.title}”", missing.kept_out
    raised = join_words([say_event(one) for one in missing.hand_raise], "or")
    if kept is not None and kept.until_day is None:
        only = f"raises a hand: {raised}" if kept.back_by == "hand_raise" else "is reported as reinstated"
        return [title, f"  Kept out by {say_report(kept)}", f"  It begins again only when the lead {only}"]
    if step is None:
        lines = [title, f"  No {MOST_CHANGES} changes of what the playbook asks for are enough."]
    elif step.instead:
        lines = [f"{title}: any one of these", *_indented(way[0].said for way in (step.changes, *step.instead))]
    elif len(step.changes) == 1:
        lines = [title, f"  {step.changes[0].said}"]
    else:
        lines = [f"{title}: all of these", *_indented(change.said for change in step.changes)]
    if kept is not None and kept.until_day is not None:
        lines.append(f"  But not before {say_day(kept.until_day)}: kept out by {say_report(kept)}")
    if raised:
        lines.append(f"  Or a hand raise, which enters at once: {raised}")
    return lines


def say_report(kept: KeptOut) -> str:
    """Return what was reported that keeps a lead out: ``recycled (timing) on 2 March 2026``."""
    reason = f" ({say_name(kept.reason)})" if kept.reason else ""
    return f"{say_name(kept.outcome)}{reason} on {say_day(kept.since_day)}"


# -- the parts of a line --------------------------------------------------------------------------------


def _indented(lines: Iterable[str], by: int = 2) -> list[str]:
    return [f"{' ' * by}{line}" for line in lines]


def aligned(numbers: Sequence[str]) -> list[str]:
    """Return numbers as a column, their decimal points below each other.

    >>> aligned(["10", "-2.5"])
    ['10  ', '-2.5']
    """
    split = [number.partition(".") for number in numbers]
    left = max((len(whole) for whole, _, _ in split), default=0)
    right = max((len(dot + part) for _, dot, part in split), default=0)
    return [f"{whole:>{left}}{dot + part:<{right}}" for whole, dot, part in split]


def _label(what: str, label: Label) -> Iterator[str]:
    yield f"{what}: {label.title}" + (f" ({label.id})" if label.title != label.id else "")
    if label.because:
        yield from _part(label.because, "  ")


def _part(part: Part, indent: str) -> Iterator[str]:
    """Yield a condition part by part; of a compound one the parts say all, so it is not said itself."""
    if part.joined in ("all", "any"):
        words = "all of these" if part.joined == "all" else "one of these"
        yield f"{indent}{words}: {_TRUTHS[part.truth]}"
    elif part.joined is not None:
        words = "this is not so" if part.joined == "not" else "this is certain"
        yield f"{indent}{words}: {_TRUTHS[part.truth]}"
    else:
        found = f", {part.found}" if part.found else ""
        yield f"{indent}{part.text}: {_TRUTHS[part.truth]}{found}"
    for inner in part.parts:
        yield from _part(inner, f"{indent}  ")


def _details(line: Line) -> Iterator[str]:
    if line.rule and not line.holds:  # else the condition says the same
        yield line.rule
    if line.remark:
        yield line.remark
    if line.holds:
        yield from _part(line.holds, "")
    shown = line.events if len(line.events) <= MOST_GROUPS + 1 else line.events[:MOST_GROUPS]
    yield from map(_events, shown)
    rest = line.events[len(shown) :]
    if rest:
        yield _rest(rest)


def _events(group: EventGroup) -> str:
    times = "" if group.count == 1 else f"{group.count} "
    head = f"{say_day(group.day)}: {times}{say_event(group.event)}"
    each = " each" if group.count > 1 else ""
    then, now = plain_points(group.worth_then), plain_points(group.worth_now)
    if group.fate == "over limit":
        return f"{head}, over the limit"
    if group.fate == "forgotten":
        return f"{head}, {then}{each} then, forgotten now"
    worth = f"{then}{each}" if then == now else f"{then}{each} then, {now}{each} now"
    return f"{head}, {worth}" + (f": {plain_points(group.points)}" if group.count > 1 else "")


def _rest(groups: Sequence[EventGroup]) -> str:
    fates: list[str] = []
    for fate, words in _FATES.items():
        count = sum(one.count for one in groups if one.fate == fate)
        fates += [f"{count} {words}"] if count else []
    first, last = groups[-1].day, groups[0].day
    days = say_day(first) if first == last else f"{say_day(first)} to {say_day(last)}"
    return f"{days}: {join_words(fates, 'and')}: {plain_points(sum(one.points for one in groups))}"


def _unknown(one: Unknown) -> Iterator[str]:
    yield f"{one.text}: not known: {join_words(list(one.missing), 'and')}"
    for prospect in one.would_earn:
        joint = " " if prospect.when.startswith("for ") else " when "
        yield f"  {plain_points(prospect.points)}{joint}{prospect.when}"


def _range(score: ScoreExplanation) -> str:
    low = "no lower bound" if score.low is None else plain_points(score.low)
    high = "no upper bound" if score.high is None else plain_points(score.high)
    share = plain_points(score.coverage * 100)
    known = "" if score.coverage == POINT else f"; {share} % of its points on facts are known"
    return f"With all known it could be from {low} to {high}{known}."
