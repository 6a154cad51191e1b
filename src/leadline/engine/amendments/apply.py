"""Applies amendments to the rows of the five tables: they come out as if they had always looked like that.

Rows are what reference/read.py takes; they are never changed, and one about which nothing was said comes out as it went in. So
what follows (assessments, spells, stages, roll-ups) needs to know nothing of amendments, on any engine. What amendments mean
together is in fold.py. tests/engine/amendments holds all of it to logs that were written in their final form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leadline.engine.amendments.bots import bind_rules, mark_bots
from leadline.engine.amendments.fold import Said, fold
from leadline.engine.amendments.model import Amendment, Erase, MarkBot, MarkNoBot, RepointEvents
from leadline.engine.catalog import FieldSpec
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.engine.reference.cells import Cell, Row, as_written, canonical_json
from leadline.engine.values import is_missing, says_nothing

Tables = Mapping[str, Sequence[Row]]


def amended(
    tables: Tables, amendments: Sequence[Amendment], *, playbook: Playbook | None = None, naive_zone: str = "UTC"
) -> dict[str, list[Row]]:
    """Return the tables as if they had always looked as *amendments* say.

    - **Merged**: events, facts and outcomes of the one are of the other. Of their two rows in ``leads`` the survivor's counts,
      column by column where it has a value; else the nearest merged lead's that has one. Points are not added: the survivor is
      assessed anew, so limits and maxima hold over all that the two did, and a row that both have by its id counts once.
    - **Re-pointed** events are of whom they were re-pointed to, or of the one that this lead was merged into.
    - **Bots**: `is_bot` says what was said of that event, else what rules say, else what its row says.
    - **Erased**: no row is theirs any more, in any table, nor any event that had been re-pointed to them. Companies stay. Events
      that had been re-pointed away from them stay with whom they were given to.

    Args:
        tables: the rows of ``leads``, and of ``companies``, ``events``, ``facts`` and ``outcomes`` where given.
        amendments: all of them, the oldest first. They are always applied to the original tables.
        playbook: says how properties are read that rules ask about, and which texts mean that a field has no value.
        naive_zone: the zone of times without an offset.

    Raises:
        ProblemsError: an amendment makes no sense, or names a lead that is not there; all that is wrong.

    >>> from leadline.engine.amendments.model import Merge
    >>> tables = {
    ...     "leads": [{"lead_id": "ann", "title": ""}, {"lead_id": "a.lee", "title": "CFO"}],
    ...     "events": [{"lead_id": "a.lee", "event": "demo", "occurred_at": "2026-03-02"}],
    ... }
    >>> found = amended(tables, [Merge(lead="a.lee", into="ann")])
    >>> found["leads"]
    [{'lead_id': 'ann', 'title': 'CFO'}]
    >>> found["events"]
    [{'lead_id': 'ann', 'event': 'demo', 'occurred_at': '2026-03-02'}]
    """
    found, problems = _apply(tables, amendments, playbook or Playbook(name="?"), naive_zone)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ProblemsError(errors)
    return found


def check_amendments(
    tables: Tables, amendments: Sequence[Amendment], *, playbook: Playbook | None = None, naive_zone: str = "UTC"
) -> list[Problem]:
    """Return all that is wrong with amendments, and as warnings what they name and the tables do not have.

    Such a name may be a typing mistake, or be yet to come, or have been erased. The arguments are those of `amended`.
    """
    _, problems = _apply(tables, amendments, playbook or Playbook(name="?"), naive_zone)
    return [*problems, *_missing_names(tables, amendments)]


def _apply(
    tables: Tables, amendments: Sequence[Amendment], playbook: Playbook, naive_zone: str
) -> tuple[dict[str, list[Row]], list[Problem]]:
    said, problems = fold(amendments)
    writer = _Writer(tables, said, playbook.lead_fields)
    found = writer.write()
    problems += writer.problems
    if "events" in found:
        rules, more = bind_rules(list(said.rules.values()), found, playbook, naive_zone)
        problems += more
        found["events"] = mark_bots(found["events"], said, rules)
    return found, problems


@dataclass(slots=True)
class _Writer:
    """Writes tables anew, with rows where they belong and without those of erased leads."""

    tables: Tables
    said: Said
    lead_fields: Mapping[str, FieldSpec]
    problems: list[Problem] = field(default_factory=list)
    _cells: dict[str, Cell] = field(default_factory=dict)
    _survivors: dict[str, str] = field(default_factory=dict)

    def write(self) -> dict[str, list[Row]]:
        """Return all tables that were given."""
        found: dict[str, list[Row]] = {"leads": self.leads()}
        for name, rows in self.tables.items():
            match name:
                case "leads":
                    pass
                case "events":
                    found[name] = [row for row in map(self.event, rows) if row is not None]
                case "facts" | "outcomes":
                    found[name] = [row for row in map(self.own, rows) if row is not None]
                case _:
                    found[name] = list(rows)
        return {name: found[name] for name in self.tables}

    def leads(self) -> list[Row]:
        """Return the rows of leads: of those who are one, the survivor's, filled up.

        Rows of one id that differ are used by nobody; they stay as they are, to be counted by who reads them.
        """
        rows_of: dict[str, list[Row]] = {}
        for row in self.tables["leads"]:
            rows_of.setdefault(as_written(row.get("lead_id")), []).append(row)
        usable = {
            lead: rows[0]
            for lead, rows in rows_of.items()
            if not is_missing(lead) and len({canonical_json(row) for row in rows}) == 1
        }
        self._cells = {lead: row["lead_id"] for lead, row in usable.items()}
        self._check(rows_of, usable)
        filled: dict[str, Row] = {}
        for survivor in dict.fromkeys(map(self.survivor, self.said.merged)):
            if survivor in usable and survivor not in self.said.erased:
                members = self.said.together(survivor)
                filled[survivor] = self._filled([usable[lead] for lead in members if lead in usable])
        found: list[Row] = []
        for row in self.tables["leads"]:
            lead = as_written(row.get("lead_id"))
            if lead in self.said.erased or (lead in self.said.merged and lead in usable):
                continue
            found.append(filled.get(lead, row))
        return found

    def _filled(self, rows: Sequence[Row]) -> Row:
        """Return the first row with what it lacks from the next ones."""
        found = dict(rows[0])
        for row in rows[1:]:
            for name, cell in row.items():
                if self._says_nothing(name, found.get(name)) and not self._says_nothing(name, cell):
                    found[name] = cell
                found.setdefault(name, None)
        return found

    def _says_nothing(self, name: str, cell: Cell) -> bool:
        spec = self.lead_fields.get(name)
        text = as_written(cell)
        return is_missing(text) if spec is None else says_nothing(text, spec)

    def _check(self, rows_of: Mapping[str, Sequence[Row]], usable: Mapping[str, Row]) -> None:
        """Complain about leads that are to get something and are not there."""
        wanted = {self.survivor(lead): "merged into" for lead in self.said.merged}
        for into in self.said.pointed.values():
            wanted.setdefault(self.survivor(into), "re-pointed to")
        for lead, what in wanted.items():
            if lead in self.said.erased or lead in usable:
                continue
            if lead in rows_of:
                message = (
                    f"Rows of lead '{lead}' differ, so none is used, and nothing can be {what} it: mend them first."
                )
                self.problems.append(Problem(code="bad-amendment", message=message, where="amendments"))
            else:
                message = (
                    f"There is no lead '{lead}' among the leads, so nothing can be {what} it.{suggest(lead, usable)}"
                )
                self.problems.append(Problem(code="unknown-lead", message=message, where="amendments"))

    def survivor(self, lead: str) -> str:
        """Return who a lead is now."""
        if lead not in self._survivors:
            self._survivors[lead] = self.said.survivor(lead)
        return self._survivors[lead]

    def own(self, row: Row) -> Row | None:
        """Return a fact or an outcome as that of whom it is now; None when it is to be gone."""
        return self._given(row, as_written(row.get("lead_id")))

    def event(self, row: Row) -> Row | None:
        """Return an event as that of whom it is now; None when it is to be gone."""
        event_id, lead = as_written(row.get("event_id")), as_written(row.get("lead_id"))
        if not is_missing(event_id):
            if event_id in self.said.erased_events:
                return None
            lead = self.said.pointed.get(event_id, lead)
        return self._given(row, lead)

    def _given(self, row: Row, lead: str) -> Row | None:
        if lead in self.said.erased:
            return None
        survivor = self.survivor(lead)
        if survivor == as_written(row.get("lead_id")):
            return row
        return {**row, "lead_id": self._cells.get(survivor, survivor)}


# -- names that nothing has ------------------------------------------------------------------------------------


def _missing_names(tables: Tables, amendments: Sequence[Amendment]) -> Iterator[Problem]:
    """Warn of leads of whom there is no row, and of events that are not there."""
    said, _ = fold(amendments)
    leads = set(_texts(tables, ("leads", "events", "facts", "outcomes"), "lead_id"))
    events = set(_texts(tables, ("events",), "event_id"))
    for lead in said.merged:
        if lead not in leads and lead not in said.erased:
            message = (
                f"No row of any table is of '{lead}', who is merged into '{said.merged[lead]}'.{suggest(lead, leads)}"
            )
            yield Problem(code="unknown-lead", message=message, where="amendments", severity="warning")
    for number, amendment in enumerate(amendments, start=1):
        where = f"amendment {number}"
        match amendment:
            case Erase(lead=lead) if lead not in leads:
                message = f"No row of any table is of '{lead}' (any more), who is to be erased."
                yield Problem(code="unknown-lead", message=message, where=where, severity="warning")
            case MarkBot(event_ids=ids) | MarkNoBot(event_ids=ids) | RepointEvents(event_ids=ids):
                for event_id in ids:
                    if event_id not in events:
                        message = f"There is no event with the event_id '{event_id}' (any more)."
                        yield Problem(code="event-not-in-data", message=message, where=where, severity="warning")
            case _:
                pass


def _texts(tables: Tables, names: Iterable[str], column: str) -> Iterator[str]:
    for name in names:
        for row in tables.get(name) or ():
            yield as_written(row.get(column))
