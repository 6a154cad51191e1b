"""When open qualifications cool, by the naive history of a log in which nothing more happens."""

from dataclasses import replace

from leadline.engine.calendar import AsOf, get_zone
from leadline.engine.lifecycle.history import begins_us, history, when
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.reference.log import LeadLog

Cooling = tuple[str, int, int | None]
"""A qualification, when its open spell began, and the day on which it has cooled; None: not so soon, or never."""


def coolings_of(
    bound: BoundPlaybook, log: LeadLog, moment: AsOf, *, ahead_days: int, as_known: bool = False
) -> list[Cooling]:
    """Return the spells that are open at a moment, with the day on which each cools, if that is one of the next *ahead_days*."""
    begins = begins_us(log, as_known=as_known)
    if begins is not None and begins > moment.until_us:
        return []  # nobody had heard of it
    quiet = without_future(log, moment.until_us, as_known=as_known)
    now = [one for one in history(bound, quiet, moment, as_known=as_known).spells if one.is_open]
    if not now:
        return []
    last = get_zone(bound.playbook.timezone).end_of_day(moment.day + ahead_days)
    later = history(bound, quiet, last, as_known=as_known).spells
    ended = {(one.qualification, one.number): one.ended_day for one in later}
    return [(one.qualification, one.began_us, ended[one.qualification, one.number]) for one in now]


def without_future(log: LeadLog, until_us: int, *, as_known: bool) -> LeadLog:
    """Return a log in which nothing more happens."""
    return replace(
        log,
        events=tuple(one for one in log.events if when(one, as_known=as_known) <= until_us),
        facts=tuple(one for one in log.facts if when(one, as_known=as_known) <= until_us),
        company_facts=tuple(one for one in log.company_facts if when(one, as_known=as_known) <= until_us),
        outcomes=tuple(one for one in log.outcomes if when(one, as_known=as_known) <= until_us),
    )
