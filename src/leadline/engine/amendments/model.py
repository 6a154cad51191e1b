"""The amendments that there are, as values. What they do is in apply.py, how they go together in fold.py.

Ids are text as written. A list of amendments is read from its beginning, and only grows: what was said is undone by saying
something else.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two leads are one person: all that is of *lead* is of *into*, which survives.

    Merges go on from one to the next: when ``a`` is merged into ``b`` and ``b`` into ``c``, all is of ``c``. Who is merged a
    second time, into somebody else, goes there: the last word counts.
    """

    lead: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerge:
    """They were two people after all: *lead* is itself again, with all that its rows say, also what has come since."""

    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotRule:
    """Which events bots made.

    id:     by which the rule is replaced or withdrawn.
    events: the names of the events that it is about; none: all.
    when:   a condition about the event's properties, as in a playbook; None: all those events.
    """

    id: str
    events: tuple[str, ...] = ()
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkBot:
    """Bots made these events: those with one of *event_ids*, or those that *rule* is about, also if they are yet to come."""

    event_ids: tuple[str, ...] = ()
    rule: BotRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoBot:
    """A person made these events, whatever a rule or their rows say: somebody has looked at them."""

    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmarkBot:
    """Takes back what was said of these events, by `MarkBot` or `MarkNoBot`; or withdraws the rule *rule_id*."""

    event_ids: tuple[str, ...] = ()
    rule_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepointEvents:
    """These events are of the lead *into*, whatever their rows say; None: of whom their rows say, as before."""

    event_ids: tuple[str, ...]
    into: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Nothing of this person remains, in no table, whatever is said or arrives later. It cannot be undone.

    The person is *lead* with all who are one with it at that time: whom it was merged into, and who were merged into those.
    """

    lead: str


Amendment = Merge | Unmerge | MarkBot | MarkNoBot | UnmarkBot | RepointEvents | Erase
