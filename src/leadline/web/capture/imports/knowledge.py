"""What is known of whom the rows of a part are about: enough to say of each row whether it is new, says something new, or nothing.

The dry run and the run both count with this, so that they count alike. A row is

    new        when it makes a lead, a company, an event or an outcome,
    updated    when it says something of a lead or a company that its source did not say before,
    unchanged  when it says nothing new.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from leadline.engine.reference.cells import as_written
from leadline.web.leads.messages import Json
from leadline.web.leads.models import Fact

Status = Literal["new", "updated", "unchanged"]
Subject = tuple[Literal["lead", "company"], Hashable]
"""A lead or a company: by its id, or by anything else while it has none."""
_MOST = 500


@dataclass(slots=True)
class Words:
    """What one source has said, by subject and field: moments and texts."""

    said: dict[tuple[Subject, str], list[tuple[datetime, str]]] = field(default_factory=dict)

    @classmethod
    def load(cls, leads: Iterable[int], companies: Iterable[int], fields: Iterable[str], source: str) -> "Words":
        """Return what a source has said of some fields of leads and companies that there are."""
        words = cls()
        wanted = sorted(set(fields))
        for kind, ids in (("lead", sorted(set(leads))), ("company", sorted(set(companies)))):
            for start in range(0, len(ids), _MOST):
                rows = Fact.objects.filter(
                    **{f"{kind}__in": ids[start : start + _MOST]}, field__in=wanted, source=source
                )
                for subject_id, name, known_at, value in rows.values_list(f"{kind}_id", "field", "known_at", "value"):
                    subject: Subject = ("lead" if kind == "lead" else "company", subject_id)
                    words.said.setdefault((subject, name), []).append((known_at, as_written(value)))
        return words

    def take(self, subject: Subject, facts: Mapping[str, Json], known_at: datetime) -> bool:
        """Take what a row says in; return whether any of it is news: another value than the last one at that time."""
        is_news = False
        for name, value in facts.items():
            history = self.said.setdefault((subject, name), [])
            text = as_written(value)  # type: ignore[arg-type]  # facts have no parts with names
            before = [word for word in history if word[0] <= known_at]
            if not before or max(before)[1] != text:
                history.append((known_at, text))
                is_news = True
        return is_news


def count_statuses(statuses: Sequence[Status]) -> dict[str, int]:
    """Return how many rows are new, updated and unchanged."""
    return {name: statuses.count(name) for name in ("new", "updated", "unchanged")}
