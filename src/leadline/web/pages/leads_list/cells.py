"""What stands in the columns of some leads beside what their rows say: facts, and the campaign that brought them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from leadline.web.leads.facts import resolve
from leadline.web.leads.models import Event, Fact, Lead
from leadline.web.pages.leads_list.columns import Column
from leadline.web.pages.playbook_words import PlaybookWords

_CAMPAIGN_WORDS = ("campaign", "source", "referrer")


@dataclass(slots=True)
class Known:
    """Facts by lead and field, and campaigns by lead."""

    facts: dict[int, dict[str, object]] = field(default_factory=dict)
    campaigns: dict[int, str] = field(default_factory=dict)

    def fact(self, lead: Lead, name: str) -> object:
        """Return what holds of a field of a lead; None when nothing does."""
        return self.facts.get(lead.pk, {}).get(name)


def find_known(lead_ids: Sequence[int], columns: Iterable[Column], words: PlaybookWords | None) -> Known:
    """Return what the columns need of some leads, in one query for facts and one for campaigns."""
    columns = list(columns)
    fields = {one.name for one in columns if one.kind == "fact"}
    known = Known()
    if fields:
        rank = words.playbook.source_rank if words else ()
        of_lead: dict[int, list[Fact]] = {}
        for fact in Fact.objects.filter(lead__in=lead_ids, field__in=fields):
            of_lead.setdefault(fact.lead_id or 0, []).append(fact)
        known.facts = {
            lead_id: {name: one.value for name, one in resolve(facts, rank).items()}
            for lead_id, facts in of_lead.items()
        }
    if any(one.kind == "campaign" for one in columns):
        known.campaigns = _campaigns(lead_ids)
    return known


def _campaigns(lead_ids: Sequence[int]) -> dict[int, str]:
    """Return for each lead the first campaign that an event of theirs names; where none does, what sent them."""
    events = Event.objects.filter(lead__in=lead_ids, is_bot=False).exclude(touch={}).order_by("occurred_at", "pk")
    best: dict[int, tuple[int, str]] = {}
    for lead_id, touch in events.values_list("lead_id", "touch"):
        for place, word in enumerate(_CAMPAIGN_WORDS):
            if touch.get(word) and (lead_id not in best or place < best[lead_id][0]):
                best[lead_id] = (place, str(touch[word]))
    return {lead_id: text for lead_id, (_, text) in best.items()}
