"""What sources say becomes the log: each message is given to a lead, and written once, however often and in whatever batches it comes.

Who a message is about is decided by `attribution`, whose rules docs/identity.md gives as a table. What comes of a message besides
its event: facts from traits, companies, and that the lead waits to be assessed. Everything is loaded and written in bulk; nothing
of what was sent gets into a log file or an error message. tests/web/leads/test_intake.py guards it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from leadline.web.accounts.models import Source
from leadline.web.leads.attribution import Attribution
from leadline.web.leads.claims import Claim, Key, Kind, claim_of
from leadline.web.leads.companies import group_key
from leadline.web.leads.due import make_due
from leadline.web.leads.fact_log import NewFact, follow_facts, withdrawals, write_facts
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.forgotten import find_erased
from leadline.web.leads.inserts import insert_rows
from leadline.web.leads.mending import put_right
from leadline.web.leads.messages import Message, TakenIn
from leadline.web.leads.models import Company, Erasure, Event, Fact
from leadline.web.leads.placed import Placed
from leadline.web.leads.traits import FactValue, company_facts_of, facts_of
from leadline.web.leads.turn import take_turn

_MOST = 500

_Said = dict[str, FactValue]
Classify = Callable[[Message], str]
"""Returns the id of the rule that says that a bot made an event, or an empty text."""


@dataclass(slots=True)
class _Batch:
    """Messages that are neither there already nor about somebody who was erased, with what they say."""

    source: Source
    now: datetime
    messages: list[Message] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    facts: list[NewFact] = field(default_factory=list)
    vouched_for: list[NewFact] = field(default_factory=list)
    """Those of the facts that whoever sent them is believed in, so that they may put a lead right."""


def take_messages(
    source: Source,
    messages: Sequence[Message],
    *,
    classify: Classify | None = None,
    now: datetime | None = None,
    source_rank: Sequence[str] = (),
) -> TakenIn:
    """Write what a source says, and make those due whom it is about. Call it in the transaction that marks the delivery as taken.

    Args:
        source: who says it. messages: in the order in which they came.
        classify: by which rule a bot made an event; asked of behaviour only.
        source_rank: the live playbook's, for the cards of leads.

    Messages that are there already are counted and change nothing; of those about people who were erased nothing is kept.
    """
    now = now or timezone.now()
    workspace_id = source.workspace_id
    take_turn(workspace_id)
    taken = TakenIn()
    batch = _Batch(source, now)
    new = _leave_out_duplicates(source, messages, taken)
    claims = [claim_of(message, source.name, is_signed=source.kind == Source.Kind.WEBSITE) for message in new]
    erased = _find_erased(workspace_id, claims)
    for message, claim in zip(new, claims, strict=True):
        if erased.isdisjoint(claim.names()):
            batch.messages.append(message)
            batch.claims.append(claim)
        else:
            taken.erased += 1
    if not batch.messages:
        return taken
    attribution = Attribution(workspace_id, batch.claims, now=now)
    placed = [attribution.place(claim) for claim in batch.claims]
    rules = [_bot_rule(message, classify) for message in batch.messages]
    for message, claim, place, rule in zip(batch.messages, batch.claims, placed, rules, strict=True):
        attribution.saw(place, claim, is_activity=not rule and message.kind in Event.BEHAVIOUR)
    joined = attribution.save()
    said = [
        _said(message, claim, place) for message, claim, place in zip(batch.messages, batch.claims, placed, strict=True)
    ]
    _write_events(batch, placed, rules, said)
    _note_facts(batch, placed, said, attribution)
    rows, _ = write_facts(workspace_id, batch.facts, now=now)
    rows += _say_again(batch, rows)
    taken.stored = len(batch.messages)
    taken.lead_ids = {place.lead.pk for place in placed} | set(joined.survivors.values())
    changed = {person.lead.pk for person in attribution.made} | set(joined.survivors.values())
    changed |= {person.root().lead.pk for person, _, _ in attribution.robbed} | attribution.given_to()
    taken.lead_ids |= follow_facts(
        workspace_id, rows, now=now, source_rank=source_rank, also=changed - set(joined.survivors)
    )
    taken.lead_ids -= set(joined.survivors)
    put_right(source.workspace, batch.vouched_for, now=now, source_rank=source_rank)
    make_due(taken.lead_ids, now=now)
    return taken


# -- what is taken at all --------------------------------------------------------------------------------------------


def _leave_out_duplicates(source: Source, messages: Sequence[Message], taken: TakenIn) -> list[Message]:
    """Return the messages whose id the source has not used yet, in their order."""
    first = {message.message_id: message for message in reversed(messages)}
    there: set[str] = set()
    ids = sorted(first)
    for start in range(0, len(ids), _MOST):
        rows = Event.objects.filter(source=source, message_id__in=ids[start : start + _MOST])
        there |= set(rows.values_list("message_id", flat=True))
    found = [
        message for message in messages if message.message_id not in there and first[message.message_id] is message
    ]
    taken.duplicates = len(messages) - len(found)
    return found


def _find_erased(workspace_id: int, claims: Iterable[Claim]) -> set[Key]:
    """Return those of the named identities that are of people who were erased."""
    if not Erasure.objects.filter(workspace=workspace_id).exists():
        return set()
    return find_erased(workspace_id, {key for claim in claims for key in claim.names()})


# -- what is written -------------------------------------------------------------------------------------------------


def _bot_rule(message: Message, classify: Classify | None) -> str:
    return classify(message) if classify is not None and message.kind in Event.BEHAVIOUR else ""


def _said(message: Message, claim: Claim, place: Placed) -> _Said:
    """Return what a message says of the person, as far as it may be believed."""
    if not place.may_say_facts:
        return {}
    said = facts_of(message.traits, may_answer=message.kind in ("form", "mail") and message.is_verified)
    address = next((value for kind, value in (*claim.strong, *claim.said) if kind == Kind.EMAIL), "")
    if address:
        said["email"] = address
    if place.is_anothers:
        said.pop("email", None)
    return said


def _write_events(batch: _Batch, placed: Sequence[Placed], rules: Sequence[str], said: Sequence[_Said]) -> None:
    """Write the events. An identify's properties are what it was taken to say, so that it can be said again (`_say_again`)."""
    insert_rows(
        [
            Event(
                workspace_id=batch.source.workspace_id,
                source=batch.source,
                message_id=message.message_id,
                lead_id=place.lead.pk,
                first_lead_id=place.first.lead.pk,
                kind=message.kind,
                name=message.name[:255],
                occurred_at=message.occurred_at,
                received_at=message.received_at,
                properties=dict(facts if message.kind == "identify" else message.properties),
                touch=dict(message.touch),
                raw=message.raw,
                is_bot=bool(rule),
                bot_rule=rule,
                origin=message.origin,
            )
            for message, place, rule, facts in zip(batch.messages, placed, rules, said, strict=True)
        ]
    )


def _note_facts(batch: _Batch, placed: Sequence[Placed], said: Sequence[_Said], attribution: Attribution) -> None:
    """Note what the messages say of people and companies, and what no longer holds of those who only said to be somebody."""
    companies = _companies_of_groups(batch)
    for message, claim, place, facts in zip(batch.messages, batch.claims, placed, said, strict=True):
        for name, value in facts.items():
            fact = _fact(batch, message, name, value, lead_id=place.first.lead.pk)
            batch.facts.append(fact)
            if message.is_verified and not (claim.is_signed and name == "email"):  # a signature is of the user id alone
                batch.vouched_for.append(fact)
        company = companies.get(group_key(message.group_id)) if message.group_id and message.is_verified else None
        if company is not None:
            _note_group(batch, message, place, company)
    batch.facts += withdrawals(attribution, now=batch.now)


def _fact(
    batch: _Batch,
    message: Message,
    name: str,
    value: object,
    *,
    lead_id: int | None = None,
    company_id: int | None = None,
) -> NewFact:
    return NewFact(
        field=name,
        value=value,
        known_at=message.occurred_at,
        recorded_at=message.received_at,
        source=batch.source.name,
        evidence=message.evidence_of.get(name, message.evidence),
        origin=message.origin,
        lead_id=lead_id,
        company_id=company_id,
    )


def _say_again(batch: _Batch, rows: Sequence[Fact]) -> list[Fact]:
    """Write what the source had said again after a word that has come late.

    Said again it was nothing new, and no fact; now that another word stands before it, it is. So the order in which identifies come
    does not matter to what holds.
    """
    late = {row.first_lead_id: row.known_at for row in rows if row.first_lead_id is not None}
    for row in rows:
        if row.first_lead_id is not None:
            late[row.first_lead_id] = min(late[row.first_lead_id], row.known_at)
    if not late:
        return []
    fields = {(row.first_lead_id, row.field) for row in rows}
    events = Event.objects.filter(source=batch.source, kind="identify", first_lead__in=sorted(late))
    again: list[NewFact] = []
    for event in events.filter(occurred_at__gt=min(late.values())).order_by("occurred_at", "pk").defer("raw"):
        again += [
            NewFact(
                lead_id=event.first_lead_id,
                field=name,
                value=value,
                known_at=event.occurred_at,
                recorded_at=event.received_at,
                source=batch.source.name,
                origin=event.origin,
            )
            for name, value in event.properties.items()
            if (event.first_lead_id, name) in fields and event.occurred_at > late[event.first_lead_id]
        ]
    found, _ = write_facts(batch.source.workspace_id, again, now=batch.now)
    return found


def _companies_of_groups(batch: _Batch) -> dict[str, Company]:
    """Return the companies that groups name, by their keys; those that are not there yet are made."""
    workspace_id = batch.source.workspace_id
    named = {group_key(one.group_id): one for one in batch.messages if one.group_id and one.is_verified}
    if not named:
        return {}
    found = {one.key: one for one in Company.objects.filter(workspace=workspace_id, key__in=sorted(named))}
    lacking = [key for key in named if key not in found]
    Company.objects.bulk_create(
        [Company(workspace_id=workspace_id, key=key, origin=named[key].origin) for key in lacking]
    )
    return found | {one.key: one for one in Company.objects.filter(workspace=workspace_id, key__in=lacking)}


def _note_group(batch: _Batch, message: Message, place: Placed, company: Company) -> None:
    """Note what a group says of the company, and that the lead is of it."""
    for name, value in company_facts_of(message.company_traits).items():
        batch.facts.append(_fact(batch, message, name, value, company_id=company.pk))
    rule = "import" if batch.source.kind == Source.Kind.IMPORT else "group"
    batch.facts.append(
        NewFact(
            lead_id=place.first.lead.pk,
            field=COMPANY_LINK,
            value=str(company.pk),
            known_at=message.occurred_at,
            recorded_at=message.received_at,
            source=rule,
            evidence=f"group of {batch.source.name}",
            origin=message.origin,
        )
    )
