"""What has to be put right about a lead that was sent back, and whose word puts it right: the lead is then reinstated, in the log.

Which fields are wrong the playbook says, with the reason (``fix = ["phone"]``); the live playbook is an app above, so `flow.py` tells
whom to ask. A value puts a field right that was not the one that stood when the lead was sent back, is so since later, and holds now.
Whoever calls `put_right` stands for the word: what a browser only says never comes here. Why so: decision 34. What follows is an
outcome, so a replay shows the same. tests/web/leads/test_mending.py guards it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from leadline.engine.expressions.vocabulary import DECISIONS
from leadline.engine.lifecycle.fold import LIFTING
from leadline.engine.playbook.model import Playbook
from leadline.engine.values import text_key
from leadline.web.accounts.models import Workspace
from leadline.web.leads.fact_log import NewFact, survivors_of
from leadline.web.leads.facts import resolve, text_of
from leadline.web.leads.models import Fact, Outcome
from leadline.web.leads.outcome_log import OURS, NewOutcome, record_outcomes

Ask = Callable[[int], Playbook | None]
BY_HAND = "person"
"""The source of what people note: their word is enough, though another source be believed more."""
_DECIDE = (*DECISIONS, "excluded")
_MOST = 500
_ID = "put right"
_ask: list[Ask] = []


def ask_for_playbook(ask: Ask) -> None:
    """Say who knows the live playbook of a workspace."""
    _ask[:] = [ask]


def find_broken(playbook: Playbook, outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Return the fields of a lead that have to be put right, by what was decided last; none where nothing has to be.

    outcomes: of the lead, the latest first.
    """
    last = next((one for one in outcomes if one.outcome in _DECIDE), None)
    known = None if last is None else next((one for one in playbook.outcomes if one.id == last.outcome), None)
    if last is None or known is None:
        return ()
    reason = known.find_reason(text_key(last.reason))
    return () if reason is None else reason.fix


def find_put_right(outcome: Outcome) -> str:
    """Return the field that was put right where an outcome reinstated a lead by it; an empty text for all others."""
    kind, _, rest = outcome.outcome_id.partition(":")
    return rest.partition(":")[2] if kind == _ID and outcome.source == OURS else ""


def put_right(
    workspace: Workspace, facts: Iterable[NewFact], *, now: datetime, source_rank: Sequence[str] = ()
) -> set[int]:
    """Reinstate the leads of whom facts, which are written already, put right what they were sent back for; return them.

    Args:
        workspace: whose leads they are.
        facts: said by somebody who is believed, whether they were news or not.
        now: when.
        source_rank: whom the live playbook believes first; asked of it where it is not given.
    """
    said = [one for one in facts if one.lead_id is not None and one.value not in (None, "", [])]
    playbook = _ask[0](workspace.pk) if _ask and said else None
    if playbook is None:
        return set()
    wanted = {name for outcome in playbook.outcomes for reason in outcome.reasons for name in reason.fix}
    said = [one for one in said if one.field in wanted]
    leads = survivors_of(workspace.pk, {one.lead_id for one in said if one.lead_id is not None})
    decided = _decided_last(sorted(set(leads.values())), now)
    broken = {lead: find_broken(playbook, [decision]) for lead, decision in decided.items()}
    known = _known(sorted(lead for lead, fields in broken.items() if fields), wanted)
    rank = source_rank or playbook.source_rank
    found: dict[int, NewOutcome] = {}
    for one in said:
        lead = leads[one.lead_id or 0]
        if lead in found or one.field not in broken.get(lead, ()):
            continue
        if _is_mended(one, decided[lead], known.get((lead, one.field), ()), rank):
            found[lead] = NewOutcome(
                lead_id=lead,
                outcome=LIFTING,
                at=now,
                source=OURS,
                by=one.by or f"source {one.source}",
                origin=one.origin,
                outcome_id=f"{_ID}:{decided[lead].pk}:{one.field}",
            )
    if found:
        record_outcomes(workspace, found.values(), now=now)
    return set(found)


def _is_mended(said: NewFact, decision: Outcome, facts: Sequence[Fact], rank: Sequence[str]) -> bool:
    """Return whether a word puts a field right: it is of later, another one than what stood then, and holds now."""
    stood = resolve(
        [one for one in facts if one.known_at <= decision.at and one.recorded_at <= decision.recorded_at], rank
    )
    holds = resolve(facts, rank)
    value = _key(said.value)
    is_believed = said.source == BY_HAND or any(_key(one.value) == value for one in holds.values())
    return said.known_at > decision.at and is_believed and all(_key(one.value) != value for one in stood.values())


def _key(value: object) -> str:
    return text_key(text_of(Fact(value=value)))


def _decided_last(leads: Sequence[int], now: datetime) -> dict[int, Outcome]:
    """Return what was decided last about leads."""
    found: dict[int, Outcome] = {}
    for start in range(0, len(leads), _MOST):
        rows = Outcome.objects.filter(lead__in=leads[start : start + _MOST], outcome__in=_DECIDE, at__lte=now)
        found |= {row.lead_id: row for row in rows.order_by("at", "pk")}
    return found


def _known(leads: Sequence[int], fields: Iterable[str]) -> Mapping[tuple[int, str], list[Fact]]:
    """Return all that was said of some fields of leads."""
    found: dict[tuple[int, str], list[Fact]] = {}
    for start in range(0, len(leads), _MOST):
        for row in Fact.objects.filter(lead__in=leads[start : start + _MOST], field__in=sorted(fields)):
            assert row.lead_id is not None
            found.setdefault((row.lead_id, row.field), []).append(row)
    return found
