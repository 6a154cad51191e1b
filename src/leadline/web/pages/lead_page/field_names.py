"""Which fields of people there are, so that a slip of the pen does not make another: what the playbook reads, and what was said before.

Guarded by tests/web/pages/test_new_fields.py.
"""

import difflib

from leadline.web.accounts.models import Workspace
from leadline.web.leads.models import Fact
from leadline.web.leads.titles import FIELDS
from leadline.web.pages.leads_list.columns import known_fields
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live, get_plan

_OF_EVERYBODY = (
    "name",
    "first_name",
    "last_name",
    "email",
    "title",
    "company",
    "country",
    "phone",
    "lead_source",
    *FIELDS,
)
"""Fields that the app itself reads."""
_LIKENESS = 0.7


def playbook_fields(version: Version | None) -> set[str]:
    """Return the fields of people that the live version of the playbook reads, and its questions."""
    if version is None:
        return set()
    compiled = get_plan(version)
    read = {name for scope, name in compiled.bound.kinds if scope == "lead"} | set(compiled.bound.catalog.lead)
    return read | {f"questions.{one.id}" for one in compiled.playbook.questions}


def field_names(workspace: Workspace, version: Version | None) -> list[str]:
    """Return the fields that one may mean under the live version, as they were some minutes ago."""
    return sorted({*_OF_EVERYBODY, *playbook_fields(version), *known_fields(workspace)})


def why_new(workspace: Workspace, field: str) -> str:
    """Return why a field is to be asked about before it is written: nothing knows it yet. Empty for one that there is."""
    version = find_live(workspace)
    own, names = playbook_fields(version), field_names(workspace, version)
    if field in names or Fact.objects.filter(workspace=workspace, field=field, lead__isnull=False).exists():
        return ""
    problem = f"There is no field “{field}” yet."
    near = difflib.get_close_matches(field, names, n=1, cutoff=_LIKENESS)
    if near:
        who = "The playbook knows" if near[0] in own else "There is"
        problem += f" {who} “{near[0]}”: did you mean that?"
    else:
        problem += " The playbook reads none of that name."
    return f"{problem} If it is to be new, tick “It is a new field”. Nothing was noted."
