"""Prints a difference as lines of plain text. Every number is exact, so a reader can add them up."""

from collections.abc import Iterator

from leadline.engine.arithmetic import plain_points
from leadline.engine.explanation.behind import RULE_WAS_CHANGED
from leadline.engine.explanation.difference import Difference, LineDifference, ScoreDifference, Turn
from leadline.engine.explanation.text import aligned


def render_difference(difference: Difference) -> list[str]:
    """Return what changed as lines of text."""
    lines = [_head(difference), *(_turn(one) for one in difference.turns)]
    changed = [one for one in difference.scores if one.points or any(map(_has_effect, one.lines))]
    for score in changed:
        lines += ["", *render_score_difference(score)]
    without = [line.text for score in difference.scores for line in score.lines if not _has_effect(line)]
    if without:
        lines += ["", "Changed in the playbook, with no effect on this lead", *(f"  {text}" for text in without)]
    same = [one.title for one in difference.scores if one not in changed]
    if same and changed:
        lines += ["", f"As before: {', '.join(same)}"]
    if not changed:
        lines.append("No score is different." if difference.turns or without else "Nothing is different.")
    return lines


def _has_effect(line: LineDifference) -> bool:
    return bool(line.points or line.behind)


def _head(difference: Difference) -> str:
    parts = [difference.lead_id]
    if difference.as_of_before == difference.as_of:
        parts.append(f"as of {difference.as_of}")
    else:
        parts.append(f"from {difference.as_of_before} to {difference.as_of}")
    if difference.playbook_before != difference.playbook:
        parts.append(f"from {difference.playbook_before} to {difference.playbook}")
    return ", ".join(parts)


def _turn(turn: Turn) -> str:
    was, now = ("none" if one is None else one for one in (turn.before, turn.after))
    return f"{turn.title}: {was} → {now}"


def render_score_difference(score: ScoreDifference) -> list[str]:
    """Return what a score differs by as lines of text: from what to what, and the lines that make it."""
    was, now = ("none" if one is None else plain_points(one) for one in (score.before, score.after))
    grade = ""
    if score.grade_before != score.grade_after:
        grade = f", grade {score.grade_before or 'none'} → {score.grade_after or 'none'}"
    lines = [f"{score.title}: {was} → {now} ({signed(score.points)}){grade}"]
    shown = [line for line in score.lines if _has_effect(line)]
    for points, line in zip(aligned([signed(line.points) for line in shown]), shown, strict=True):
        lines.append(f"  {points}  {line.text}")
        lines += [f"  {'':<{len(points)}}    {said}" for said in _details(line)]
    return lines


def _details(line: LineDifference) -> Iterator[str]:
    yield from line.rule
    if len(line.behind) == 1:
        if line.behind[0].text != RULE_WAS_CHANGED:  # the rule says so itself
            yield line.behind[0].text
        return
    for points, one in zip(aligned([signed(part.points) for part in line.behind]), line.behind, strict=True):
        yield f"{points}  {one.text}"


def signed(units: int) -> str:
    """Return points with their sign.

    >>> signed(25_000), signed(-10_000), signed(0)
    ('+2.5', '-1', '0')
    """
    return f"+{plain_points(units)}" if units > 0 else plain_points(units)
