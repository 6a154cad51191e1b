"""Whatever is merged, undone, marked, re-pointed and erased, and whatever arrives in between: it is as if it had always been so.

After every step: logs, assessments, spells and stages are those of a log that was written in its final form (`Truth`, which shares no
code with the amendments); arrays come to the same; going only through the leads that are affected comes to the same; the list of
qualifications that no longer stand is the difference; and nothing is left of who was erased.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import reject, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.engine.amendments.final_form import (
    Known,
    State,
    by_value,
    end_of,
    holder,
    is_alike,
    is_open,
    moments_in,
    rolled,
    without_order,
)
from tests.parity.files import write_tables
from tests.strategies import Scenario, declare
from tests.strategies.amendable import (
    COMPANIES,
    EVENT_IDS,
    LEADS,
    MOST_DAYS,
    PEOPLE,
    RULES,
    AmendableRows,
    Truth,
    canary,
)
from tests.strategies.conditions import EVENTS, PROPERTIES, WORLD_DAYS
from tests.strategies.histories import time_drafts

from leadline.engine.amendments.affected import affected_leads, changed_leads, successors
from leadline.engine.amendments.apply import amended
from leadline.engine.amendments.entry import look_at
from leadline.engine.amendments.model import (
    Amendment,
    BotRule,
    Erase,
    MarkBot,
    MarkNoBot,
    Merge,
    RepointEvents,
    UnmarkBot,
    Unmerge,
)
from leadline.engine.amendments.standing import no_longer_stand
from leadline.engine.calendar import date_of, day_number, get_zone
from leadline.engine.compiler.plan import make_plan
from leadline.engine.explanation.explain import explain
from leadline.engine.explanation.text import render_text
from leadline.engine.lifecycle.history import assess_in_time, history
from leadline.engine.lifecycle.model import Spell
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs
from leadline.engine.replay.run import replay
from leadline.engine.rollup import build_rollup
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.moments import every_moment
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import histories

people = st.sampled_from(PEOPLE)
leads = st.sampled_from(LEADS)
event_ids = st.lists(st.sampled_from(EVENT_IDS), min_size=1, max_size=2, unique=True).map(tuple)


class AmendedLog(RuleBasedStateMachine):
    """A log to which rows are appended and about which things are said."""

    playbook: Playbook

    def __init__(self) -> None:
        super().__init__()
        self.memory: dict[str, Known] = {}
        self.amendments: list[Amendment] = []
        self.said_before: list[Amendment] = []
        self.state: State | None = None
        self.kept: dict[str, Known] = {}
        self.is_sound = False

    @initialize(
        draft=time_drafts(),
        day=st.sampled_from(WORLD_DAYS),
        as_known=st.booleans(),
        is_clean=st.booleans(),
        data=st.data(),
    )
    def begin(self, draft: Any, day: Any, as_known: bool, is_clean: bool, data: st.DataObject) -> None:
        zone = draft.tables["playbook"]["timezone"]
        self.rows = AmendableRows(zone, day, is_clean)
        self.as_known, self.until = as_known, get_zone(zone).end_of_day(day_number(day))
        shown = {
            "leads": [{"lead_id": "?"}],
            "companies": [],
            "events": [{"lead_id": "?", "event": "?", "occurred_at": ""}],
        }
        specs = {event: {"properties": dict(PROPERTIES)} for event in EVENTS}
        self.text = replace(declare(draft, shown, set()), events=specs).to_toml()
        self.levels = tuple(one["id"] for one in draft.tables["qualifications"])
        company = data.draw(st.lists(st.sampled_from(COMPANIES), unique=True))
        found = {
            "leads": [data.draw(self.rows.lead(lead)) for lead in LEADS],
            "companies": [data.draw(self.rows.company(one)) for one in company],
            "events": [
                data.draw(self.rows.event(data.draw(people))) for _ in range(data.draw(st.sampled_from((1, 4, 9))))
            ],
            "facts": [data.draw(self.rows.fact(data.draw(people)))],
            "outcomes": [data.draw(self.rows.outcome(data.draw(people), self.levels))],
        }
        try:
            self.playbook, _ = read_playbook(self.text)
            bind_playbook(self.playbook, infer_catalog(self.playbook, found))
        except ProblemsError:
            reject()
        self.truth = Truth(found)
        self.first = {name: list(rows) for name, rows in found.items()}

    # -- what arrives ----------------------------------------------------------------------------

    def append(self, table: str, row: dict[str, Any]) -> None:
        self.truth.raw[table] = [*self.truth.raw[table], row]

    @rule(lead=people, data=st.data(), times=st.sampled_from((1, 1, 2)))
    def an_event_arrives(self, lead: str, data: st.DataObject, times: int) -> None:
        row = data.draw(self.rows.event(lead))
        for _ in range(times):
            self.append("events", row)

    @rule(lead=people, data=st.data())
    def an_event_is_told_again_by_another(self, lead: str, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from(self.truth.raw["events"]))
        self.append("events", {**row, "lead_id": lead, "note": f"{canary(lead)}event"})

    @rule(lead=people, data=st.data())
    def a_fact_arrives(self, lead: str, data: st.DataObject) -> None:
        self.append("facts", data.draw(self.rows.fact(lead)))

    @rule(company=st.sampled_from(COMPANIES), is_fact=st.booleans(), data=st.data())
    def something_of_a_company_arrives(self, company: str, is_fact: bool, data: st.DataObject) -> None:
        row = self.rows.fact(company, is_company=True) if is_fact else self.rows.company(company)
        self.append("facts" if is_fact else "companies", data.draw(row))

    @rule(lead=people, data=st.data())
    def an_outcome_arrives(self, lead: str, data: st.DataObject) -> None:
        self.append("outcomes", data.draw(self.rows.outcome(lead, self.levels)))

    @rule(lead=people, data=st.data(), is_equal=st.booleans())
    def a_row_of_a_lead_arrives(self, lead: str, data: st.DataObject, is_equal: bool) -> None:
        """Equal, a second one, or the first; two that differ are used by nobody, so nothing may have been given to that lead."""
        own = self.truth.row_of(lead)
        row = own if own is not None and is_equal else data.draw(self.rows.lead(lead))
        given = {self.truth.person(one) for one in (*self.truth.into.values(), *self.truth.home.values())}
        if own is None or row == own or lead not in given:
            self.append("leads", row)

    # -- what is said ------------------------------------------------------------------------------

    def say(self, amendment: Amendment, *, makes_sense: bool, code: str = "bad-amendment") -> bool:
        """Say something; return whether it makes sense, which amendments must find out too."""
        if makes_sense:
            self.amendments = [*self.amendments, amendment]
            return True
        with pytest.raises(ProblemsError) as refused:
            amended(self.truth.raw, [*self.amendments, amendment], playbook=self.playbook)
        assert {problem.code for problem in refused.value.problems} <= {code, "bad-amendment"}
        return False

    @rule(lead=people, into=leads)
    def two_are_one(self, lead: str, into: str) -> None:
        truth = self.truth
        is_circle = lead == into or truth.person(into) == lead or lead in self.way(into)
        is_gone = lead in truth.gone or into in truth.gone
        makes_sense = not is_circle and not is_gone and truth.can_take(into)
        if self.say(Merge(lead=lead, into=into), makes_sense=makes_sense, code="unknown-lead"):
            truth.into.pop(lead, None)
            truth.into[lead] = into

    def way(self, lead: str) -> list[str]:
        return [lead, *(self.way(self.truth.into[lead]) if lead in self.truth.into else ())]

    @precondition(lambda self: bool(self.truth.into))
    @rule(lead=people, data=st.data())
    def they_were_two(self, lead: str, data: st.DataObject) -> None:
        lead = data.draw(st.sampled_from([lead, *self.truth.into]))
        makes_sense = lead in self.truth.into and lead not in self.truth.gone
        left_over = {**self.truth.into}
        left_over.pop(lead, None)
        others = Truth(self.truth.raw, left_over, self.truth.home, gone=self.truth.gone)
        wanted = {others.person(one) for one in (*left_over.values(), *others.home.values())}
        if makes_sense and any(others.row_of(one) is None for one in wanted if one not in others.gone):
            return  # somebody would be left without a row, which a test of its own is about
        if self.say(Unmerge(lead=lead), makes_sense=makes_sense):
            del self.truth.into[lead]

    @rule(ids=event_ids, how=st.sampled_from(("bot", "no bot", "taken back")), data=st.data())
    def something_is_said_of_bots(self, ids: tuple[str, ...], how: str, data: st.DataObject) -> None:
        match how:
            case "bot":
                self.say(MarkBot(event_ids=ids), makes_sense=True)
                self.truth.bots |= dict.fromkeys(ids, True)
            case "no bot":
                self.say(MarkNoBot(event_ids=ids), makes_sense=True)
                self.truth.bots |= dict.fromkeys(ids, False)
            case _:
                ids = data.draw(st.sampled_from([ids, *((one,) for one in self.truth.bots)]))
                if self.say(UnmarkBot(event_ids=ids), makes_sense=all(one in self.truth.bots for one in ids)):
                    for one in ids:
                        del self.truth.bots[one]

    @rule(name=st.sampled_from(sorted(RULES)), is_made=st.booleans())
    def a_rule_is_made_or_withdrawn(self, name: str, is_made: bool) -> None:
        events, when, _ = RULES[name]
        if is_made:
            self.say(MarkBot(rule=BotRule(id=name, events=events, when=when)), makes_sense=True)
            self.truth.rules.add(name)
        elif self.say(UnmarkBot(rule_id=name), makes_sense=name in self.truth.rules):
            self.truth.rules.discard(name)

    @rule(ids=event_ids, into=people)
    def events_are_of_another(self, ids: tuple[str, ...], into: str) -> None:
        code = "bad-amendment" if into in self.truth.gone else "unknown-lead"
        if self.say(RepointEvents(event_ids=ids, into=into), makes_sense=self.truth.can_take(into), code=code):
            self.truth.home |= dict.fromkeys(ids, into)

    @precondition(lambda self: bool(self.truth.home))
    @rule(ids=event_ids, data=st.data())
    def events_are_as_their_rows_say(self, ids: tuple[str, ...], data: st.DataObject) -> None:
        ids = data.draw(st.sampled_from([ids, *((one,) for one in self.truth.home)]))
        makes_sense = all(one in self.truth.home or one in self.truth.gone_events for one in ids)
        if self.say(RepointEvents(event_ids=ids, into=None), makes_sense=makes_sense):
            for one in ids:
                self.truth.home.pop(one, None)

    @precondition(lambda self: len(self.amendments) > 2)
    @rule(lead=people)
    def somebody_is_forgotten(self, lead: str) -> None:
        self.say(Erase(lead=lead), makes_sense=True)
        self.truth.erase(lead)

    # -- what must hold --------------------------------------------------------------------------------

    @invariant()
    def it_is_as_if_it_had_always_been_so(self) -> None:
        self.is_sound = False
        before = self.state
        tables = amended(self.truth.raw, self.amendments, playbook=self.playbook)
        state, fresh = self.state_of(tables), self.state_of(self.truth.tables())
        self.are_equal(state, fresh)
        self.arrays_come_to_the_same(state)
        self.only_the_affected_changed(before, state)
        if before is not None:
            self.what_no_longer_stands_is_the_difference(before.spells, state)
        self.nothing_is_left_of_the_erased(state)
        self.state, self.said_before = state, self.amendments
        self.is_sound = True

    def state_of(self, tables: dict[str, Any]) -> State:
        bound, _ = bind_playbook(self.playbook, infer_catalog(self.playbook, tables))
        state = State(tables, bound, read_logs(bound, tables).logs)
        state.known = {log.lead_id: self.look(bound, log) for log in state.logs}
        return state

    def look(self, bound: BoundPlaybook, log: LeadLog) -> Known:
        """Return what the naive reference says of a lead; it is asked once for each log."""
        key = f"{bound.catalog.lead} {bound.catalog.company} {sorted(bound.catalog.events.items())} {log}"
        if key not in self.memory:
            found = history(bound, log, self.until, as_known=self.as_known)
            at_end = assess_in_time(bound, log, self.until, as_known=self.as_known)
            self.memory[key] = Known(found.spells, found.moves, [spell.evidence for spell in found.spells], at_end)
        return self.memory[key]

    def are_equal(self, state: State, fresh: State) -> None:
        """(a) Logs, assessments, spells, evidence and stages are those of the log in its final form."""
        assert [by_value(log) for log in state.logs] == [by_value(log) for log in fresh.logs]
        for lead, known in state.known.items():
            assert without_order(known) == without_order(fresh.known[lead])

    def arrays_come_to_the_same(self, state: State) -> None:
        """(b) The timeline in arrays finds the same."""
        plan = make_plan(state.bound)
        known = known_from_logs(plan, state.logs, as_known=self.as_known)
        looks = Reach(plan, known).may_begin()
        zone = get_zone(self.playbook.timezone)
        found = histories(plan, known, every_moment(zone, known, self.until, looks))
        assert found.spells == state.spells
        assert [one.evidence for one in found.spells] == [
            one for log in state.logs for one in state.known[log.lead_id].evidence
        ]
        assert found.moves == [move for log in state.logs for move in state.known[log.lead_id].moves]

    def only_the_affected_changed(self, before: State | None, state: State) -> None:
        """(c) What is kept, with only the affected leads gone through again, is what all come to."""
        if before is None:
            affected = set(state.known)
        else:
            affected = changed_leads(before.tables, state.tables, playbook=self.playbook)
        if self.amendments != self.said_before:
            new = self.amendments[len(self.said_before) :]
            said = affected_leads(self.truth.raw, new, already=self.said_before, playbook=self.playbook)
            assert before is None or said == affected
        for lead in affected:
            self.kept.pop(lead, None)
            if lead in state.known:
                self.kept[lead] = state.known[lead]
        assert {lead: without_order(one) for lead, one in self.kept.items()} == {
            lead: without_order(one) for lead, one in state.known.items()
        }

    def what_no_longer_stands_is_the_difference(self, before: Sequence[Spell], state: State) -> None:
        """(d) What is told is what is not there any more as it was, and of each why, as far as one can see that by looking."""
        new = self.amendments[len(self.said_before) :]
        now = successors(self.said_before, new)
        look = look_at(state.bound, state.logs, as_known=self.as_known)
        found = no_longer_stand(before, state.spells, leads_now=now, look_again=look, playbook=self.playbook)
        expected = {}
        for was in before:
            own = [
                one
                for one in state.spells
                if one.lead_id in now.get(was.lead_id, (was.lead_id,)) and is_alike(one, was)
            ]
            same = [one for one in own if one.began_us == was.began_us]
            if any(end_of(one) == end_of(was) for one in same[:1]):
                continue
            is_qualified = any(is_open(one, us) for one in own for us in moments_in(was, self.until))
            expected[was.lead_id, was.qualification, was.number] = (
                "erased"
                if now.get(was.lead_id) == ()
                else "ended"
                if same
                else "earlier"
                if any(is_open(one, was.began_us) for one in own)
                else "later"
                if is_qualified
                or any(was.began_us < one.began_us < (was.ended_us or self.until.until_us + 1) for one in own)
                else "gone"
            )
        assert {(one.lead_id, one.qualification, one.was.number): one.how for one in found} == expected
        assert [one.was.began_us for one in found if one.how != "erased" and not one.because] == []
        for one in found:
            assert one.now is None or one.now in state.spells
            if one.how == "erased":
                assert one.was.evidence is None and one.was.reason is None and one.was.hand_raise is None

    def nothing_is_left_of_the_erased(self, state: State) -> None:
        """(e) What stands only in rows of an erased person stands nowhere; but in events that had been given to somebody else."""
        if not self.truth.gone:
            return
        said = [*state.spells, *(move for one in state.known.values() for move in one.moves)]
        told = [line for one in state.known.values() for line in render_text(explain(state.bound, one.assessment))]
        own_events = [row for row in state.tables["events"] if row["event_id"] not in self.truth.home]
        tables = {**state.tables, "events": own_events}
        for lead in self.truth.gone:
            assert canary(lead) not in repr(tables)
            assert canary(lead) not in repr(said) and canary(lead) not in repr([one.evidence for one in state.spells])
            assert not any(canary(lead) in line for line in told)
            assert not any(row["lead_id"] == lead for rows in state.tables.values() for row in rows if "lead_id" in row)

    # -- once, at the end ------------------------------------------------------------------------------

    def teardown(self) -> None:
        if self.is_sound and self.state is not None and self.amendments:
            with TemporaryDirectory(prefix="leadline-amended-") as name:
                self.files_come_to_the_same(self.state, Path(name))

    def files_come_to_the_same(self, state: State, folder: Path) -> None:
        """(f) DuckDB finds the same in files, and an extended roll-up is the one that is built anew."""
        (folder / "playbook.toml").write_text(self.text, encoding="utf-8")
        scenario = Scenario(self.text, state.tables, "", storage="csv")
        inputs = write_tables(scenario, folder)
        day = date_of(self.until.day)
        found = replay(
            folder / "playbook.toml", inputs, start=day - timedelta(days=400), end=day, as_known=self.as_known
        )
        assert list(found.spells) == state.spells
        assert found.moves == [move for log in state.logs for move in state.known[log.lead_id].moves]
        if state.tables["events"] and self.first["events"]:
            self.extended_is_built_anew(folder)

    def extended_is_built_anew(self, folder: Path) -> None:
        """The roll-up of the first events, extended by the amended ones, is that of the amended ones alone.

        Extending keeps the days outside of the events that it is given, so somebody who is never amended holds both ends.
        """
        events, old, new = folder / "events.csv", folder / "old.parquet", folder / "new.parquet"
        holders = [holder(self.truth.raw["events"][0], self.rows, age) for age in (MOST_DAYS + 2, -3)]
        for rows, out, extend in (
            (self.first["events"], old, False),
            (self.state_events(), old, True),
            (self.state_events(), new, False),
        ):
            write_tables(Scenario(self.text, {"events": [*rows, *holders]}, ""), folder)
            build_rollup(folder / "playbook.toml", events=events, out=out, extend=extend)
        assert rolled(old) == rolled(new)
        assert not self.truth.gone & {str(lead) for lead, *_ in rolled(old)[0]}

    def state_events(self) -> Any:
        assert self.state is not None
        return self.state.tables["events"]


@pytest.mark.parity
@pytest.mark.slow
def test_an_amended_log_is_as_if_it_had_always_been_so() -> None:
    count = max(10, settings().max_examples // 4)
    run_state_machine_as_test(AmendedLog, settings=settings(max_examples=count, stateful_step_count=20))
