"""Makes arrays of what is known from logs in plain Python: for single leads, and to hold the arrays to the reference."""

from collections.abc import Sequence

import numpy as np

from leadline.engine.calendar import get_zone
from leadline.engine.cells.columns import Column
from leadline.engine.compiler.plan import ANY_EVENT, Plan
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.nodes import Value
from leadline.engine.lifecycle.history import begins_us, when
from leadline.engine.reference.assess import matches
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Event, LeadLog
from leadline.engine.timeline.known import (
    ALWAYS,
    BITS_A_WORD,
    Changes,
    Happened,
    KnownLeads,
    Reported,
    Words,
    column_of,
)


def known_from_logs(plan: Plan, logs: Sequence[LeadLog], *, as_known: bool = False) -> KnownLeads:
    """Return what logs say, as arrays for a plan. The order of the logs is kept."""
    begins = [begins_us(log, as_known=as_known) for log in logs]
    fields: dict[n.Field, Column] = {}
    changes: dict[n.Field, Changes] = {}
    for one in (*plan.lead_fields, *plan.company_fields):
        words = Words()
        timelines = [_values(plan, log, one, as_known=as_known) for log in logs]
        fields[one] = column_of(one, [first for first, _ in timelines], words)
        later = [(lead, us, value) for lead, (_, moved) in enumerate(timelines) for us, value in moved]
        if later:
            column = column_of(one, [value for _, _, value in later], words)
            changes[one] = Changes(
                lead=np.array([lead for lead, _, _ in later], dtype=np.int64),
                us=np.array([us for _, us, _ in later], dtype=np.int64),
                values=column.values,
                known=column.is_known(),
            )
    facts = [
        (lead, when(fact, as_known=as_known))
        for lead, log in enumerate(logs)
        for fact in (*log.facts, *log.company_facts)
    ]
    facts += [(lead, log.created_us) for lead, log in enumerate(logs) if as_known and log.created_us is not None]
    return KnownLeads(
        lead_ids=[log.lead_id for log in logs],
        begins_us=np.array([ALWAYS if first is None else first for first in begins], dtype=np.int64),
        facts=(
            np.array([lead for lead, _ in facts], dtype=np.int64),
            np.array([us for _, us in facts], dtype=np.int64),
        ),
        fields=fields,
        changes=changes,
        events=_events(plan, logs, as_known=as_known),
        outcomes=_outcomes(plan, logs, as_known=as_known),
    )


def _values(
    plan: Plan, log: LeadLog, one: n.Field, *, as_known: bool
) -> tuple[Value | None, list[tuple[int, Value | None]]]:
    """Return the first value of a field, and each later one with the moment from which it holds."""
    columns, facts = (log.company, log.company_facts) if one.scope == "company" else (log.lead, log.facts)
    own = [fact for fact in facts if fact.field == one.name]
    created_us = log.created_us if as_known else None
    moments = {when(fact, as_known=as_known) for fact in own} | ({created_us} if created_us is not None else set())

    def at(until_us: int) -> Value | None:
        held = columns if created_us is None or created_us <= until_us else {}
        rank = plan.playbook.source_rank
        return resolve_facts(held, own, until_us=until_us, source_rank=rank, as_known=as_known).get(one.name)

    return at(ALWAYS), [(us, at(us)) for us in sorted(moments)]


def _events(plan: Plan, logs: Sequence[LeadLog], *, as_known: bool) -> Happened:
    zone = get_zone(plan.playbook.timezone)
    words = Words()
    rows: list[tuple[int, Event]] = []
    for lead, log in enumerate(logs):
        own = [event for event in log.events if not event.is_bot]
        rows += [(lead, event) for event in sorted(own, key=lambda one: (one.at_us, when(one, as_known=as_known)))]
    word_count = max(1, -(-len(plan.signals) // BITS_A_WORD))
    signals = np.zeros((len(rows), word_count), dtype=np.int64)
    for row, (_, event) in enumerate(rows):
        for number, signal in enumerate(plan.signals):
            if (ANY_EVENT in signal.events or event.name in signal.events) and (
                signal.only is None or matches(signal.only, event)
            ):
                word, bit = divmod(number, BITS_A_WORD)
                signals[row, word] |= 1 << bit
    return Happened(
        lead=np.array([lead for lead, _ in rows], dtype=np.int64),
        at_us=np.array([event.at_us for _, event in rows], dtype=np.int64),
        from_us=np.array([when(event, as_known=as_known) for _, event in rows], dtype=np.int64),
        day=np.array([zone.day_of(event.at_us) for _, event in rows], dtype=np.int64),
        name=np.array([words.place(event.name) for _, event in rows], dtype=np.int64),
        names=[str(name) for name in words.values],
        signals=signals,
    )


def _outcomes(plan: Plan, logs: Sequence[LeadLog], *, as_known: bool) -> Reported:
    zone = get_zone(plan.playbook.timezone)
    outcomes, reasons, qualifications = Words(), Words(), Words()
    rows = [
        (lead, one)
        for lead, log in enumerate(logs)
        for one in sorted(log.outcomes, key=lambda one: (one.at_us, one.outcome, one.reason or ""))
    ]
    if not rows:
        return Reported()
    return Reported(
        lead=np.array([lead for lead, _ in rows], dtype=np.int64),
        at_us=np.array([one.at_us for _, one in rows], dtype=np.int64),
        from_us=np.array([when(one, as_known=as_known) for _, one in rows], dtype=np.int64),
        day=np.array([zone.day_of(one.at_us) for _, one in rows], dtype=np.int64),
        outcome=np.array([outcomes.place(one.outcome) for _, one in rows], dtype=np.int64),
        reason=np.array([-1 if one.reason is None else reasons.place(one.reason) for _, one in rows], dtype=np.int64),
        qualification=np.array(
            [-1 if one.qualification is None else qualifications.place(one.qualification) for _, one in rows],
            dtype=np.int64,
        ),
        outcomes=[str(one) for one in outcomes.values],
        reasons=[str(one) for one in reasons.values],
        qualifications=[str(one) for one in qualifications.values],
    )
