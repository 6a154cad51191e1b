"""Link scanners in mails: they show only in several clicks together, by how many different links, how fast, how soon.

What a mail's links are nobody tells us, so "all links were followed" cannot be asked. What can be is whether more were followed than a
person follows in that time. One click within moments of delivery marks nothing, and an open beside a click neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A click on a link of a mail.

    mail: by which the provider knows the mail. link: what was clicked, without what differs from click to click.
    """

    event_id: int
    mail: str
    link: str
    at: datetime


LINKS_AFTER_DELIVERY = 3
WITHIN_AFTER_DELIVERY = timedelta(seconds=10)
SOON = timedelta(seconds=60)
LINKS_ALONE = 5
WITHIN_ALONE = timedelta(seconds=5)


def find_scanned(clicks: Iterable[Click], delivered: dict[str, datetime]) -> set[int]:
    """Return the events among one person's clicks that a scanner made.

    Args:
        clicks: of one lead, in any order.
        delivered: when each mail was delivered, where that is known.
    """
    of_mail: dict[str, list[Click]] = {}
    for click in sorted(clicks, key=lambda one: (one.at, one.event_id)):
        of_mail.setdefault(click.mail, []).append(click)
    found: set[int] = set()
    for mail, some in of_mail.items():
        found |= _within(some, WITHIN_ALONE, LINKS_ALONE)
        if (at := delivered.get(mail)) is not None:
            soon = [one for one in some if at - SOON <= one.at <= at + SOON]  # clocks of providers are not one clock
            found |= _within(soon, WITHIN_AFTER_DELIVERY, LINKS_AFTER_DELIVERY)
    return found


def _within(clicks: Sequence[Click], time: timedelta, links: int) -> set[int]:
    """Return the clicks that stand in some stretch of *time* with at least so many different links."""
    found: set[int] = set()
    for start, first in enumerate(clicks):
        together = [one for one in clicks[start:] if one.at - first.at <= time]
        if len({one.link for one in together}) >= links:
            found |= {one.event_id for one in together}
    return found
