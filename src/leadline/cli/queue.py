"""`leadline queue`: what waits for sales, the most urgent first."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from leadline.cli import show
from leadline.cli.acting import by_option, get_person
from leadline.cli.app import data_option, setup_app
from leadline.cli.command import Command, option, wants_json
from leadline.cli.options import WholeNumber
from leadline.cli.workspaces import get_workspace, workspace_option

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from leadline.web.accounts.models import Workspace
    from leadline.web.handoff.models import HandOff
    from leadline.web.pages.playbook_words import PlaybookWords

_COLUMNS = (
    ("lead", "right"), ("who", "left"), ("as", "left"), ("grade", "left"), ("answer by", "left"), ("owner", "left"), ("why", "wide"),
)  # fmt: skip
_MINE = (*_COLUMNS[:4], ("is", "left"), *_COLUMNS[4:])
_LONGEST_NAME = 32


@click.command(cls=Command, short_help="What waits for sales, the most urgent first.")
@option(
    "--mine", is_flag=True, section="Which", help="What you have claimed, and what was given to you: it says which."
)
@option("--all", "everything", is_flag=True, section="Which", help="Also what others are working on.")
@option("--late", is_flag=True, section="Which", help="Only what nobody answered in time.")
@option("--limit", metavar="N", type=WholeNumber(1, 10_000), default=50, section="Which",
        help="How many at most.  [default: 50]")  # fmt: skip
@by_option
@workspace_option
@data_option
def queue(
    mine: bool,
    everything: bool,
    late: bool,
    limit: int,
    by: str | None,
    workspace: str | None,
    data: str | None,
) -> None:
    """Show the leads that wait for sales, the most urgent first: who raised a hand, then whose answer is due first.

    \b
    Examples:
      leadline queue
      leadline queue --mine --by ada@example.com
      leadline queue --all --late --json

    Without --mine and --all it shows what nobody works on yet. Times are in the workspace's time zone. The first column is the id
    by which `leadline claim`, `call`, `accept` and so on know the lead; its e-mail address does as well.
    """
    setup_app(data)
    from django.utils import timezone

    from leadline.web.handoff.urgency import with_urgency
    from leadline.web.pages.playbook_words import words_of
    from leadline.web.playbooks.queries import find_live

    into, now = get_workspace(workspace), timezone.now()
    named = get_person(into, by) if mine or by else None  # who is nobody is told so, also where it changes nothing
    person = named.user_id if named is not None and mine else None
    rows = with_urgency(_wanted(into, person, everything=everything, late_only=late, now=now), now)
    count, shown = rows.count(), list(rows[:limit])
    version = find_live(into)
    words = words_of(version) if version else None
    if wants_json():
        show.record({"count": count, "handoffs": [record_of(one, words, now) for one in shown]})
        return
    if not shown:
        show.line(_say_empty(mine=mine, late=late))
        return
    zone = ZoneInfo(into.timezone)
    cells = [_cells(one, words, now, zone) for one in shown]
    if mine:
        states = ["claimed" if one.state == one.State.CLAIMED else "given to you" for one in shown]
        show.table([(*each[:4], state, *each[4:]) for each, state in zip(cells, states, strict=True)], _MINE)
    else:
        show.table(cells, _COLUMNS)
    if count > len(shown):
        show.note(f"{show.counted(count - len(shown), 'more', 'more')}: --limit shows them.")


def _wanted(
    workspace: "Workspace", person: int | None, *, everything: bool, late_only: bool, now: datetime
) -> "QuerySet[HandOff]":
    from leadline.web.api.handoff_shapes import LOADED
    from leadline.web.handoff.models import HandOff
    from leadline.web.handoff.urgency import late

    rows = HandOff.objects.filter(workspace=workspace, state__in=HandOff.OPEN).select_related(*LOADED)
    if person is not None:
        rows = rows.filter(owner=person)
    elif not everything:
        rows = rows.filter(state=HandOff.State.WAITING)
    return rows.filter(late(now)) if late_only else rows


def record_of(handoff: "HandOff", words: "PlaybookWords | None", now: datetime) -> dict[str, Any]:
    """Return a hand-off as the API answers it."""
    from leadline.web.api.handoff_shapes import HandOffOut, handoff_of

    return HandOffOut.model_validate(handoff_of(handoff, words, now)).model_dump(mode="json")


def _say_empty(*, mine: bool, late: bool) -> str:
    if late:
        return "Nothing is late."
    return "You have nothing open." if mine else "Nothing waits for sales."


def _cells(handoff: "HandOff", words: "PlaybookWords | None", now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    from leadline.web.api.handoff_shapes import why_of

    name = _in_one_line(str(handoff.lead))
    return (
        str(handoff.lead_id),
        name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…",
        handoff.qualification,
        handoff.grade,
        say_due(handoff, now, zone),
        _in_one_line(str(handoff.owner or "")) or (handoff.team.name if handoff.team else ""),
        _in_one_line(why_of(handoff, words)),
    )


def _in_one_line(text: str) -> str:
    """Return a text without what would move a terminal's cursor or colour it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def say_due(handoff: "HandOff", now: datetime, zone: ZoneInfo) -> str:
    """Return when a hand-off has to be answered, or how late it is; of one that somebody has, that they have it."""
    if handoff.snoozed_until is not None and handoff.snoozed_until > now:
        return f"put off until {say_moment(handoff.snoozed_until, now, zone)}"
    if handoff.state != handoff.State.WAITING:
        return "claimed, late" if handoff.breached_at else "claimed"
    if handoff.respond_by is None:
        return ""
    if handoff.respond_by <= now:
        return f"{_say_length(now - handoff.respond_by)} late"
    return f"{say_moment(handoff.respond_by, now, zone)}, in {_say_length(handoff.respond_by - now)}"


def say_moment(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a moment in a zone: the weekday and the time, and the date where it is a week away or more."""
    local = moment.astimezone(zone)
    return f"{local:%a %H:%M}" if abs(moment - now) < timedelta(days=6) else f"{local:%Y-%m-%d %H:%M}"


def _say_length(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
