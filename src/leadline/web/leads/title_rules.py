"""A workspace's own rules on job titles: adding and removing them, and what that would change.

Who is concerned by a rule waits to be assessed in the same transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.due import make_due
from leadline.web.leads.models import Fact, TitleRule
from leadline.web.leads.title_words import find_words, words_of
from leadline.web.leads.titles import Title, find_title_rules, read_title

_MOST_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class TitleChange:
    """A title that a rule would read anew, as how many leads have it, and what it says before and after."""

    title: str
    leads: int
    before: Title
    after: Title


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would change. matching: leads with such a title; changed: those of them that would be read otherwise."""

    matching: int
    changed: int
    examples: tuple[TitleChange, ...]


def preview_title_rule(workspace: Workspace, rule: TitleRule) -> RulePreview:
    """Say what a rule that is not saved yet would change, were it added to those of the workspace."""
    rules = [one for one in find_title_rules(workspace) if words_of(one.pattern) != words_of(rule.pattern)]
    leads: dict[str, set[int]] = {}
    for lead, title in _titles_with(workspace, rule.pattern):
        leads.setdefault(title, set()).add(lead)
    changes = []
    for title, ids in leads.items():
        before, after = read_title(title, rules), read_title(title, [*rules, rule])
        if (before.seniority, before.function) != (after.seniority, after.function):
            changes.append((TitleChange(title, len(ids), before, after), ids))
    changes.sort(key=lambda one: (-one[0].leads, one[0].title))
    return RulePreview(
        matching=len(set().union(*leads.values())),
        changed=len(set().union(*(ids for _, ids in changes))),
        examples=tuple(change for change, _ in changes[:_MOST_EXAMPLES]),
    )


def add_title_rule(
    workspace: Workspace, *, pattern: str, seniority: str = "", function: str = "", now: datetime | None = None
) -> TitleRule:
    """Add a rule, or change what the rule with these words says. Every lead with such a title waits to be assessed."""
    words = " ".join(words_of(pattern))
    with transaction.atomic():
        rule, _ = TitleRule.objects.update_or_create(
            workspace=workspace, pattern=words, defaults={"seniority": seniority, "function": function}
        )
        make_due((lead for lead, _ in _titles_with(workspace, words)), now=now or timezone.now())
    return rule


def remove_title_rule(rule: TitleRule, *, now: datetime | None = None) -> None:
    """Remove a rule; every lead with such a title waits to be assessed by what is left."""
    with transaction.atomic():
        make_due((lead for lead, _ in _titles_with(rule.workspace, rule.pattern)), now=now or timezone.now())
        rule.delete()


def _titles_with(workspace: Workspace, pattern: str) -> Iterator[tuple[int, str]]:
    """Yield the leads and their titles, also those that no longer count, in which the words of a pattern stand."""
    wanted = words_of(pattern)
    titles = Fact.objects.filter(workspace=workspace, field="title", lead__isnull=False).values_list("lead_id", "value")
    if wanted:
        for lead, title in titles.iterator(2000):
            if isinstance(title, str) and find_words(words_of(title), wanted):
                yield lead, title
