"""What all commands have in common: grouped help, ``--json``, ``--debug``, and what becomes of errors.

A mistake in a file never ends in a stack trace: it is told with its place, and the exit code says what happened. Exit codes
and where things are printed are held by tests/cli/test_errors.py.
"""

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import click

from leadline.cli import show
from leadline.engine.problems import ProblemsError

FINE, FOUND, UNUSABLE, BUG, STOPPED = 0, 1, 2, 3, 130
EXIT_CODES = {
    FINE: "fine",
    FOUND: "problems were found (check, test)",
    UNUSABLE: "the command or an input cannot be used; nothing was written",
    BUG: "a mistake in Leadline itself",
    STOPPED: "stopped with Ctrl-C; nothing was written",
}
WIDTH = 100
EVERYWHERE = "Everywhere"

F = TypeVar("F", bound=Callable[..., Any])


class Option(click.Option):
    """An option that stands under a heading in the help."""

    def __init__(self, *names: Any, section: str = "Options", **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.section = section


def option(*names: str, section: str = "Options", **settings: Any) -> Callable[[F], F]:
    """Add an option under a heading of the help."""
    return click.option(*names, cls=Option, section=section, **settings)


class Command(click.Command):
    """A command whose help has headings, and which tells problems instead of failing."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += [
            Option(
                ["--json", "as_json"], is_flag=True, expose_value=False, section=EVERYWHERE, help="Results as JSON."
            ),
            Option(
                ["--debug"], is_flag=True, expose_value=False, section=EVERYWHERE, help="Show where an error arose."
            ),
        ]

    def make_context(self, info_name: str | None, args: list[str], *others: Any, **settings: Any) -> click.Context:
        """Note ``--json`` and ``--debug`` before anything can go wrong, wherever they stand."""
        before = args[: args.index("--")] if "--" in args else args
        flags = {"json": "--json" in before, "debug": "--debug" in before}
        context = super().make_context(info_name, args, *others, **settings)
        context.meta.update({f"leadline.{name}": value for name, value in flags.items()})
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; see `telling_problems`."""
        with telling_problems(ctx):
            return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings, in the order in which the headings first occur."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                sections.setdefault(getattr(parameter, "section", EVERYWHERE), []).append(record)
        for title, records in sorted(sections.items(), key=lambda section: section[0] == EVERYWHERE):
            with formatter.section(title):
                formatter.write_dl(records, col_max=26)


def wants_json() -> bool:
    """Return whether the running command was asked for JSON."""
    return bool(click.get_current_context().meta.get("leadline.json"))


def _was_interrupted(error: Exception) -> bool:
    """Return whether Ctrl-C came while DuckDB was at work, which says so in a way of its own."""
    return type(error).__name__ == "InterruptException" or (
        isinstance(error, RuntimeError) and str(error) == "Query interrupted"
    )


@contextmanager
def telling_problems(context: click.Context) -> Iterator[None]:
    """Turn what can go wrong into a message and an exit code."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except ProblemsError as error:
        _trace(context)
        show.problems(error.problems, as_json=bool(context.meta.get("leadline.json")))
        context.exit(UNUSABLE)
    except KeyboardInterrupt:
        _stop(context, "Stopped. Nothing was written.", STOPPED)
    except BrokenPipeError:
        show.forget_stdout()  # whoever read our output has seen enough
        context.exit(FINE)
    except MemoryError:
        _trace(context)
        _stop(context, "There is not enough memory for this.", UNUSABLE)
    except Exception as error:  # noqa: BLE001 - the one place where everything unforeseen arrives
        if _was_interrupted(error):
            _stop(context, "Stopped. Nothing was written.", STOPPED)
        _trace(context)
        if type(error).__name__ == "OutOfMemoryException":
            _stop(
                context, "The database ran out of memory: allow it more with --memory, such as --memory 4GB.", UNUSABLE
            )
        if isinstance(error, OSError):
            where = f"{error.filename}: " if error.filename else ""
            _stop(context, f"{where}{error.strerror or error}.", UNUSABLE)
        first_line = (str(error).splitlines() or [""])[0]
        again = (
            "" if context.meta.get("leadline.debug") else " Run the command again with --debug to see where it arose."
        )
        _stop(
            context,
            f"Leadline made a mistake: {type(error).__name__}: {first_line}\n"
            f"This is not your fault.{again} Please report it with that text, and without your leads.",
            BUG,
        )


def _trace(context: click.Context) -> None:
    if context.meta.get("leadline.debug"):
        traceback.print_exc(file=sys.stderr)


def _stop(context: click.Context, message: str, code: int) -> NoReturn:
    show.error(message)
    context.exit(code)
