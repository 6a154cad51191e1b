"""What waits for whoever keeps the house: refused events, people who may be twins."""

from dataclasses import dataclass

from leadline.web.accounts.models import Workspace
from leadline.web.capture.models import RefusedEvent
from leadline.web.leads.models import Suggestion

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that waits to be looked at: how much of it, counted up to `MOST`, and where."""

    count: int
    text: str
    path: str
    icon: str


def find_chores(workspace: Workspace) -> list[Chore]:
    """Return what waits, nothing where nothing does."""
    refused = RefusedEvent.objects.filter(workspace=workspace, state=RefusedEvent.State.OPEN)
    twins = Suggestion.objects.filter(workspace=workspace, state=Suggestion.State.OPEN)
    found = [
        Chore(refused[:MOST].count(), "refused event{s} to mend or dismiss", "/refused/", "circle-alert"),
        Chore(twins[:MOST].count(), "pair{s} that may be one person", "/leads/duplicates/", "git-merge"),
    ]
    return [
        Chore(one.count, one.text.format(s="" if one.count == 1 else "s"), one.path, one.icon)
        for one in found
        if one.count
    ]
