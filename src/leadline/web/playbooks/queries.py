"""Reads of playbooks: which version holds, which are assessed by, and what a version comes to when it is compiled.

The app binds a playbook without data. A field that the playbook does not declare is read as its conditions use it, so that what
one lead's source sends never changes how another lead is assessed.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from leadline.engine.calendar import Zone, get_zone
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem
from leadline.web.accounts.models import Workspace
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Version

State = Version.State


@dataclass(frozen=True, slots=True)
class Compiled:
    """A version as the engine computes it. warnings: what is usable and most likely not meant."""

    playbook: Playbook
    bound: BoundPlaybook
    plan: Plan
    zone: Zone
    plan_hash: str
    warnings: tuple[Problem, ...] = ()


def get_plan(version: Version) -> Compiled:
    """Return what a version comes to. It never changes, so it is made once a process."""
    return compile_toml(version.toml)


@lru_cache(maxsize=32)
def compile_toml(toml: str) -> Compiled:
    """Return what the text of a playbook comes to.

    Raises:
        ProblemsError: it cannot be used.
    """
    playbook, odd = read_playbook(toml)
    bound, more = bind_playbook(playbook)
    plan = make_plan(bound)
    return Compiled(playbook, bound, plan, get_zone(playbook.timezone), plan.hash, tuple(dict.fromkeys((*odd, *more))))


def find_live(workspace: Workspace | int) -> Version | None:
    """Return the version that pages show; None before the first one has come to life."""
    return Version.objects.filter(workspace=workspace, state=State.LIVE).first()


def find_preparing(workspace: Workspace | int) -> Version | None:
    """Return the version that everybody is being assessed by in the background."""
    return Version.objects.filter(workspace=workspace, state=State.PREPARING).first()


def versions_to_assess(workspace: Workspace | int) -> list[Version]:
    """Return the versions by which a lead is assessed that was touched: the live one, then the one in preparation."""
    wanted = Version.objects.filter(workspace=workspace, state__in=(State.LIVE, State.PREPARING))
    return sorted(wanted, key=lambda one: one.state != State.LIVE)


def versions_of(workspace: Workspace) -> QuerySet[Version]:
    """Return all versions of a workspace, the latest first."""
    rows = Version.objects.filter(workspace=workspace).select_related("published_by", "proposal")
    return rows.order_by("-number")


def find_version(workspace: Workspace, number: int) -> Version | None:
    """Return a version of a workspace by its number."""
    return Version.objects.filter(workspace=workspace, number=number).select_related("published_by").first()


def find_before(version: Version) -> Version | None:
    """Return the version that was published before a version."""
    earlier = Version.objects.filter(workspace=version.workspace_id, number__lt=version.number)
    return earlier.order_by("-number").first()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a version in preparation is: *done* of *total* leads."""

    done: int
    total: int


def progress_of(version: Version) -> Progress:
    """Return how many leads a version in preparation has been assessed for."""
    leads = Lead.objects.filter(workspace=version.workspace_id, merged_into=None)
    done = leads.filter(pk__lte=version.prepared_up_to, due_at=None).count()
    return Progress(done, leads.count())


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of what differs between two texts. kind: ``same``, ``added``, ``removed`` or ``gap``."""

    kind: str
    text: str


def diff_versions(before: Version, after: Version) -> list[DiffLine]:
    """Return what differs between the texts of two versions, with three lines around each difference."""
    return diff_texts(before.toml, after.toml)


def diff_texts(before: str, after: str) -> list[DiffLine]:
    """Return what differs between two texts, with three lines around each difference."""
    return list(_diff(before.splitlines(), after.splitlines()))


def _diff(before: Sequence[str], after: Sequence[str]) -> Iterator[DiffLine]:
    kinds = {"+": "added", "-": "removed", " ": "same"}
    for number, line in enumerate(difflib.unified_diff(before, after, lineterm="")):
        if number < 2:
            continue  # the two file names
        if line.startswith("@@"):
            yield DiffLine("gap", "…")
        else:
            yield DiffLine(kinds[line[0]], line[1:])


def live_versions() -> list[Version]:
    """Return the live versions of all workspaces, for the worker."""
    return list(Version.objects.filter(state=State.LIVE).select_related("workspace").order_by("pk"))


def versions_in_preparation() -> QuerySet[Version]:
    """Return the versions in preparation of all workspaces, for the worker."""
    return Version.objects.filter(state=State.PREPARING).order_by("pk")
