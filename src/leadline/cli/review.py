"""`leadline review`: which criteria of a playbook earn their place, by what became of the leads."""

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
    today_in,
)
from leadline.cli.period import PERIOD, horizon_option, outcomes_to_option, period_options

if TYPE_CHECKING:
    from leadline.engine.review.model import Review


@click.command(cls=Command, short_help="Say which criteria earn their place, by what became of the leads.")
@playbook_argument
@input_options(need_leads=True)
@option("--outcome", metavar="NAME", default="won", show_default=True, help="What is hoped for, as it is reported.")
@period_options
@horizon_option
@outcomes_to_option
@option(
    "--every",
    type=click.Choice(["day", "week", "month"]),
    default="month",
    show_default=True,
    section=PERIOD,
    help="How often leads are looked at.",
)
@option("--once", is_flag=True, section=PERIOD, help="Look at every lead once, at --to; for data without times.")
@as_known_option
@option("--no-half-lives", is_flag=True, help="Do not try other half-lives, which takes a replay each.")
@option("--out", metavar="FILE", section="Results", help="Write a page with pictures here: .html.")
@backend_option
@option("--events-are-unique", is_flag=True, section="Engine", help="No event_id occurs twice; saves looking for that.")
@memory_option
def review(playbook: str, **options: Any) -> None:
    """Review the criteria of a playbook by what became of the leads.

    \b
    Examples:
      leadline review playbook.toml --leads leads.csv --events events.csv --outcomes outcomes.csv
      leadline review playbook.toml --leads leads.csv --events events.csv --outcomes outcomes.csv \\
          --outcome opportunity --horizon 60d --from 2025-01-01 --to 2025-12-31 --out review.html

    At the end of each month every open lead is looked at as it was known then: which criteria fired, and whether the outcome came
    within the horizon. Moments whose horizon is not over are left out, never counted as failures. Each criterion gets a verdict with
    its reason: dead, always on, harmful, redundant, too heavy, too light, fine, unproven, or not enough data. Also told: drift over
    the quarters, what had brought leads that sales gave back, which half-life ranks best, and fields that are filled in only once
    somebody buys.

    A review speaks of these leads and no others. Points that were chosen from the same leads look better in it than they are.
    """
    from leadline.engine.playbook.load import load_playbook
    from leadline.engine.review.run import review as review_playbook

    inputs = inputs_of(options)
    out = options.pop("out")
    check_target(out, option="--out", inputs=[playbook, *inputs.paths().values()])
    loaded, warnings = load_playbook(playbook)
    end = options.pop("end")
    moment = end or today_in(loaded)
    with show.progress() as tell:
        found = review_playbook(
            loaded,
            inputs,
            end=moment,
            once=options.pop("once") or None,
            half_lives=not options.pop("no_half_lives"),
            progress=tell,
            **options,
        )
    if out is not None:
        write_page(found, out)
    if wants_json():
        show.record(found.to_dict())
        return
    show.problems(warnings)
    show_review(found)
    if out is not None:
        show.note(f"The page with pictures: {out}", fg="green")


def write_page(found: "Review", out: str) -> None:
    """Write the page with pictures."""
    from leadline.report.review import review_page

    with replacing(out) as partial:
        partial.write_text(review_page(found), encoding="utf-8")


# -- on the terminal --------------------------------------------------------------------------------------------------

COLOURS = {
    "harmful": "red",
    "dead": "red",
    "fine": "green",
    "unproven": "bright_black",
    "not enough data": "bright_black",
}


def show_review(found: "Review") -> None:
    """Write the review: the whole in a few lines, a table of criteria, and what is to be said of each."""
    from leadline.engine.review.words import say_fields, say_given_back, say_left_out, say_observed

    show.line(f"{found.playbook}: does each criterion lead to '{found.outcome}'?", bold=True)
    show.paragraph(say_observed(found))
    for text in say_left_out(found):
        show.paragraph(f"Left out: {text}", dim=True)
    for text in found.notes:
        show.paragraph(text, dim=True)
    show_table(found)
    show_verdicts(found)
    show_part("What had brought leads that were given back", say_given_back(found))
    show_half_lives(found)
    show_part("Fields: how often they are known of those who reached the outcome", say_fields(found))


def show_table(found: "Review") -> None:
    """Draw one line for each side of a criterion."""
    from leadline.engine.arithmetic import short_points
    from leadline.engine.review.words import say_interval, say_share

    columns = [
        ("criterion", "left"),
        ("points", "right"),
        ("fires", "right"),
        ("of points", "right"),
        ("cut", "right"),
        ("lift", "right"),
        ("given the others", "right"),
        ("verdict", "wide"),
    ]
    rows = []
    for one in found.criteria:
        share, cut = say_share(one.share_of_all), say_share(max(one.maximum_cuts, one.minimum_cuts))
        if not one.sides:
            rows.append([one.id, "", "0 %", share, "", "", "", one.verdict])
        for number, side in enumerate(one.sides):
            first = number == 0
            rows.append(
                [
                    one.id if first else "",
                    short_points(side.usual_points),
                    say_share(side.fires),
                    share if first else "",
                    cut if first and cut != "0 %" else "",
                    say_interval(side.lift),
                    say_interval(side.odds_given_others),
                    one.verdict if first else "",
                ]
            )
    show.line()
    show.table(rows, columns)
    show.paragraph(
        "points: the mean where it fires · fires: of the observations · of points: its part of all absolute points · cut: how often its "
        "maximum or minimum takes something · lift: share with the outcome where it fires, divided by the share where it does not though "
        "it is known, and its interval of 95 % · given the others: times the odds, all other criteria being equal",
        dim=True,
    )


def show_verdicts(found: "Review") -> None:
    """Write why each criterion got its verdict, those to be looked at first; what is said of several is said once."""
    from leadline.engine.review.words import in_order_of_need

    said: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in in_order_of_need(found.criteria):
        said.setdefault((one.verdict, (one.reason, *one.cautions)), []).append(one.id)
    show.line()
    show.line("Verdicts", bold=True)
    for (verdict, texts), names in said.items():
        show.paragraph(f"{', '.join(names)}: {verdict}", indent=2, fg=COLOURS.get(verdict, "yellow"))
        for text in texts:
            show.paragraph(text, indent=4)


def show_half_lives(found: "Review") -> None:
    """Write which half-life ranks best."""
    if not found.half_lives:
        return
    show.line()
    show.line("Half-lives", bold=True)
    show.line("  How often a lead that converts has more points than one that does not; 0.5 is chance.", dim=True)
    from leadline.engine.review.words import say_days

    columns = [("", "left"), ("written", "right")]
    columns += [(say_days(trial.days), "right") for trial in found.half_lives[0].trials]
    rows = []
    for one in found.half_lives:
        cells = [f"{trial.area.value:.3f}{'*' if trial.days == one.best else ''}" for trial in one.trials]
        rows.append(
            [f"{one.id}{' (score)' if one.subject == 'score' else ''}", f"{one.area_as_written.value:.3f}", *cells]
        )
    show.table(rows, columns)
    for one in found.half_lives:
        show.paragraph(f"{one.id}: {one.sentence}", indent=2)


def show_part(title: str, texts: list[str]) -> None:
    """Write a heading and what is said below it; nothing where nothing is said."""
    if texts:
        show.line()
        show.line(title, bold=True)
    for text in texts:
        show.paragraph(text, indent=2)
