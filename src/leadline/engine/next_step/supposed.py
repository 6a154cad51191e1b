"""A lead's log with changes that are supposed to have happened at the moment of the assessment, and not a moment earlier."""

from collections.abc import Iterable
from dataclasses import replace

from leadline.engine.calendar import AsOf
from leadline.engine.next_step.candidates import Candidate
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome


def suppose(log: LeadLog, changes: Iterable[Candidate], as_of: AsOf) -> LeadLog:
    """Return a log in which *changes* have happened at *as_of*: facts that become known, answers, events, outcomes."""
    facts, company_facts = list(log.facts), list(log.company_facts)
    events, outcomes = list(log.events), list(log.outcomes)
    at_us = as_of.until_us
    for one in changes:
        match one.kind:
            case "fact" | "answer":
                assert one.field is not None
                fact = Fact(field=one.field.name, value=one.value, text=f"{one.value}", known_at_us=at_us)
                (company_facts if one.field.scope == "company" else facts).append(fact)
            case "event":
                events.append(Event(name=one.event, at_us=at_us, properties=dict(one.properties)))
            case "outcome":
                outcomes.append(ReportedOutcome(outcome=one.outcome, at_us=at_us, reason=one.reason_key))
    return replace(
        log,
        facts=tuple(facts),
        company_facts=tuple(company_facts),
        events=tuple(events),
        outcomes=tuple(outcomes),
    )
