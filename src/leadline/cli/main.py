"""The command `leadline`: its commands, in the order in which one meets them, and what its help says."""

from typing import Any

import click

from leadline import __version__
from leadline.cli.backtest import backtest
from leadline.cli.backup import backup, restore
from leadline.cli.cases import test
from leadline.cli.check import check
from leadline.cli.command import EXIT_CODES, WIDTH
from leadline.cli.compile import compile_
from leadline.cli.demo import demo
from leadline.cli.doctor import doctor
from leadline.cli.explain import explain
from leadline.cli.handoffs import COMMANDS as HANDOFFS
from leadline.cli.import_file import import_file
from leadline.cli.init import init
from leadline.cli.publish import publish
from leadline.cli.pull import pull
from leadline.cli.queue import queue
from leadline.cli.replay import replay
from leadline.cli.review import review
from leadline.cli.rollup import rollup
from leadline.cli.score import score
from leadline.cli.up import up
from leadline.cli.user import user
from leadline.cli.verify import verify
from leadline.cli.whatif import whatif
from leadline.cli.words import words
from leadline.cli.worker import worker

CHAPTERS: dict[str, tuple[click.Command, ...]] = {
    "Begin": (demo, init),
    "Write a playbook": (check, words, test),
    "Score leads": (score, explain),
    "Look through time": (replay, whatif, backtest, review),
    "Large data": (rollup, compile_),
    "Work on leads": (queue, *HANDOFFS),
    "Run the app": (up, worker, user, publish, import_file, pull, verify, doctor, backup, restore),
}


class _Chapters(click.Group):
    """A group whose help shows the commands under headings, in the order of a working day."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in CHAPTERS.items():
            with formatter.section(title):
                formatter.write_dl([(str(one.name), one.get_short_help_str(80)) for one in commands], col_max=12)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()], col_max=12)
        formatter.write_paragraph()
        formatter.write_text(
            "Results go to stdout, problems and progress to stderr. Every command takes --json. "
            "`leadline COMMAND --help` shows examples."
        )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of a name that is none, say the nearest."""
        from leadline.engine.problems import suggest

        if args and not args[0].startswith("-") and args[0] not in self.commands:
            ctx.fail(f"There is no command '{args[0]}'.{suggest(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Chapters,
    commands={str(one.name): one for commands in CHAPTERS.values() for one in commands},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
    subcommand_metavar="COMMAND …",
    options_metavar="",
)
@click.version_option(__version__, message="leadline %(version)s")
def main(**_settings: Any) -> None:
    """Says which of your leads are ready, and why.

    A playbook, one text file, says who is a good customer, what interest looks like and what you call qualified. Leadline
    reads it together with your leads and what they did, and gives every lead its scores, a grade such as A2, its answers to
    BANT and its qualifications, each with reasons.

    \b
    See it work:          leadline demo
    Start from a good one: leadline init northwind
    Your own leads:       leadline score playbook.toml --leads leads.csv --events events.csv
    """
