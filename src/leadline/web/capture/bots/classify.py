"""Which rule says that a bot made an event: the built-in ones, then the workspace's own.

A workspace's rule is a condition of the playbook's language about the event's properties; `engine/amendments/bots.py` gives it its
meaning. A property that the event has not makes it unknown, and what is unknown marks nothing. How a property is read follows from how the
condition uses it, and never from what other events hold, so that one event cannot change what a rule says of another.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadline.engine.amendments.bots import BoundRule, bind_rules
from leadline.engine.amendments.model import BotRule as EngineRule
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.reference.cells import Cell
from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.bots.built_in import find_built_in
from leadline.web.capture.bots.seen import Seen, seen_in
from leadline.web.capture.models import BotRule
from leadline.web.leads.messages import Message

logger = logging.getLogger(__name__)

IN_FORCE = (BotRule.State.APPLYING, BotRule.State.ACTIVE)
MOST_CONDITION = 2_000


@dataclass(frozen=True, slots=True)
class Classifier:
    """All rules that are in force, ready to be asked."""

    own: Sequence[BoundRule]

    def find_rule(self, seen: Seen) -> str:
        """Return the id of the rule that says that a bot made it; empty when none does."""
        return find_built_in(seen) or self.find_own_rule(seen)

    def find_own_rule(self, seen: Seen) -> str:
        """Return the id of the first of the workspace's rules that says so."""
        row = row_of(seen)
        return next((rule.rule.id for rule in self.own if rule.is_about(row)), "")


def classifier_of(source: Source) -> Callable[[Message], str]:
    """Return what `take_messages` asks about each event of a source.

    The rules are read when the first event asks, within the turn of the transaction that writes it (`leads.turn`). Rules change
    within a turn as well, so that an event is either asked about a new rule here or found by `apply.py`, and never missed by both.
    Make one for each transaction.
    """
    made: list[Classifier] = []

    def classify(message: Message) -> str:
        if not made:
            made.append(read_classifier(source.workspace))
        return made[0].find_rule(seen_in(message, source.kind))

    return classify


def read_classifier(workspace: Workspace, *, without: Iterable[int] = ()) -> Classifier:
    """Return the rules of a workspace that are in force, the oldest first."""
    rules = BotRule.objects.filter(workspace=workspace, state__in=IN_FORCE).exclude(pk__in=list(without))
    return Classifier(bind_all(list(rules.order_by("pk")), workspace.timezone))


def bind_all(rules: Iterable[BotRule], zone: str) -> list[BoundRule]:
    """Return rules with their meaning. One that cannot be read any more marks nothing: no event is lost for it."""
    bound: list[BoundRule] = []
    for rule in rules:
        try:
            bound.append(bind_rule(rule.rule_id, rule.events, rule.condition, zone))
        except ProblemsError as error:
            logger.error("Bot rule %s of workspace %s is left out: %s", rule.rule_id, rule.workspace_id, error)
    return bound


def bind_rule(rule_id: str, events: Iterable[str], condition: str, zone: str) -> BoundRule:
    """Return a rule with its meaning.

    Args:
        rule_id: its id. events: names of the events that it is about; none: all.
        condition: in the playbook's language; empty: all those events.
        zone: the time zone in which a date is a day.

    Raises:
        ProblemsError: all that is wrong with the condition.
    """
    if len(condition) > MOST_CONDITION:
        message = (
            f"The condition has {len(condition):,} characters; {MOST_CONDITION:,} is the most. Make two rules of it."
        )
        raise ProblemsError([Problem(code="too-large", message=message, where=f"rule {rule_id}")])
    rule = EngineRule(id=rule_id, events=tuple(events), when=condition.strip() or None)
    bound, problems = bind_rules([rule], {"leads": [], "events": []}, Playbook(name=rule_id, timezone=zone), zone)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ProblemsError(errors)
    return bound[0]


def row_of(seen: Seen) -> Mapping[str, Cell]:
    """Return an event as the engine reads it. A property cannot take the event's name."""
    return {**{name: cell_of(value) for name, value in seen.properties.items()}, "event": seen.name}


def cell_of(value: Any) -> Cell:
    """Return a property's value as the engine reads it; what has parts of its own is none."""
    if isinstance(value, list):
        return [cell_of(one) for one in value]
    return value if isinstance(value, str | bool | int | float | datetime) else None
