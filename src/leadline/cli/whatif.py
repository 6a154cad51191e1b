"""`leadline whatif`: two versions of a playbook over the same data, side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.files import check_target, replacing
from leadline.cli.options import as_known_option, backend_option, input_options, inputs_of, memory_option
from leadline.cli.period import capacity_option, horizon_option, outcomes_to_option, period_of, period_options

if TYPE_CHECKING:
    from leadline.engine.comparison.model import QualificationChange, Way, WhatIf, Workload

HEIGHTS = "▁▂▃▄▅▆▇█"
MOST_WEEKS = 60


@click.command(cls=Command, short_help="Say what another version of a playbook would have done.")
@click.argument("old", metavar="OLD", type=click.Path())
@click.argument("new", metavar="NEW", type=click.Path())
@input_options(need_leads=True)
@period_options
@horizon_option
@outcomes_to_option
@capacity_option
@as_known_option
@option("--out", metavar="FILE", section="Results", help="Write a page with pictures here: .html.")
@backend_option
@option("--events-are-unique", is_flag=True, section="Engine", help="No event_id occurs twice; saves looking for that.")
@memory_option
def whatif(old: str, new: str, **options: Any) -> None:
    """Say what a new version of a playbook would have done otherwise than the old one, over the same data.

    \b
    Examples:
      leadline whatif playbook.toml next.toml --leads leads.csv --events events.csv --outcomes outcomes.csv
      leadline whatif playbook.toml next.toml --leads leads.csv --events events.csv --outcomes outcomes.csv \\
          --from 2025-01-01 --to 2025-12-31 --capacity 120/week --horizon 90d --out whatif.html

    Both versions are replayed from the first day to the last: which leads enter and leave each qualification, sooner, later or
    never; how many hand-offs each week has, and what waits when no more than the capacity is worked; how many of those that are
    added and removed later were accepted, became an opportunity, were won, each given the same time; days gained or lost on the
    winners; and the ten leads that tell most each way, with the reason.

    Outcomes are what really happened, under whatever was practised then: a lead that only the new version lets in was not worked
    as if it had been handed over.
    """
    from leadline.engine.comparison.whatif import whatif as compare_versions
    from leadline.engine.playbook.load import load_playbook

    inputs = inputs_of(options)
    out = options.pop("out")
    check_target(out, option="--out", inputs=[old, new, *inputs.paths().values()])
    before, warnings = load_playbook(old)
    after, more = load_playbook(new)
    with show.progress() as tell:
        tell("Looking at the data", None)
        options |= period_of(options, after, inputs)
        found = compare_versions(before, after, inputs, progress=tell, **options)
    if out is not None:
        write_page(found, out)
    if wants_json():
        show.record(found.to_dict())
        return
    show.problems(dict.fromkeys([*warnings, *more, *found.warnings]))
    for text in found.not_used:
        show.note(text)
    show_whatif(found)
    if out is not None:
        show.note(f"The page with pictures: {out}", fg="green")


def write_page(found: "WhatIf", out: str) -> None:
    """Write the page with pictures."""
    from leadline.report.whatif import whatif_page

    with replacing(out) as partial:
        partial.write_text(whatif_page(found), encoding="utf-8")


# -- on the terminal --------------------------------------------------------------------------------------------------


def show_whatif(found: "WhatIf") -> None:
    """Write the comparison: who enters and leaves, the work, what became of them, and the leads that tell most."""
    from leadline.engine.comparison import words
    from leadline.engine.expressions.words import say_day

    show.line(f"What if: {found.old.file or found.old.name} → {found.new.file or found.new.name}", bold=True)
    period = f"{say_day(found.start)} to {say_day(found.end)}"
    show.paragraph(f"{period}, {words.say_leads(found.leads)}; versions {found.old.version} and {found.new.version}.")
    show_counts(found)
    show_work([("old", found.workload["old"]), ("new", found.workload["new"])])
    moved = [one for one in found.qualifications if one.only_in is None and words.is_moved(one)]
    for one in moved:
        show_change(found, one)
    if moved and found.outcomes:
        show.paragraph(words.CAUTION, dim=True)
    if found.unseen:
        show.paragraph(f"Not followed, since the data has none: {', '.join(found.unseen)}.", dim=True)
    ways: tuple[tuple[Way, str], ...] = (("for", "Let in, or let in sooner"), ("against", "Lost, or let in later"))
    for way, title in ways:
        show_telling(found, way, title)


def show_counts(found: "WhatIf") -> None:
    """Draw who enters and who leaves each qualification."""
    names = ("old", "new", "added", "removed", "earlier", "same day", "later")
    rows = []
    for one in found.qualifications:
        counts = (one.old_leads, one.new_leads, one.added, one.removed, one.earlier, one.same, one.later)
        only = f" (only in the {one.only_in} version)" if one.only_in else ""
        rows.append([one.title + only, *(f"{count:,}" for count in counts)])
    show.line()
    show.table(rows, [("leads in", "left"), *((name, "right") for name in names)])


def show_work(loads: "Sequence[tuple[str, Workload]]") -> None:
    """Draw the hand-offs: in numbers, and week by week as a row of bars on one scale."""
    from leadline.engine.comparison.words import say_handed_over, say_rate

    first = loads[0][1]
    columns = [("hand-offs", "left"), ("in all", "right"), ("a week", "right"), ("fullest week", "right")]
    if first.capacity is not None:
        columns += [(f"weeks over {first.capacity:,}", "right"), ("most waiting", "right"), ("at the end", "right")]
    most = max(load.most for _, load in loads)
    rows = []
    for name, load in loads:
        row = [name, f"{load.total:,}", say_rate(load.a_week), f"{load.most:,}"]
        if load.waiting is not None:
            row += [f"{load.weeks_over:,}", f"{load.most_waiting:,}", f"{load.waiting[-1] if load.waiting else 0:,}"]
        rows.append(row)
    show.line()
    show.table(rows, columns)
    for name, load in loads:
        show.line(f"  {name:<10}{weeks_in_a_row([week.handoffs for week in load.weeks], most)}")
    show.paragraph(f"Beginnings of spells {say_handed_over(loads[-1][1])}, by week.", dim=True)


def weeks_in_a_row(counts: Sequence[int], most: int) -> str:
    """Return weeks as bars on a scale up to *most*; of more than sixty, some together, as high as the highest of them.

    >>> weeks_in_a_row([0, 1, 4, 8], 8)
    ' ▁▄█'
    """
    together = -(-len(counts) // MOST_WEEKS) or 1
    highest = [max(counts[first : first + together]) for first in range(0, len(counts), together)]
    return "".join(HEIGHTS[-(-count * len(HEIGHTS) // most) - 1] if count else " " for count in highest)


def show_change(found: "WhatIf", change: "QualificationChange") -> None:
    """Write what became of those that one version has and the other does not, and of the winners."""
    from leadline.engine.comparison import words

    show.line()
    added, removed = change.of("added"), change.of("removed")
    if found.outcomes:
        within = words.say_days(found.horizon_days)
        show.line(f"What became of them within {within}: {change.title}", bold=True)
        rows = [
            [
                one.outcome,
                words.say_share(added.get(one.outcome).share),
                words.say_share(removed.get(one.outcome).share),
                words.say_difference(one),
            ]
            for one in reversed(change.differences)
        ]
        show.table(rows, [("", "left"), ("of the added", "left"), ("of the removed", "left"), ("difference", "wide")])
        for group in (added, removed):
            if group.leads > group.mature:
                said = words.say_maturity(group, found.horizon_days)
                show.paragraph(f"Of the {group.group} {said}.", dim=True)
    for text in words.say_winners(change):
        show.paragraph(text)


def show_telling(found: "WhatIf", way: "Way", title: str) -> None:
    """Write the leads that tell most, each with the reason."""
    from leadline.engine.comparison import words

    leads = [one for one in found.telling if one.way == way]
    if not leads:
        return
    show.line()
    show.line(f"{title}: the {show.counted(len(leads), 'lead')} that tell most", bold=True)
    for one in leads:
        show.paragraph(f"{one.lead_id}: {words.say_telling(one)}", indent=2)
        why = words.say_why(one)
        if why:
            show.paragraph("; ".join(why) + ".", indent=4, dim=True)
