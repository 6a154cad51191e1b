"""Writes of playbooks: publishing a version, and letting it go live when everybody has been assessed by it.

What a version says never changes; there is no editing and no deleting. Everybody is assessed by it in the background
(`assessments/jobs.py`), and one transaction lets pages show it.
"""

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from leadline.engine.cases.run import CaseResult, run_cases
from leadline.engine.playbook.load import MAX_BYTES
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.web.accounts.models import User, Workspace
from leadline.web.leads.card import refresh_disputed_cards
from leadline.web.leads.due import make_due
from leadline.web.leads.turn import take_turn
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.proposals.publishing import name_proposal, record_publication
from leadline.web.playbooks.proposals.rows import Tell, tell_nobody
from leadline.web.playbooks.proposals.rules import Text
from leadline.web.playbooks.queries import Compiled, State, compile_toml, find_live, find_preparing, get_plan

MOST_GRADE_SIGNS = 60


class SamePlaybookError(Exception):
    """The playbook is, sign for sign, the version that is live or in preparation already."""

    def __init__(self, version: Version) -> None:
        super().__init__(f"This is version {version.number}, which is {version.state} already: nothing was published.")
        self.version = version


class CasesFailedError(Exception):
    """Cases of the playbook fail, so it was not published. *failed* says in what each differs."""

    def __init__(self, failed: list[CaseResult]) -> None:
        lines = [line for one in failed for line in one.lines()]
        super().__init__("\n".join(["Cases fail, so nothing was published:", *lines]))
        self.failed = failed


def publish(
    workspace: Workspace,
    *,
    toml: str,
    cases: str = "",
    note: str = "",
    by: User | None,
    override: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> Version:
    """Publish a playbook: it is checked, its cases are run, and everybody is assessed by it in the background before it goes live.

    A version that is still in preparation is cancelled by a newer one.

    Args:
        workspace: whose leads.
        toml: the text of the playbook.
        cases: the text of its cases; empty for none.
        note: what is new, for people.
        by: who publishes; None for the command line.
        override: why it is published without the approval of both sides, where that is needed; empty: it is not.
        now: when.
        tell: is handed the step of its proposal.

    Raises:
        ProblemsError: the playbook or the cases cannot be used: all that is wrong.
        CasesFailedError: they can, but a case fails.
        SamePlaybookError: it is what is live, or in preparation, already.
        ApprovalNeededError: both sides have to approve it first.
    """
    compiled = check_publishable(toml, cases)
    return store_version(
        workspace, compiled, Text(toml, cases), note=note, by=by, override=override, now=now, tell=tell
    )


def check_publishable(toml: str, cases: str) -> Compiled:
    """Return what a playbook comes to that may be published: it can be used, and no case of it fails.

    Raises:
        ProblemsError, CasesFailedError: it may not be.
    """
    compiled = check_playbook(toml)
    if cases.strip():
        failed = [one for one in run_cases_of(compiled.playbook, cases) if not one.passed]
        if failed:
            raise CasesFailedError(failed)
    return compiled


def store_version(
    workspace: Workspace,
    compiled: Compiled,
    text: Text,
    *,
    note: str,
    by: User | None,
    draft: Draft | None = None,
    override: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> Version:
    """Store a playbook that was checked as the next version, which is in preparation then, and the proposal that it names.

    Raises:
        SamePlaybookError: it is what is live, or in preparation, already.
        ApprovalNeededError: both sides have to approve it first.
    """
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(workspace.pk)  # who publishes at the same time waits here, and finds this version when it goes on
        preparing = find_preparing(workspace)
        latest = preparing or find_live(workspace)
        if latest is not None and (latest.toml, latest.cases) == text:
            raise SamePlaybookError(latest)
        last = Version.objects.filter(workspace=workspace).aggregate(last=Max("number"))["last"]
        number = (last or 0) + 1
        title = draft.name if draft else note or f"Version {number}"
        named = name_proposal(
            workspace, text, base=latest, draft=draft, title=title, why=note, override=override, by=by, now=now
        )
        if preparing is not None:
            Version.objects.filter(pk=preparing.pk).update(state=State.CANCELLED)
        version = Version.objects.create(
            workspace=workspace,
            number=number,
            name=compiled.playbook.name[:120],
            toml=text.toml,
            cases=text.cases,
            plan_hash=compiled.plan_hash,
            note=note.strip()[:500],
            state=State.PREPARING,
            published_by=by,
            published_at=now,
        )
        record_publication(named, version, text, base=latest, by=by, now=now, tell=tell)
        return version


def check_playbook(toml: str) -> Compiled:
    """Return what the text of a playbook comes to.

    Raises:
        ProblemsError: it cannot be used: all that is wrong with it.
    """
    if len(toml.encode("utf-8", "replace")) > MAX_BYTES:
        message = f"A playbook has at most {MAX_BYTES // 1024} KB; this one has {len(toml.encode()) // 1024 + 1}."
        raise ProblemsError([Problem(code="too-large", message=message, file="playbook.toml")])
    try:
        compiled = compile_toml(toml)
    except ProblemsError as error:
        raise ProblemsError([_without_folder(one) for one in error.problems]) from None
    longest = sum(
        max(len(name) for name, _ in compiled.playbook.get_score(one).grades) for one in compiled.playbook.grade
    )
    if longest > MOST_GRADE_SIGNS:
        message = (
            f"A grade may have {MOST_GRADE_SIGNS} signs in all; these names come to {longest}. Choose shorter ones."
        )
        raise ProblemsError([Problem(code="too-large", message=message, where="playbook.grade", file="playbook.toml")])
    return compiled


def _without_folder(problem: Problem) -> Problem:
    """Return a problem as it is here, where a playbook has no folder in which lists could lie."""
    if "must lie in the playbook's own folder" not in problem.message:
        return problem
    return replace(problem, message="In the app a list stands in the playbook itself: write its entries here.")


def run_cases_of(playbook: Playbook, cases: str) -> list[CaseResult]:
    """Run cases that are given as text.

    Raises:
        ProblemsError: they cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cases.toml")
        path.write_text(cases, encoding="utf-8", newline="")
        try:
            found = run_cases(playbook, path)
        except ProblemsError as error:
            raise ProblemsError([_named(one, path, "cases.toml") for one in error.problems]) from None
    return [replace(one, file="cases.toml") for one in found]


def _named(problem: Problem, path: Path, name: str) -> Problem:
    return problem.in_file(name) if problem.file == str(path) else problem


def go_live(version: Version, *, now: datetime | None = None) -> int:
    """Let pages show a version in preparation: one transaction retires the one before. Return 1, or 0 when it is not in preparation."""
    with transaction.atomic():
        take_turn(version.workspace_id)
        if not Version.objects.filter(pk=version.pk, state=State.PREPARING).exists():
            return 0  # another worker was first, or a newer version was published
        before = find_live(version.workspace_id)
        Version.objects.filter(workspace=version.workspace_id, state=State.LIVE).update(state=State.RETIRED)
        done = Version.objects.filter(pk=version.pk).update(state=State.LIVE, live_at=now or timezone.now())
        _believe(version, before, now)
        return done


def give_up(version: Version, problem: str) -> int:
    """Mark a version in preparation as failed, and say why. What is live stays. Return 1, or 0 when it is not in preparation."""
    return Version.objects.filter(pk=version.pk, state=State.PREPARING).update(state=State.FAILED, problem=problem)


def _believe(version: Version, before: Version | None, now: datetime | None) -> None:
    """Let the columns of lists say what the sources say that the new version believes first, where it is not as before."""
    rank = get_plan(version).playbook.source_rank
    if rank != (get_plan(before).playbook.source_rank if before else ()):
        make_due(refresh_disputed_cards(version.workspace_id, rank), now=now)
