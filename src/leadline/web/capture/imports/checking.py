"""The dry run: what would become of rows, counted without writing anything.

It asks who rows are about by the same rules as the run, and what is known with the same words. What earlier rows of the file will have made
by then is kept on the disk (`seen`). Rows that are alike are told exactly; a later row about the same lead that says something else counts
as an update, even if the last of its values had been said before.
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.imports.knowledge import Status, Subject, Words
from leadline.web.capture.imports.rows import CompanyRow, EventRow, LeadRow, OutcomeRow, Understood
from leadline.web.capture.imports.seen import Seen
from leadline.web.capture.imports.writing import (
    company_key,
    event_statuses,
    find_companies,
    find_outcome_ids,
    message_id_of,
    new_outcome,
)
from leadline.web.leads.attribution import Attribution
from leadline.web.leads.claims import make_claim
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.records import outcome_id_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """What all rows of a dry run have in common."""

    workspace: Workspace
    source: str
    at: datetime
    now: datetime
    seen: Seen
    people: list[int] = field(default_factory=list)
    """Rows of outcomes that make a lead: the numbers of those that were checked."""

    def check(self, rows: Sequence[Understood]) -> list[Status]:
        """Return what would become of rows of one table, in their order."""
        if not rows:
            return []
        match rows[0].said:
            case LeadRow():
                return self._check_leads(rows)
            case CompanyRow():
                return self._check_companies(rows)
            case EventRow():
                return self._check_events(rows)
            case OutcomeRow():
                return self._check_outcomes(rows)

    def _check_leads(self, rows: Sequence[Understood]) -> list[Status]:
        said: list[LeadRow] = [row.said for row in rows]  # type: ignore[misc]
        placed = self._place(said)
        companies = find_companies(self.workspace.pk, [one.company for one in said if one.company])
        leads = [key for key, _ in placed if isinstance(key, int)]
        fields = {name for one in said for name in (*one.facts, *(one.company.facts if one.company else ()))}
        words = Words.load(leads, {company.pk for company in companies.values()}, fields, self.source)
        links = Words.load(leads, (), (COMPANY_LINK,), "import")
        statuses: list[Status] = []
        for row, one, (key, is_made) in zip(rows, said, placed, strict=True):
            is_news = words.take(("lead", key), one.facts, one.known_at)
            if one.company:
                name = company_key(one.company)
                company = companies.get(name)
                subject: Subject = ("company", company.pk if company else name)
                is_news |= words.take(subject, one.company.facts, one.known_at)
                link = {COMPANY_LINK: str(company.pk) if company else name} if one.company.is_named else {}
                is_news |= links.take(("lead", key), link, one.known_at)
            keys = [_key("lead", *identity) for identity in one.identities]
            statuses.append(self._status(row, keys, is_made=is_made, is_there=isinstance(key, int), is_news=is_news))
        return statuses

    def _check_companies(self, rows: Sequence[Understood]) -> list[Status]:
        said: list[CompanyRow] = [row.said for row in rows]  # type: ignore[misc]
        there = find_companies(self.workspace.pk, said)
        fields = {name for one in said for name in one.facts}
        words = Words.load((), {company.pk for company in there.values()}, fields, self.source)
        statuses: list[Status] = []
        met: set[str] = set()
        for row, one in zip(rows, said, strict=True):
            name = company_key(one)
            company = there.get(name)
            is_news = words.take(("company", company.pk if company else name), one.facts, one.known_at)
            is_made = company is None and name not in met
            met.add(name)
            keys = [_key("company", name)]
            statuses.append(self._status(row, keys, is_made=is_made, is_there=company is not None, is_news=is_news))
        return statuses

    def _check_events(self, rows: Sequence[Understood]) -> list[Status]:
        source = Source.objects.filter(workspace=self.workspace, name=self.source).first()
        return self._once(rows, event_statuses(source, rows), [message_id_of(row) for row in rows])

    def _check_outcomes(self, rows: Sequence[Understood]) -> list[Status]:
        said: list[OutcomeRow] = [row.said for row in rows]  # type: ignore[misc]
        placed = self._place(said)
        ids = [
            outcome_id_of(new_outcome(one, key if isinstance(key, int) else 0, source=self.source))
            if isinstance(key, int) or one.outcome_id
            else f"{key}:{row.digest}"
            for row, one, (key, _) in zip(rows, said, placed, strict=True)
        ]
        there = find_outcome_ids(self.workspace.pk, ids)
        for row, one, (_, is_made) in zip(rows, said, placed, strict=True):
            self._count_person(row, one, is_made=is_made)
        return self._once(rows, ["unchanged" if one in there else "new" for one in ids], ids)

    def _count_person(self, row: Understood, said: OutcomeRow, *, is_made: bool) -> None:
        """Count a lead that the row makes, unless an earlier row of the file has."""
        keys = [_key("lead", *identity) for identity in said.identities]
        if is_made and not self.seen.is_before(keys, row.number):
            self.people.append(row.number)
        for key in keys:
            self.seen.note(key, row.number)

    def _place(self, said: Sequence[LeadRow | OutcomeRow]) -> list[tuple[Hashable, bool]]:
        """Return for each row its lead (the id, or something else for one that is not there yet) and whether the row makes it."""
        claims = [make_claim(one.identities, source=self.source, is_verified=True, at=self.at) for one in said]
        attribution = Attribution(self.workspace.pk, claims, now=self.now)
        found: list[tuple[Hashable, bool]] = []
        met: set[int] = set()
        for claim in claims:
            place = attribution.place(claim)
            root = place.first.root()
            key: Hashable = root.lead.pk or f"new {id(root)}"
            found.append((key, place.first.is_new and id(place.first) not in met))
            met.add(id(place.first))
        return found

    def _status(
        self, row: Understood, keys: Iterable[bytes], *, is_made: bool, is_there: bool, is_news: bool
    ) -> Status:
        """Return a row's status when the rows before it are written: those of this part are in *is_made* and *is_news* already."""
        keys = list(keys)
        digest = _key("row", row.digest)
        is_met = self.seen.is_before(keys, row.number)
        is_said = self.seen.is_before([digest], row.number)
        for key in (*keys, digest):
            self.seen.note(key, row.number)
        if is_made and not is_met:
            return "new"
        if is_said and (is_met or is_there):
            return "unchanged"
        return "updated" if is_news else "unchanged"

    def _once(self, rows: Sequence[Understood], statuses: Sequence[Status], ids: Sequence[str]) -> list[Status]:
        """Return statuses in which what an earlier row of the file has made is not new again."""
        found: list[Status] = []
        for row, status, one in zip(rows, statuses, ids, strict=True):
            key = _key("once", one)
            found.append("unchanged" if status == "new" and self.seen.is_before([key], row.number) else status)
            self.seen.note(key, row.number)
        return found


def _key(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12).digest()
