"""Whose histories amendments, or new rows, can have changed: only these leads need to be gone through again.

A lead is affected when a row of its own, or of its company, came, went or changed; when a row shares its id with one of those,
since which of the two counts may have changed; and all are when a field is read as another type than before. It may be one lead
too many, never one too few: tests/engine/amendments replays only these, and comes to what a replay of all comes to.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from leadline.engine.amendments.apply import Tables, amended
from leadline.engine.amendments.fold import fold
from leadline.engine.amendments.model import Amendment
from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.cells import Row, as_written, canonical_json
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.values import is_missing

_ROW_IDS = {"events": "event_id", "outcomes": "outcome_id"}
"""The columns by which rows are known that count once, whoever has them."""


def affected_leads(
    tables: Tables,
    amendments: Sequence[Amendment],
    *,
    already: Sequence[Amendment] = (),
    playbook: Playbook | None = None,
    naive_zone: str = "UTC",
) -> set[str]:
    """Return the leads whose histories differ, or may, once *amendments* are made too.

    Those among them that are no more in the amended table of leads have gone: what was kept of them is to be dropped. Others
    are to be gone through again, with the logs that `read_logs` makes of *all* amended rows.

    Args:
        tables: the original rows.
        amendments: what is said now. already: what had been said before.
        playbook, naive_zone: as for `amended`.

    Raises:
        ProblemsError: as `amended` does.
    """
    before = amended(tables, already, playbook=playbook, naive_zone=naive_zone)
    after = amended(tables, [*already, *amendments], playbook=playbook, naive_zone=naive_zone)
    return changed_leads(before, after, playbook=playbook)


def changed_leads(before: Tables, after: Tables, *, playbook: Playbook | None = None) -> set[str]:
    """Return the leads whose histories differ, or may, between two states of the tables.

    >>> before = {"leads": [{"lead_id": "ann"}, {"lead_id": "bob"}]}
    >>> changed_leads(before, {"leads": [{"lead_id": "ann"}, {"lead_id": "bob", "title": "CFO"}]})
    {'bob'}
    """
    playbook = playbook or Playbook(name="?")
    leads, companies = set[str](), set[str]()
    for name in ("leads", "companies", "events", "facts", "outcomes"):
        differing = _differing(before.get(name) or (), after.get(name) or ())
        _note(differing, leads, companies)
        id_column = _ROW_IDS.get(name)
        if id_column is not None:
            row_ids = {row_id for row in differing if not is_missing(row_id := as_written(row.get(id_column)))}
            for table in (before, after):
                _note(
                    (row for row in table.get(name) or () if as_written(row.get(id_column)) in row_ids),
                    leads,
                    companies,
                )
    is_read_otherwise = _is_read_otherwise(infer_catalog(playbook, before), infer_catalog(playbook, after))
    for row in (*before["leads"], *after["leads"]):
        if is_read_otherwise or as_written(row.get("company_id")) in companies:
            leads.add(as_written(row.get("lead_id")))
    return {lead for lead in leads if not is_missing(lead)}


def successors(already: Sequence[Amendment], amendments: Sequence[Amendment]) -> dict[str, tuple[str, ...]]:
    """Return who each lead is now that was somebody else after *already*: one, several after a merge was undone, or nobody any more.

    >>> from leadline.engine.amendments.model import Erase, Merge, Unmerge
    >>> merge = Merge(lead="ann", into="anna")
    >>> successors([], [merge]), successors([merge], [Unmerge(lead="ann")]), successors([], [Erase(lead="ann")])
    ({'ann': ('anna',)}, {'anna': ('anna', 'ann')}, {'ann': ()})
    """
    before, _ = fold(already)
    after, _ = fold([*already, *amendments])
    named = dict.fromkeys(
        (*before.merged, *before.merged.values(), *after.merged, *after.merged.values(), *after.erased)
    )
    found: dict[str, tuple[str, ...]] = {}
    for lead in dict.fromkeys(before.survivor(one) for one in named if one not in before.erased):
        now = dict.fromkeys(after.survivor(one) for one in before.together(lead) if one not in after.erased)
        if tuple(now) != (lead,):
            found[lead] = tuple(now)
    return found


def _differing(before: Sequence[Row], after: Sequence[Row]) -> list[Row]:
    """Return the rows that one of the tables has more often than the other."""
    counts: Counter[str] = Counter()
    rows: dict[str, Row] = {}
    times = Counter(map(id, before)), Counter(map(id, after))
    for table, sign in ((before, 1), (after, -1)):
        for row in table:
            if times[0][id(row)] != times[1][id(row)]:  # else it is the same object, and need not be written out
                text = canonical_json(row)
                counts[text] += sign
                rows[text] = row
    return [rows[text] for text, count in counts.items() if count]


def _note(rows: "Sequence[Row] | Iterator[Row]", leads: set[str], companies: set[str]) -> None:
    for row in rows:
        leads.add(as_written(row.get("lead_id")))
        if is_missing(as_written(row.get("lead_id"))):
            companies.add(as_written(row.get("company_id")))


def _is_read_otherwise(before: Catalog, after: Catalog) -> bool:
    """Return whether a field that had values is read as another type."""

    def differs(ours: Mapping[str, FieldSpec], theirs: Mapping[str, FieldSpec]) -> bool:
        both = ((ours[name].type, theirs[name].type) for name in ours.keys() & theirs.keys())
        return any(one is not None and other is not None and one != other for one, other in both)

    events = [differs(before.events[name], after.events[name]) for name in before.events.keys() & after.events.keys()]
    return differs(before.lead, after.lead) or differs(before.company, after.company) or any(events)
