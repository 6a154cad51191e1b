"""The lifecycle: which stage a lead is in, as a fold over spells and outcomes. Every move is kept, forward and backward.

The furthest stage that holds is the lead's: one with `while` as long as a spell is open, one with `since` from an outcome until
another, one with neither always. Guarded by tests/engine/lifecycle/test_stages.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from leadline.engine.lifecycle.model import StageMove
from leadline.engine.playbook.model import Playbook, Stage
from leadline.engine.reference.log import ReportedOutcome


def stages_of(playbook: Playbook) -> tuple[Stage, ...]:
    """Return the playbook's stages; where it names none: lead, its qualifications in file order, opportunity, customer, evangelist.

    >>> [stage.id for stage in stages_of(Playbook(name="empty"))]
    ['lead', 'opportunity', 'customer', 'evangelist']
    """
    if playbook.stages:
        return playbook.stages
    return (
        Stage(id="lead", title="Lead"),
        *(Stage(id=level.id, title=level.title, while_=level.id) for level in playbook.qualifications),
        Stage(id="opportunity", title="Opportunity", since="opportunity", until=("lost", "won")),
        Stage(id="customer", title="Customer", since="won", until=("churned",)),
        Stage(id="evangelist", title="Evangelist", since="evangelist", until=("churned",)),
    )


def passed_by(playbook: Playbook, stage_id: str) -> list[str]:
    """Return the qualifications that a lead in a stage has behind it: those whose own stage comes before that one.

    >>> ladder = (Stage(id="mql", title="MQL", while_="mql"), Stage(id="opportunity", title="Deal", since="opportunity"))
    >>> passed_by(Playbook(name="p", stages=ladder), "opportunity"), passed_by(Playbook(name="p", stages=ladder), "mql")
    (['mql'], [])
    """
    stages = stages_of(playbook)
    place = next((at for at, stage in enumerate(stages) if stage.id == stage_id), 0)
    return [stage.while_ for stage in stages[:place] if stage.while_ is not None]


@dataclass(slots=True)
class StageFold:
    """Takes what happens to a lead in the order of time and keeps its moves.

    An outcome that both begins and ends a stage at one moment ends it.
    """

    stages: Sequence[Stage]
    lead_id: str
    moves: list[StageMove] = field(default_factory=list)
    _since: dict[str, str] = field(default_factory=dict)
    _place: int | None = None

    def step(self, at_us: int, day: int, open_spells: Collection[str], outcomes: Sequence[ReportedOutcome]) -> None:
        """Take one moment: which spells are open after it, and what was reported at it."""
        reported = sorted({one.outcome for one in outcomes})
        ended: dict[str, str] = {}
        for stage in self.stages if reported else ():
            if stage.since in reported:
                self._since[stage.id] = f"outcome {stage.since}"
            stopping = next((name for name in reported if name in stage.until), None)
            if stopping is not None and self._since.pop(stage.id, ""):
                ended[stage.id] = f"outcome {stopping}"
        place = next(
            (at for at in reversed(range(len(self.stages))) if self._holds(self.stages[at], open_spells)), None
        )
        if place == self._place:
            return
        before = None if self._place is None else self.stages[self._place]
        after = None if place is None else self.stages[place]
        is_forward = (-1 if place is None else place) > (-1 if self._place is None else self._place)
        self.moves.append(
            StageMove(
                lead_id=self.lead_id,
                at_us=at_us,
                day=day,
                before=None if before is None else before.id,
                after=None if after is None else after.id,
                because=self._because(before, after, ended, is_forward=is_forward),
                is_forward=is_forward,
            )
        )
        self._place = place

    def _holds(self, stage: Stage, open_spells: Collection[str]) -> bool:
        if stage.while_ is not None:
            return stage.while_ in open_spells
        return stage.since is None or stage.id in self._since

    def _because(self, before: Stage | None, after: Stage | None, ended: dict[str, str], *, is_forward: bool) -> str:
        """Return what made the lead move: what began in the stage it moves to, or what ended in the one it leaves."""
        stage = after if is_forward else before
        assert stage is not None
        if stage.while_ is not None:
            return f"{stage.while_} {'began' if is_forward else 'ended'}"
        if stage.since is None:
            return "first contact" if is_forward else "it holds no more"
        return self._since[stage.id] if is_forward else ended.get(stage.id, "it holds no more")
