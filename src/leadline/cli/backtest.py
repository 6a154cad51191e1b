"""`leadline backtest`: a playbook against what became of the leads, and what another threshold would do."""

from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.files import check_target, replacing
from leadline.cli.options import (
    as_known_option,
    backend_option,
    input_options,
    inputs_of,
    memory_option,
    playbook_argument,
)
from leadline.cli.period import capacity_option, horizon_option, outcomes_to_option, period_of, period_options
from leadline.cli.whatif import show_work

if TYPE_CHECKING:
    from leadline.engine.backtest.model import BackTest, Part


@click.command(
    cls=Command, short_help="Say how well a qualification finds those that buy, and what a threshold would do."
)
@playbook_argument
@input_options(need_leads=True)
@option("--outcome", metavar="NAME", default="won", show_default=True, help="What is hoped for, as it is reported.")
@option("--qualification", metavar="ID", help="Which one to test.  [default: the first that is handed over]")
@option("--score", metavar="ID", help="Whose threshold to move.  [default: the first that is held against a number]")
@period_options
@horizon_option
@outcomes_to_option
@capacity_option
@as_known_option
@option("--out", metavar="FILE", section="Results", help="Write a page with pictures here: .html.")
@backend_option
@option("--events-are-unique", is_flag=True, section="Engine", help="No event_id occurs twice; saves looking for that.")
@memory_option
def backtest(playbook: str, **options: Any) -> None:
    """Test a qualification against what became of the leads, and try other thresholds.

    \b
    Examples:
      leadline backtest playbook.toml --leads leads.csv --events events.csv --outcomes outcomes.csv
      leadline backtest playbook.toml --leads leads.csv --events events.csv --outcomes outcomes.csv \\
          --outcome opportunity --horizon 60d --capacity 120/week --out backtest.html

    Told are: of those that entered, how many reached the outcome within the horizon; of those that reached it, how many had been in
    before, and how long; lift and gain by score and by grade; the hand-offs of each week; and the same for thresholds five points
    apart, each of them replayed: precision, reach and work, and which one fills the capacity.

    Scores are looked at on days that lie a horizon apart, with what was known then, and only where the horizon is over: so nobody is
    judged by what came later, no outcome counts twice, and all have had the same time.
    """
    from leadline.engine.backtest.backtest import backtest as test_playbook
    from leadline.engine.playbook.load import load_playbook

    inputs = inputs_of(options)
    out = options.pop("out")
    check_target(out, option="--out", inputs=[playbook, *inputs.paths().values()])
    loaded, warnings = load_playbook(playbook)
    with show.progress() as tell:
        tell("Looking at the data", None)
        options |= period_of(options, loaded, inputs)
        found = test_playbook(loaded, inputs, progress=tell, **options)
    if out is not None:
        write_page(found, out)
    if wants_json():
        show.record(found.to_dict())
        return
    show.problems(dict.fromkeys([*warnings, *found.warnings]))
    for text in found.not_used:
        show.note(text)
    show_backtest(found)
    if out is not None:
        show.note(f"The page with pictures: {out}", fg="green")


def write_page(found: "BackTest", out: str) -> None:
    """Write the page with pictures."""
    from leadline.report.backtest import backtest_page

    with replacing(out) as partial:
        partial.write_text(backtest_page(found), encoding="utf-8")


# -- on the terminal --------------------------------------------------------------------------------------------------


def show_backtest(found: "BackTest") -> None:
    """Write the back-test: who entered, scores and grades, the work, and other thresholds."""
    from leadline.engine.backtest import words
    from leadline.engine.comparison.words import say_leads
    from leadline.engine.expressions.words import say_day

    show.line(f"Does {found.title} find those that reach '{found.outcome}'?", bold=True)
    period = f"{say_day(found.start)} to {say_day(found.end)}"
    show.paragraph(
        f"{found.playbook.file or found.playbook.name} ({found.playbook.version}), {period}, {say_leads(found.leads)}."
    )
    show.line()
    show.paragraph(words.say_precision(found))
    show.paragraph(words.say_reach(found))
    show_scores(found)
    show_work([(found.qualification, found.workload)])
    show_thresholds(found)
    show.paragraph(words.CAUTION, dim=True)


def show_scores(found: "BackTest") -> None:
    """Draw lift and gain, by score and by grade."""
    from leadline.engine.backtest import words

    show.line()
    show.line("Scores and grades", bold=True)
    show.paragraph(words.say_observed(found))
    for text in words.say_left_out(found):
        show.paragraph(text, dim=True)
    heads = [("reached it", "left"), ("lift", "left"), ("of all that did", "right")]
    for one in found.scores:
        if one.bands:
            show.line()
            show.table(
                [[words.say_band(band), *_cells(band.part)] for band in one.bands], [(one.id, "left"), *heads]
            )  # fmt: skip
        if one.auc is not None:
            show.paragraph(words.say_score(one), dim=True)
    if found.observations.n:
        has_grades = any(row.grade is not None for row in found.grades)
        rows = [[row.grade or "none", *_cells(row.part)] for row in found.grades if has_grades]
        show.line()
        show.table(
            [*rows, ["enter is true", *_cells(found.enter)]], [("grade" if has_grades else "", "left"), *heads]
        )  # fmt: skip


def _cells(part: "Part") -> list[str]:
    from leadline.engine.backtest.words import say_lift
    from leadline.engine.comparison.words import say_percent, say_share

    return [say_share(part.reached), say_lift(part), say_percent(part.gain.ratio)]


def show_thresholds(found: "BackTest") -> None:
    """Draw what other thresholds would have done, and say what moving by five points would."""
    from leadline.engine.arithmetic import plain_points
    from leadline.engine.backtest import words
    from leadline.engine.comparison.words import say_percent, say_rate

    show.line()
    show.line("Other thresholds", bold=True)
    columns = [(f"{found.score} from", "right"), ("leads", "right"), ("added", "right"), ("removed", "right")]
    columns += [("a week", "right"), ("precision", "right"), ("reach", "right"), ("", "left")]
    if found.fill is not None:
        columns.insert(5, ("weeks over", "right"))
    rows = [
        [
            plain_points(row.threshold),
            f"{row.leads:,}",
            f"{row.added:,}",
            f"{row.removed:,}",
            say_rate(row.a_week),
            *([] if row.weeks_over is None else [f"{row.weeks_over:,}"]),
            *(f"{say_percent(one.ratio)} of {one.n:,}" for one in (row.precision, row.reach)),
            "← now" if row.is_present else "",
        ]
        for row in found.thresholds
    ]
    if rows:
        show.table(rows, columns)
    for text in words.say_moves(found):
        show.paragraph(text)
