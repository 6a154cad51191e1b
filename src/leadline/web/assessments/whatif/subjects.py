"""What what-ifs name of a person: a part of their export, and taken out when they are erased.

Only the id and why the lead moves are kept. An erasure takes them out of what is stored, and out of the hands of a worker that is at it:
its lease ends, so that what it has in memory is not stored any more, and it reads again. tests/web/assessments/whatif/test_subjects.py
guards it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from leadline.web.assessments.models import PastWhatIf, WhatIf
from leadline.web.leads.erasure import Erased
from leadline.web.leads.rows import Row
from leadline.web.leads.subject import Subject


def find_named(subject: Subject) -> list[Row]:
    """Return where what-ifs name a person, and why they move."""
    found = WhatIf.objects.filter(workspace=subject.workspace_id).order_by("pk").values_list("pk", "as_of", "named")
    past = (
        PastWhatIf.objects.filter(workspace=subject.workspace_id).order_by("pk").values_list("pk", "asked_at", "named")
    )
    return [
        {kind: pk, "as_of": as_of.isoformat(), "about": about, **entry}
        for kind, some in (("whatif", found), ("past_whatif", past))
        for pk, as_of, named in some
        for about, entries in _lists(named)
        for entry in entries
        if entry["lead_id"] in subject.lead_ids
    ]


def erase_from_whatifs(subject: Subject, erased: Erased) -> None:
    """Take a person out of the leads that what-ifs name, in the transaction of the erasure. The numbers stay: they are nobody's."""
    for model in (WhatIf, PastWhatIf):
        ours = model.objects.filter(workspace=subject.workspace_id)
        ours.update(lease="", leased_until=None)  # first, and so that nobody stores what they read before
        for pk, named in ours.order_by("pk").values_list("pk", "named"):
            count = sum(one["lead_id"] in subject.lead_ids for _, entries in _lists(named) for one in entries)
            if count:
                model.objects.filter(pk=pk).update(named=_without(named, subject.lead_ids))
                erased.count("names in what-ifs", count)


def _lists(named: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the lists of who is named, each with what it is about: ``gained mql``, ``grades``."""
    for way, said in named.items():
        if isinstance(said, list):
            yield way, said
        else:
            yield from ((f"{way} {name}", entries) for name, entries in said.items())


def _without(said: Any, ids: tuple[int, ...]) -> Any:
    """Return who is named without some leads."""
    if isinstance(said, dict):
        return {name: _without(inner, ids) for name, inner in said.items()}
    return [one for one in said if one["lead_id"] not in ids]
