"""Draws what `leadline demo` found: bars, a matrix of grades, whom to call and why.

Everything fits 80 columns, and is plain text where there is no terminal.
"""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from leadline.cli import show
from leadline.cli.init import inputs_in
from leadline.cli.score import reasons_of
from leadline.engine.arithmetic import plain_points
from leadline.engine.expressions.words import say_day

if TYPE_CHECKING:
    from leadline.cli.demo import Demo, Row
    from leadline.engine.explanation.model import Line

EIGHTHS = " ▏▎▍▌▋▊▉"
BAR_WIDTH = 26
GOOD, FAIR, FAINT = "green", "yellow", "dim"


def bar(value: float, most: float, width: int = BAR_WIDTH) -> str:
    """Return a bar as long as *value* is of *most*; something is always seen of what is not nothing.

    >>> bar(5, 10, 4), bar(0, 10, 4), bar(0.01, 10, 4)
    ('██', '', '▏')
    """
    eighths = round(8 * width * value / most) if most else 0
    if value > 0:
        eighths = max(eighths, 1)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def draw(found: "Demo", folder: str | None) -> None:
    """Draw everything, in the order in which one reads it."""
    console = show.console()
    _headline(console, found)
    _matrix(console, found)
    _levels(console, found)
    _proof(console, found)
    _calls(console, found)
    _explanation(console, found)
    _next_steps(console, found, folder)


def _title(console: Console, text: str, beside: str = "") -> None:
    line = Text()
    line.append(text, style="bold")
    if beside:
        line.append(f"  {beside}", style=FAINT)
    console.print()
    console.print(line)


def _headline(console: Console, found: "Demo") -> None:
    counts = found.counts
    console.print(Text.assemble(("Leadline: which leads are ready, and why", "bold"), (f"  {found.today}", FAINT)))
    data = f"{counts['leads']:,} leads of {counts['companies']:,} companies, {counts['events']:,} events in a year"
    console.print(Text(f"An invented vendor: {data}."))
    cases = show.counted(found.case_count, "case")
    failed = f"{found.failed_cases} of its {cases} failed" if found.failed_cases else f"its {cases} passed"
    seconds = (f"{found.seconds:.1f} s", "bold")
    console.print(Text.assemble(f"Playbook checked, {failed}. All leads scored in ", seconds, "."))


def _matrix(console: Console, found: "Demo") -> None:
    """A row for each grade of the first score, a column for each of the second."""
    rows, columns = (found.playbook.get_score(score) for score in found.playbook.grade)
    counts = Counter(row["grade"] for row in found.rows)
    most = max(counts.values())
    _title(
        console,
        "Where they stand",
        f"{rows.id}: {rows.grades[0][0]} is best; {columns.id}: {columns.grades[0][0]} is best",
    )
    cell = 17
    console.print(Text("    " + "".join(f"{name:>5}".ljust(cell) for name, _ in columns.grades), style=FAINT))
    for down, (row, _) in enumerate(rows.grades):
        line = Text(f"  {row} ", style="bold")
        for across, (column, _) in enumerate(columns.grades):
            count = counts[row + column]
            style = GOOD if down < 2 and across < 2 else FAIR if down < 2 and across < 3 else FAINT
            shown = f"{count:>5} {bar(count, most, cell - 7)}" if count else f"{'·':>5}"
            line.append(shown.ljust(cell), style=style)
        line.rstrip()
        console.print(line)


def _levels(console: Console, found: "Demo") -> None:
    levels = found.playbook.qualifications
    counts = [(one.id, one.title, sum(bool(row[one.id]) for row in found.rows)) for one in levels]
    most = max((count for _, _, count in counts), default=0)
    excluded = sum(row["excluded_by"] is not None for row in found.rows)
    _title(console, "Qualified today", f"{excluded:,} are excluded: customers, students, competitors …")
    for name, title, count in counts:
        line = Text(f"  {name:<5}{title:<22}{count:>5} ")
        line.append(bar(count, most), style=GOOD)
        console.print(line)


def _proof(console: Console, found: "Demo") -> None:
    _title(console, "Do the grades tell the truth?", f"grades of {found.then}, and what became of them")
    most = max((one.share for one in found.groups), default=0.0)
    for number, one in enumerate(found.groups):
        line = Text(f"  {one.title:<31}{one.opportunities:>3} of {one.leads:>5,}  {one.share:>6.1%} ")
        line.append(bar(one.share, most, BAR_WIDTH - 4), style=(GOOD, FAIR, FAINT, FAINT)[number])
        console.print(line)
    all_leads = sum(one.leads for one in found.groups)
    average = sum(one.opportunities for one in found.groups) / all_leads if all_leads else 0.0
    best = found.groups[0].share / average if average else 0.0
    if best > 1:
        console.print(
            Text(f"  became an opportunity: the best {best:.0f} times as often as the average lead.", style="bold")
        )


def _calls(console: Console, found: "Demo") -> None:
    _title(console, f"The {len(found.to_call)} to call first", "qualified, and nobody has closed them yet")
    whys = {criterion.id: criterion.why for criterion in found.playbook.criteria}
    for number, row in enumerate(found.to_call, start=1):
        levels = ", ".join(one.id for one in found.playbook.qualifications if row[one.id])
        line = Text(f" {number:>2}  ")
        line.append(f"{row['grade']}  ", style=f"bold {GOOD}")
        line.append(_clip(_who(found, row), console.width - 24))
        line.append(f"  {levels}", style=GOOD)
        console.print(line)
        said = [f"{whys.get(name, name)} {points}" for name, points in reasons_of(row["reasons"])]
        console.print(Text(f"         {_clip('; '.join(said), console.width - 10)}", style=FAINT))


def _who(found: "Demo", row: "Row") -> str:
    person = found.people[row["lead_id"]]
    name = f"{person['first_name']} {person['last_name']}"
    company = found.companies.get(person["company_id"], "")
    return ", ".join(part for part in (name, person["title"], company) if part)


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _explanation(console: Console, found: "Demo") -> None:
    """Every line of one lead's scores: they add up."""
    explained = found.explained
    if explained is None:
        return
    row = next(row for row in found.rows if row["lead_id"] == explained.lead_id)
    _title(console, f"Why {explained.grade}?", f"{_who(found, row)} ({explained.lead_id})")
    for score in explained.scores:
        if not score.lines and not score.points:
            continue
        title = Text(f"  {plain_points(score.points):>9}  {score.title}", style="bold")
        if score.grade:
            title.append(f": grade {score.grade}")
        console.print(title)
        for line in score.lines:
            shown = Text(f"  {plain_points(line.points):>9}  ", style=GOOD if line.points > 0 else "red")
            shown.append(_clip(line.text, console.width - 16), style="default")
            if beside := _found(line):
                shown.append(_clip(f" · {beside}", max(console.width - len(shown) - 1, 1)), style=FAINT)
            console.print(shown)
    for score in explained.scores:
        for one in score.unknown:
            console.print(Text(_clip(f"             not known: {', '.join(one.missing)}", console.width), style=FAINT))


def _found(line: "Line") -> str:
    """Return what a line rests on, in a few words."""
    counted = [group for group in line.events if group.fate == "counted"]
    if counted:
        times = sum(group.count for group in counted)
        last = say_day(counted[0].day)
        return f"on {last}" if times == 1 else f"{times} times, the last on {last}"
    if line.holds is not None and line.holds.found:
        return line.holds.found
    return line.remark or ""


def _next_steps(console: Console, found: "Demo", folder: str | None) -> None:
    _title(console, "Now you")
    name = folder or "northwind"
    steps: list[tuple[str, str]] = (
        [] if folder else [(f"leadline init {name}", "A playbook to begin with, and data to try it on")]
    )
    steps += [
        (f"leadline words {name}/playbook.toml", "The playbook in plain sentences"),
        ("leadline score playbook.toml --leads leads.csv --events events.csv", "Your own leads"),
    ]
    if folder:
        lead = found.explained.lead_id if found.explained else "L00001"
        inputs = inputs_in(Path(folder) / "data")
        steps.insert(1, (f"leadline explain {name}/playbook.toml {lead} {inputs}", "One lead, with every event"))
    for command, what in steps:
        console.print(Text(f"  {what}:", style=FAINT))
        console.print(Text(f"    {command}", style="bold"), soft_wrap=True)
