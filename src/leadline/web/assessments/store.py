"""Writes of assessments: what was found of some leads, beside what stands there; and what has become different by it.

Only differences are written: a spell that is found again keeps its row, and with it the moment when it was first noticed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from leadline.web.assessments.changes import Change
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.assessments.rows import Row, Rows
from leadline.web.playbooks.models import Version

Noticed = Mapping[tuple[int, str, datetime], datetime]
"""When a spell was first seen, by lead, qualification and beginning."""

_PART = 500


def store_rows(
    version: Version,
    found: Mapping[int, Rows],
    log_versions: Mapping[int, int],
    *,
    as_of: datetime,
    now: datetime,
) -> list[Change]:
    """Write what was found of some leads under a version, in the transaction of the caller who holds their leases.

    Args:
        version: the playbook's.
        found: the rows of each lead.
        log_versions: of each lead, which was read.
        as_of: the moment for which it was computed.
        now: what is new was noticed at.
    """
    changes: list[Change] = []
    leads = sorted(found)
    for start in range(0, len(leads), _PART):
        part = leads[start : start + _PART]
        changes += _Storing(version, found, part, now).store(log_versions, as_of)
    return changes


class _Storing:
    """Stores some leads under one version."""

    def __init__(self, version: Version, found: Mapping[int, Rows], leads: Sequence[int], now: datetime) -> None:
        self.version, self.found, self.leads, self.now = version, found, leads, now
        self.changes: list[Change] = []

    def store(self, log_versions: Mapping[int, int], as_of: datetime) -> list[Change]:
        """Write assessments, spells and moves, and return what is different."""
        self._assessments(log_versions, as_of)
        self._spells()
        self._moves()
        return self.changes

    def _add(self, kind: Any, lead: int, at: datetime, **more: Any) -> None:
        self.changes.append(
            Change(
                kind=kind,
                workspace_id=self.version.workspace_id,
                version_id=self.version.pk,
                lead_id=lead,
                at=at,
                **more,
            )
        )

    def _assessments(self, log_versions: Mapping[int, int], as_of: datetime) -> None:
        stages = dict(Assessment.objects.filter(version=self.version, lead__in=self.leads).values_list("lead", "stage"))
        rows = []
        for lead in self.leads:
            own = self.found[lead]
            rows.append(
                Assessment(
                    workspace_id=self.version.workspace_id,
                    version=self.version,
                    lead_id=lead,
                    as_of=as_of,
                    log_version=log_versions[lead],
                    **own.assessment,
                )
            )
            before, after = stages.get(lead, ""), own.assessment["stage"]
            if before != after:
                last = own.moves[max(own.moves)] if own.moves else None
                at, because = (as_of, "") if last is None else (last["at"], last["because"])
                self._add("moved", lead, at, because=because, before=before, after=after)
        own_columns = list(next(iter(self.found.values())).assessment) if rows else []
        Assessment.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["version", "lead"],
            update_fields=["as_of", "log_version", *own_columns],
        )

    def _spells(self) -> None:
        stored: dict[int, dict[tuple[str, datetime], Spell]] = {lead: {} for lead in self.leads}
        for one in Spell.objects.filter(version=self.version, lead__in=self.leads):
            stored[one.lead_id][one.qualification, one.began_at] = one
        noticed = self._noticed()
        new: list[Spell] = []
        differing: list[Spell] = []
        gone: list[int] = []
        for lead in self.leads:
            wanted = self.found[lead].spells
            for key, row in wanted.items():
                if (spell := stored[lead].get(key)) is None:
                    at = noticed.get((lead, *key), self.now)
                    new.append(
                        Spell(
                            workspace_id=self.version.workspace_id,
                            version=self.version,
                            lead_id=lead,
                            noticed_at=at,
                            **row,
                        )
                    )
                    self._tell_spell(lead, None, row)
                elif _differs(spell, row):
                    self._tell_spell(lead, spell, row)
                    _set(spell, row)
                    differing.append(spell)
            for key, lost in stored[lead].items():
                if key not in wanted:
                    gone.append(lost.pk)
                    self._add("withdrawn", lead, lost.began_at, qualification=key[0], began_at=lost.began_at)
        Spell.objects.filter(pk__in=gone).delete()
        Spell.objects.bulk_create(new)
        if differing:
            columns = [name for name in next(iter(self._rows_of_spells())) if name not in ("qualification", "began_at")]
            Spell.objects.bulk_update(differing, columns, batch_size=_PART)

    def _rows_of_spells(self) -> Iterable[Row]:
        return (row for lead in self.leads for row in self.found[lead].spells.values())

    def _noticed(self) -> dict[tuple[int, str, datetime], datetime]:
        """Return when spells were first noticed under the workspace's other versions."""
        rows = Spell.objects.filter(lead__in=self.leads).exclude(version=self.version)
        found: dict[tuple[int, str, datetime], datetime] = {}
        columns = ("lead_id", "qualification", "began_at", "noticed_at")
        for lead, qualification, began_at, noticed_at in rows.values_list(*columns):
            key = (lead, qualification, began_at)
            found[key] = min(noticed_at, found.get(key, noticed_at))
        return found

    def _tell_spell(self, lead: int, before: Spell | None, row: Row) -> None:
        about = {"qualification": row["qualification"], "began_at": row["began_at"], "cools_day": row["cools_day"]}
        because = row["hand_raise"] or row["began_by"]
        was_open, is_open = before is None or before.ended_at is None, row["ended_at"] is None
        if before is None:
            self._add("entered", lead, row["began_at"], because=because, **about)
        elif is_open and not was_open:
            self._add("reopened", lead, row["began_at"], because=because, **about)
        if was_open and not is_open:
            self._add("left", lead, row["ended_at"], because=row["ended_because"] or row["ended_by"], **about)
        if before is not None and was_open and is_open and before.cools_day != row["cools_day"]:
            self._add("cooling", lead, row["began_at"], **about)

    def _moves(self) -> None:
        stored: dict[int, dict[datetime, StageMove]] = {lead: {} for lead in self.leads}
        for one in StageMove.objects.filter(version=self.version, lead__in=self.leads):
            stored[one.lead_id][one.at] = one
        new: list[StageMove] = []
        gone: list[int] = []
        for lead in self.leads:
            wanted = self.found[lead].moves
            for at, row in wanted.items():
                if (move := stored[lead].get(at)) is None or _differs(move, row):
                    new.append(
                        StageMove(workspace_id=self.version.workspace_id, version=self.version, lead_id=lead, **row)
                    )
                    gone += [] if move is None else [move.pk]
            gone += [other.pk for at, other in stored[lead].items() if at not in wanted]
        StageMove.objects.filter(pk__in=gone).delete()
        StageMove.objects.bulk_create(new)


def _differs(stored: Spell | StageMove, row: Row) -> bool:
    return any(getattr(stored, name) != value for name, value in row.items())


def _set(stored: Spell, row: Row) -> None:
    for name, value in row.items():
        setattr(stored, name, value)


def remove_merged(version: Version, leads: Iterable[int]) -> list[Change]:
    """Delete the rows of those who were merged into some leads, and say which spells are withdrawn by that."""
    merged = list(
        Assessment.objects.filter(version=version, lead__merged_into__in=leads).values_list("lead", flat=True)
    )
    changes = [
        Change(
            kind="withdrawn",
            workspace_id=version.workspace_id,
            version_id=version.pk,
            lead_id=spell.lead_id,
            at=spell.began_at,
            qualification=spell.qualification,
            began_at=spell.began_at,
            because="merged",
        )
        for spell in Spell.objects.filter(version=version, lead__in=merged)
    ]
    for model in (Spell, StageMove, Assessment):
        model.objects.filter(version=version, lead__in=merged).delete()
    return changes


def remove_rows(version: Version, most: int) -> int:
    """Delete some of the rows of a version that is not needed any more; return how many went."""
    for model in (Spell, StageMove, Assessment):
        ids = list(model.objects.filter(version=version).values_list("pk", flat=True)[:most])
        if ids:
            for start in range(0, len(ids), _PART):
                model.objects.filter(pk__in=ids[start : start + _PART]).delete()
            return len(ids)
    return 0
