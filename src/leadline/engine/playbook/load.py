"""Reads a playbook.toml into a `Playbook`, or says everything that is wrong with it.

What is checked here needs the file alone: keys, types, ids, and that conditions can be parsed. Names across the file and
types against the data are checked by check.py.
"""

from pathlib import Path
from typing import Any, Literal, cast

from leadline.engine.calendar import UnknownZoneError, get_zone
from leadline.engine.catalog import FIELD_TYPES, FieldSpec, FieldType
from leadline.engine.expressions.bind import BUILT_IN_OUTCOMES, RESERVED
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.clauses import read_clause
from leadline.engine.playbook.criteria import read_criterion
from leadline.engine.playbook.model import (
    EventSpec,
    HandOff,
    Named,
    Outcome,
    Playbook,
    Qualification,
    Question,
    Reason,
    Reset,
    Route,
    Score,
    Stage,
)
from leadline.engine.playbook.table import Table, read_each, refuse_twins
from leadline.engine.playbook.toml_file import parse_toml, read_text
from leadline.engine.problems import Problem, ProblemsError

MAX_BYTES = 256 * 1024
MAX_SCORES = 100
ENDING_OUTCOMES = frozenset({"rejected", "recycled", "disqualified", "bad_data", "won", "lost"})


def load_playbook(path: str | Path) -> tuple[Playbook, list[Problem]]:
    """Return the playbook in a file, and warnings about it.

    Raises:
        ProblemsError: the file cannot be used; everything that is wrong with it, each with its line.
    """
    text = read_text(path, most_bytes=MAX_BYTES, advice="a playbook; long lists belong in a file of their own")
    return read_playbook(text, file=str(path), folder=Path(path).parent)


def read_playbook(
    text: str, *, file: str = "playbook.toml", folder: Path | None = None
) -> tuple[Playbook, list[Problem]]:
    """Return the playbook in a TOML text, and warnings about it. Lists in files are looked for in *folder*.

    Raises:
        ProblemsError: the text cannot be used.
    """
    root = parse_toml(text, file=file)
    playbook = _Loader(root, folder).load(file)
    try:
        return playbook, root.notes.warnings_or_raise(file)
    except ProblemsError as error:
        problems = [*error.problems, *_what_else_is_wrong(playbook)]
        raise ProblemsError(sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0)) from None


_SURE = ("unknown-score", "score-cycle", "type-mismatch", "unknown-list", "unknown-outcome", "not-readable-here")
"""What can be told of a playbook of which a part could not be read, without blaming that part twice."""


def _what_else_is_wrong(playbook: Playbook) -> list[Problem]:
    """Return what is wrong across the parts that could be read, so that it is told in the same breath."""
    try:
        bind_playbook(playbook, any_field=True)
    except ProblemsError as error:
        return [problem for problem in error.problems if problem.code in _SURE]
    return []


class _Loader:
    def __init__(self, root: Table, folder: Path | None) -> None:
        self.root = root
        self.folder = folder

    def load(self, file: str) -> Playbook:
        root = self.root
        head = root.table("playbook", required=True, words="a table with the playbook's name")
        head = head or Table({"name": "?"}, (), "playbook", root.notes)
        lead_fields, company_fields = self.fields()
        handoff = root.table("handoff")
        sources = root.table("sources")
        playbook = Playbook(
            name=head.text("name", required=True, words="the playbook's name") or "?",
            timezone=self.zone(head),
            grade=head.texts("grade"),
            needs_consent=head.truth("needs_consent", False),
            lead_fields=lead_fields,
            company_fields=company_fields,
            events=self.events(),
            source_rank=sources.texts("rank") if sources else (),
            lists=self.lists(),
            scores=self.scores(),
            criteria=self.with_ids("criteria", "criterion", read_criterion),
            resets=read_each(root.tables("resets"), self.reset),
            questions=self.questions(),
            personas=self.with_ids("personas", "persona", self.named),
            exclusions=self.with_ids("exclusions", "exclusion", self.named),
            qualifications=self.with_ids("qualifications", "qualification", self.qualification),
            outcomes=self.outcomes(),
            stages=self.with_ids("stages", "stage", self.stage),
            handoff=self.handoff(handoff) if handoff else None,
            file=file,
        )
        head.has("version")
        head.has("title")
        for table in (head, sources, handoff, root):
            if table:
                table.finish()
        return playbook

    def with_ids(self, key: str, what: str, read: Any) -> tuple[Any, ...]:
        tables = self.root.tables(key)
        refuse_twins([(str(table.values["id"]), table) for table in tables if "id" in table.values], what)
        return read_each(tables, read)

    def zone(self, head: Table) -> str:
        name = head.text("timezone", words="a time zone such as 'Europe/Berlin'") or "UTC"
        try:
            get_zone(name)
        except UnknownZoneError:
            head.note(
                "bad-value", f"There is no time zone '{name}': write one such as 'Europe/Berlin' or 'UTC'.", "timezone"
            )
            return "UTC"
        return name

    # -- what there is to speak about -------------------------------------------------------------

    def fields(self) -> tuple[dict[str, FieldSpec], dict[str, FieldSpec]]:
        lead: dict[str, FieldSpec] = {}
        company: dict[str, FieldSpec] = {}
        holder = self.root.table("fields")
        for name in holder.values if holder else ():
            assert holder is not None
            table = holder.table(name, words='a table such as { type = "number" }')
            if table is None:
                continue
            if name in ("company", "lead") and not isinstance(table.values.get("type"), str):
                target = company if name == "company" else lead
                target |= {inner: spec for inner in table.values if (spec := self.field(table.table(inner)))}
            elif spec := self.field(table):
                (company if name.startswith("company.") else lead)[
                    name.removeprefix("company.").removeprefix("lead.")
                ] = spec
        return lead, company

    def field(self, table: Table | None) -> FieldSpec | None:
        if table is None:
            return None
        kind = table.choice("type", FIELD_TYPES, "")
        if not table.has("type"):
            table.note("missing-key", f"'type' is missing: one of {', '.join(FIELD_TYPES)}.")
        separator = table.text("separator") if kind == "list" and table.has("separator") else None
        spec = FieldSpec(cast(FieldType, kind), separator or ";", table.texts("missing"), declared=True)
        table.finish()
        return spec if kind else None

    def events(self) -> dict[str, EventSpec]:
        found: dict[str, EventSpec] = {}
        holder = self.root.table("events")
        for name in holder.values if holder else ():
            assert holder is not None
            table = holder.table(name)
            if table is None:
                continue
            properties: dict[str, FieldSpec] = {}
            typed = table.table("properties")
            for prop in typed.values if typed else ():
                assert typed is not None
                if isinstance(typed.values[prop], dict):
                    spec = self.field(typed.table(prop))
                    properties |= {prop: spec} if spec else {}
                elif kind := typed.choice(prop, FIELD_TYPES, ""):
                    properties[prop] = FieldSpec(cast(FieldType, kind), declared=True)
            table.text("title")
            table.finish()
            found[name] = EventSpec(properties)
        return found

    def lists(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        holder = self.root.table("lists")
        for name in holder.values if holder else ():
            assert holder is not None
            if isinstance(holder.values[name], dict):
                table = holder.table(name)
                assert table is not None
                found[name] = self.list_file(table)
                table.finish()
            else:
                found[name] = holder.texts(name, required=True)
        return found

    def list_file(self, table: Table) -> tuple[str, ...]:
        name = table.text("file", required=True, words="the name of a file with one value a line")
        if name is None:
            return ()
        if self.folder is None or Path(name).is_absolute() or ".." in Path(name).parts:
            table.note("bad-value", f"'{name}' must lie in the playbook's own folder.", "file")
            return ()
        try:
            text = (self.folder / name).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            table.note("unreadable-file", f"The list '{name}' cannot be read: {reason}.", "file")
            return ()
        return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))

    # -- what is computed ---------------------------------------------------------------------------

    def scores(self) -> tuple[Score, ...]:
        found = []
        tables = self.root.named_tables("scores")
        if len(tables) > MAX_SCORES:
            self.root.note("too-large", f"There are {len(tables)} scores; at most {MAX_SCORES} are allowed.", "scores")
        for name, table in tables:
            if name in RESERVED:
                table.note("bad-id", f"'{name}' is a word of the language: choose another id.")
            low, high = table.units("min"), table.units("max")
            if low is not None and high is not None and low > high:
                table.note("bad-value", "'min' is above 'max'.", "min")
            score = Score(
                id=name,
                title=table.text("title") or name,
                low=low,
                high=high,
                grades=self.grades(table),
                sum_of=table.texts("sum_of", required=table.has("sum_of")),
                source=table.text("source"),
                line=table.line,
            )
            table.finish()
            found.append(score)
        return tuple(found)

    def grades(self, table: Table) -> tuple[tuple[str, int], ...]:
        holder = table.table("grades", words="a table such as { A = 75, B = 50 }")
        found: list[tuple[str, int]] = []
        for name in holder.values if holder else ():
            assert holder is not None
            units = holder.units(name)
            if units is None:
                continue
            if found and units >= found[-1][1]:
                holder.note(
                    "bad-value", f"'{name}' must need less than '{found[-1][0]}': the best grade comes first.", name
                )
            found.append((name, units))
        return tuple(found)

    def reset(self, table: Table) -> Reset | None:
        event = table.text("event", required=True, words="the name of the event that wipes the scores")
        scores = table.texts("scores", required=True)
        return Reset(event, scores) if event else None

    def questions(self) -> tuple[Question, ...]:
        found = []
        for name, table in self.root.named_tables("questions"):
            if name in RESERVED:
                table.note("bad-id", f"'{name}' is a word of the language: choose another id.")
            answers = {answer: read_clause(table, answer, "facts") for answer in ("yes", "partly", "no")}
            question = Question(id=name, ask=table.text("ask") or name, source=table.text("source"), **answers)
            table.finish()
            found.append(question)
        return tuple(found)

    def named(self, table: Table) -> Named | None:
        name = table.id()
        if name == "consent" and table.path[0] == "exclusions":
            table.note(
                "bad-id", "'consent' is what excluded_by says of a lead without consent: choose another id.", "id"
            )
        when = read_clause(table, "when", "facts", required=True)
        title = table.text("title") or table.text("why") or name
        table.has("why")
        source = table.text("source")
        return Named(name, title or name, when, source) if name and when else None

    def qualification(self, table: Table) -> Qualification | None:
        name = table.id()
        if name in RESERVED:
            table.note("bad-id", f"'{name}' is a word of the language: choose another id.", "id")
        enter = read_clause(table, "enter", "levels", required=True)
        stay = read_clause(table, "stay", "levels")
        rest: dict[str, Any] = {
            "title": table.text("title") or name or "",
            "hand_raise": table.texts("hand_raise", or_one=True),
            "hand_raise_stay_days": table.days("hand_raise_stay"),
            "cooldown_days": table.days("cooldown"),
            "source": table.text("source"),
            "line": table.line,
        }
        return Qualification(id=name, enter=enter, stay=stay or enter, **rest) if name and enter else None

    # -- what follows -------------------------------------------------------------------------------

    def outcomes(self) -> tuple[Outcome, ...]:
        declared = {}
        for name, table in self.root.named_tables("outcomes"):
            reasons = table.tables("reasons")
            refuse_twins([(str(reason.values["id"]), reason) for reason in reasons if "id" in reason.values], "reason")
            declared[name] = Outcome(
                id=name,
                title=table.text("title") or name,
                ends=table.truth("ends", name in ENDING_OUTCOMES),
                reset=table.texts("reset"),
                quiet_days=table.days("quiet"),
                reasons=read_each(reasons, self.reason),
                source=table.text("source"),
            )
            table.finish()
        built_in = {
            name: declared.get(name) or Outcome(id=name, title=name.replace("_", " "), ends=name in ENDING_OUTCOMES)
            for name in BUILT_IN_OUTCOMES
        }
        return tuple({**built_in, **declared}.values())

    @staticmethod
    def reason(table: Table) -> Reason | None:
        name = table.id()
        returns = cast(
            Literal["any", "hand_raise", "never"], table.choice("returns", ("any", "hand_raise", "never"), "any")
        )
        owner = cast(Literal["keep", "new"], table.choice("owner", ("keep", "new"), "keep"))
        rest: dict[str, Any] = {
            "quiet_days": table.days("quiet"),
            "reset": table.texts("reset") if table.has("reset") else None,
            "fix": table.texts("fix", or_one=True),
            "source": table.text("source"),
        }
        title = table.text("title") or name
        return None if name is None else Reason(id=name, title=title or name, returns=returns, owner=owner, **rest)

    @staticmethod
    def stage(table: Table) -> Stage | None:
        name = table.id()
        while_, since = table.text("while"), table.text("since")
        until = table.texts("until", or_one=True)
        if while_ and since:
            table.note(
                "conflicting-keys", "'while' and 'since' exclude each other: a stage has one beginning.", "while"
            )
        if until and not since:
            table.note("missing-key", "'until' needs a 'since'.", "until")
        return (
            Stage(id=name, title=table.text("title") or name, while_=while_, since=since, until=until) if name else None
        )

    def handoff(self, table: Table) -> HandOff:
        def route(entry: Table) -> Route | None:
            when = read_clause(entry, "when", "facts", required=True)
            to = entry.text("to", required=True, words="whom the hand-off goes to")
            source = entry.text("source")
            return Route(when, to, source) if when and to else None

        return HandOff(
            qualifications=table.texts("qualifications", required=True),
            respond_within_hours=table.hours("respond_within"),
            otherwise=table.text("otherwise"),
            routes=read_each(table.tables("routes"), route),
            source=table.text("source"),
        )
