"""What is printed, and where: results to stdout, problems and progress to stderr.

Colour only on a terminal, and not with NO_COLOR. rich is imported where a table or progress is drawn, not before.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

import click

from leadline.engine.problems import Problem

if TYPE_CHECKING:
    from rich.console import Console

Tell = Callable[[str, float | None], None]


def has_colour(stream: IO[Any]) -> bool:
    """Return whether colour may be written to a stream."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def line(text: str = "", **style: Any) -> None:
    """Write a line of a result."""
    click.echo(click.style(text, **style) if style and has_colour(sys.stdout) else text)


def note(text: str, **style: Any) -> None:
    """Write a line beside the results, to stderr."""
    click.echo(click.style(text, **style) if style and has_colour(sys.stderr) else text, err=True)


def error(message: str) -> None:
    """Say why a command stops."""
    label = click.style("Error:", fg="red", bold=True) if has_colour(sys.stderr) else "Error:"
    click.echo(f"{label} {message}", err=True)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "problem"), counted(2000, "lead"), counted(0, "company", "companies")
    ('1 problem', '2,000 leads', '0 companies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# -- problems -----------------------------------------------------------------------------------------------


def problems(found: Iterable[Problem], *, as_json: bool = False, to_stdout: bool = False) -> None:
    """Write problems, one a line: those that stop first, then warnings, each as they stand in the file."""
    ordered = sorted(found, key=lambda one: one.severity != "error")
    stream = sys.stdout if to_stdout else sys.stderr
    if as_json:
        click.echo(to_json({"problems": [problem_record(one) for one in ordered]}), err=not to_stdout)
        return
    for one in ordered:
        click.echo(_coloured(one) if has_colour(stream) else str(one), err=not to_stdout)


def problem_record(problem: Problem) -> dict[str, Any]:
    """Return a problem as values that JSON knows."""
    names = ("code", "severity", "message", "where", "file", "line")
    return {name: getattr(problem, name) for name in names}


def _coloured(problem: Problem) -> str:
    place = problem.file + (f":{problem.line}" if problem.line is not None else "")
    is_error = problem.severity == "error"
    parts = [
        click.style(place, bold=True) if place else "",
        click.style(problem.code if is_error else f"{problem.code} (warning)", fg="red" if is_error else "yellow"),
        (click.style(f"{problem.where}: ", dim=True) if problem.where else "") + problem.message,
    ]
    return "  ".join(part for part in parts if part)


# -- results ------------------------------------------------------------------------------------------------


def to_json(value: Any) -> str:
    """Return a value as JSON; points are numbers.

    >>> to_json({"fit": Decimal("12.5000"), "mql": True})
    '{"fit": 12.5, "mql": true}'
    """
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


def record(value: Any) -> None:
    """Write the result of a command as JSON."""
    click.echo(to_json(value))


def console(*, is_error: bool = False) -> "Console":
    """Return the terminal for tables; without a terminal it writes plain text, 100 signs wide."""
    from rich.console import Console

    stream = sys.stderr if is_error else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 100
    return Console(
        file=stream, width=width, no_color=not has_colour(stream), highlight=False, emoji=False, soft_wrap=False
    )


def shown_cell(value: Any) -> str:
    """Return a value as a table shows it: points with one place, truths as a mark.

    >>> shown_cell(Decimal("12.3456")), shown_cell(True), shown_cell(None)
    ('12.3', '✓', '')
    """
    match value:
        case None | False:
            return ""
        case True:
            return "✓"
        case Decimal():
            return f"{value:.1f}"
        case _:
            return str(value)


def table(rows: Sequence[Sequence[str]], columns: Sequence[tuple[str, str]]) -> None:
    """Write a table. *columns* are titles, each with how it is set: right, left, or ``wide``, which gets what is left."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    terminal = console()
    widths = [
        max(cell_len(cell) for cell in cells) for cells in zip([title for title, _ in columns], *rows, strict=True)
    ]
    fixed = sum(width + 2 for width, (_, how) in zip(widths, columns, strict=True) if how != "wide")
    room = terminal.width - fixed

    def line(cells: Sequence[str]) -> str:
        shown = []
        for cell, width, (_, how) in zip(cells, widths, columns, strict=True):
            if how == "wide":
                shown.append(cell if cell_len(cell) <= room else set_cell_size(cell, max(room - 1, 0)).rstrip() + "…")
            else:
                space = " " * (width - cell_len(cell))
                shown.append(space + cell if how == "right" else cell + space)
        return "  ".join(shown).rstrip()

    terminal.print(Text(line([title for title, _ in columns]), style="bold"), no_wrap=True, crop=True)
    for row in rows:
        terminal.print(Text(line(row)), no_wrap=True, crop=True)


def paragraph(text: str, *, indent: int = 0, **style: Any) -> None:
    """Write a text in lines as wide as the terminal, at most 120 signs."""
    import textwrap

    width = min(console().width, 120)
    begin = " " * indent
    whole = text.replace(" %", "\u00a0%")  # a number and its sign stay together
    for part in textwrap.wrap(whole, width, initial_indent=begin, subsequent_indent=begin):
        line(part.replace("\u00a0", " "), **style)


# -- progress -----------------------------------------------------------------------------------------------


@contextmanager
def progress() -> Iterator[Tell]:
    """Show on stderr what is being done and for how long; nothing where stderr is no terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _what, _share: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console(is_error=True), transient=True) as drawn:
        task = drawn.add_task("Starting", total=None)

        def tell(what: str, _share: float | None) -> None:
            drawn.update(task, description=what)

        yield tell


def forget_stdout() -> None:
    """Let what is still to be written to a closed pipe go nowhere, also when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
