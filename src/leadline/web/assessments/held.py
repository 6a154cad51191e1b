"""What holds of a lead at the moment of its assessment, by the names of conditions: what lists are filtered by.

Conditions compare what the engine made of a text, not the text: keys without regard to case, local days, the strongest source. A
database cannot do that to a value, so it is done once here, with the engine's own functions, and kept beside the scores
(`Assessment.held`). Names of keys are plain ASCII, so that every database finds them (`key_of`).

A field that the playbook knows has one kind. Of any other, its use in a condition decides the kind, so each reading is kept that says
something else than the text: under the name with the kind before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from leadline.engine.calendar import AsOf, Zone
from leadline.engine.catalog import FieldSpec, FieldType
from leadline.engine.expressions.nodes import Kind, Scope, Value
from leadline.engine.expressions.vocabulary import DEALS, DECISIONS
from leadline.engine.reference.cells import fixed_type
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Fact, LeadLog
from leadline.engine.values import read_value, text_key
from leadline.web.assessments.ahead import first_midnight
from leadline.web.playbooks.queries import Compiled

Held = dict[str, Any]
"""Values by key: texts as text keys, days as numbers, lists as lists of text keys."""

OTHER_KINDS: dict[Kind, FieldType] = {"number": "number", "boolean": "boolean", "day": "date", "list": "list"}


def key_of(what: str, name: str = "", *, kind: str = "") -> str:
    """Return the key of something that is held.

    >>> key_of("company", "Größe"), key_of("lead", "seats", kind="number")
    ('company.Gr%C3%B6%C3%9Fe', 'number:lead.seats')
    """
    return f"{kind}:{what}.{quote(name, safe=' ')}" if kind else f"{what}.{quote(name, safe=' ')}" if name else what


def kind_is_known(compiled: Compiled, scope: Scope, name: str) -> bool:
    """Return whether the playbook says of what kind a field is: by declaring it, by its use, or by its name."""
    catalog = compiled.bound.catalog.lead if scope == "lead" else compiled.bound.catalog.company
    spec = catalog.get(name)
    return bool((spec and spec.type) or fixed_type(name) or (scope, name) in compiled.bound.kinds)


def held_of(compiled: Compiled, log: LeadLog, as_of: AsOf) -> Held:
    """Return what is held of a lead at a moment, besides what its assessment says."""
    held: Held = {}
    _add_fields(held, compiled, "lead", log.lead, log.facts, as_of)
    _add_fields(held, compiled, "company", log.company, log.company_facts, as_of)
    if log.created_us is not None and not kind_is_known(compiled, "lead", "created_at"):
        held.setdefault(key_of("lead", "created_at", kind="day"), compiled.zone.day_of(log.created_us))
    _add_outcomes(held, log, as_of, compiled.zone)
    for event in log.events:
        if event.at_us <= as_of.until_us and not event.is_bot:
            count, last = key_of("count", event.name), key_of("last", event.name)
            held[count] = held.get(count, 0) + 1
            held[last] = max(held.get(last, -(2**31)), compiled.zone.day_of(event.at_us))
    return held


def next_dated_day(log: LeadLog, as_of: AsOf, zone: Zone) -> int | None:
    """Return the first day at whose start something is there that is dated ahead; None where nothing is."""
    moments = [one.known_at_us for one in (*log.facts, *log.company_facts)]
    moments += [one.at_us for one in log.events] + [one.at_us for one in log.outcomes]
    ahead = [us for us in moments if us > as_of.until_us]
    return first_midnight(zone, min(ahead)) if ahead else None


def assessed(compiled: Compiled, row: Mapping[str, Any]) -> Held:
    """Return what is held of the rows of an assessment: what conditions call grade, stage, persona and the like."""
    held: Held = {
        key_of("is", name): text_key(row[name]) for name in ("stage", "grade", "persona", "excluded_by") if row[name]
    }
    held[key_of("is", "qualified")] = sorted(text_key(one) for one in row["qualifications"])
    for score in compiled.playbook.scores:
        if score.grades and score.id in row["scores"]:
            units = row["scores"][score.id]
            reached = (name for name, least in score.grades if units >= least)
            held[key_of("grade", score.id)] = text_key(next(reached, score.grades[-1][0]))
    return held


# -- fields -------------------------------------------------------------------------------------------------------------


def _add_fields(
    held: Held, compiled: Compiled, scope: Scope, columns: Mapping[str, Value], facts: Sequence[Fact], as_of: AsOf
) -> None:
    rank = compiled.playbook.source_rank
    own = resolve_facts(columns, facts, until_us=as_of.until_us, source_rank=rank)
    held.update({key_of(scope, name): _as_json(value) for name, value in own.items()})
    open_facts = [one for one in facts if not kind_is_known(compiled, scope, one.field)]
    if not open_facts:
        return
    for kind, type_ in OTHER_KINDS.items():
        read = [replace(one, value=_reading(one.text, type_, compiled.zone)) for one in open_facts]
        found = resolve_facts({}, read, until_us=as_of.until_us, source_rank=rank)
        for name, value in found.items():
            if kind != "list" or value != (own.get(name),):
                held[key_of(scope, name, kind=kind)] = _as_json(value)
        if kind == "list":  # a text that is no list: nothing is known of the list
            gone = {one.field for one in open_facts if one.field in own} - found.keys()
            held.update({key_of(scope, name, kind="list"): False for name in gone})


@lru_cache(maxsize=50_000)
def _reading(text: str, type_: FieldType, zone: Zone) -> Value | None:
    return read_value(text, FieldSpec(type_), zone=zone)


def _as_json(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


# -- outcomes -----------------------------------------------------------------------------------------------------------


def _add_outcomes(held: Held, log: LeadLog, as_of: AsOf, zone: Zone) -> None:
    known = [one for one in log.outcomes if one.at_us <= as_of.until_us]
    for one in known:
        key = key_of("outcome", one.outcome)
        held[key] = max(held.get(key, -(2**31)), zone.day_of(one.at_us))
    for what, names in (("decision", DECISIONS), ("deal", DEALS)):
        among = [one for one in known if one.outcome in names]
        if among:
            latest = max(among, key=lambda one: (one.at_us, one.outcome, one.reason or ""))
            held[what] = latest.outcome
            if what == "decision" and latest.reason:
                held["reason"] = latest.reason
