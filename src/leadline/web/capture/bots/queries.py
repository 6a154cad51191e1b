"""Every read of rules about bots and of what they did."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max
from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.capture.bots.built_in import BUILT_IN, PERSON, BuiltInRule
from leadline.web.capture.bots.classify import bind_rule, row_of
from leadline.web.capture.bots.seen import seen_in
from leadline.web.capture.models import BotChange, BotRule
from leadline.web.leads.models import Event

TRIED = 2_000
"""How many of the last events a condition is tried on."""
SHOWN = 50
_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class CountedRule:
    """A built-in rule, and how many events it has marked."""

    rule: BuiltInRule
    count: int


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule of the workspace, how many events it marks now, and how far work on it is, in hundredths."""

    rule: BotRule
    count: int
    progress: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All rules, and what people have said of single events."""

    built_in: Sequence[CountedRule]
    own: Sequence[OwnRule]
    by_people: int
    by_sources: int
    """Marked by the source itself, as in an import."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a condition would have said of the last events. Those that are marked already are not counted."""

    looked_at: int
    matching: int
    leads: int
    examples: Sequence[Event]


def read_overview(workspace: Workspace) -> Overview:
    """Return all rules of a workspace with their counts."""
    marked = Event.objects.filter(workspace=workspace).exclude(bot_rule="")
    counts = dict(marked.order_by().values_list("bot_rule").annotate(Count("pk")))
    last = Event.objects.filter(workspace=workspace).aggregate(last=Max("pk"))["last"] or 0
    rules = BotRule.objects.filter(workspace=workspace).select_related("created_by").order_by("-pk")
    return Overview(
        built_in=[CountedRule(rule, counts.get(rule.id, 0)) for rule in BUILT_IN],
        own=[OwnRule(rule, counts.get(rule.rule_id, 0), _progress(rule, last)) for rule in rules],
        by_people=counts.get(PERSON, 0),
        by_sources=Event.objects.filter(workspace=workspace, is_bot=True, bot_rule="").count(),
    )


def _progress(rule: BotRule, last: int) -> int | None:
    if rule.state not in (BotRule.State.APPLYING, BotRule.State.WITHDRAWING):
        return None
    return min(99, rule.applied_up_to * 100 // last) if last else 0


def get_rule(workspace: Workspace, pk: int) -> BotRule:
    """Return a rule of a workspace.

    Raises:
        Http404: there is none, or it is another workspace's.
    """
    found = BotRule.objects.filter(workspace=workspace, pk=pk).first()
    if found is None:
        raise Http404("There is no such rule.")
    return found


def get_event(workspace: Workspace, pk: int) -> Event:
    """Return an event of a workspace.

    Raises:
        Http404: there is none, or it is another workspace's.
    """
    found = Event.objects.filter(workspace=workspace, pk=pk).select_related("workspace").first()
    if found is None:
        raise Http404("There is no such event.")
    return found


def list_changes(workspace: Workspace) -> Sequence[BotChange]:
    """Return what no longer stands, or stands again, the latest first."""
    changes = BotChange.objects.filter(workspace=workspace).select_related("lead", "rule")
    return list(changes.order_by("-noted_at", "-pk")[:SHOWN])


def list_marked(workspace: Workspace, rule_id: str) -> Sequence[Event]:
    """Return the last events that a rule marked, or a person spoke of."""
    events = Event.objects.filter(workspace=workspace, bot_rule=rule_id).exclude(bot_rule="")
    return list(events.select_related("lead", "source").order_by("-pk")[:SHOWN])


def names_of_events(workspace: Workspace) -> Sequence[str]:
    """Return the names of behaviour that a workspace has seen."""
    events = Event.objects.filter(workspace=workspace, kind__in=Event.BEHAVIOUR)
    return list(events.order_by("name").values_list("name", flat=True).distinct()[:500])


def try_rule(workspace: Workspace, events: Sequence[str], condition: str) -> Trial:
    """Try a rule on the last events, without keeping anything.

    Raises:
        ProblemsError: all that is wrong with the condition.
    """
    bound = bind_rule("trial", events, condition, workspace.timezone)
    last = Event.objects.filter(workspace=workspace, kind__in=Event.BEHAVIOUR).select_related("lead", "source")
    looked_at = list(last.order_by("-pk")[:TRIED])
    found = [one for one in looked_at if not one.is_bot and bound.is_about(row_of(seen_in(one, one.source.kind)))]
    leads = {one.lead_id for one in found}
    return Trial(len(looked_at), len(found), len(leads), found[:_EXAMPLES])
