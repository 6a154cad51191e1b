"""Why a lead moves, in words: what `assessments/whatif/telling.py` found, said with the sentences of the two texts."""

from dataclasses import dataclass
from functools import cached_property

from leadline.engine.playbook.changes import playbook_changes
from leadline.engine.playbook.model import Clause, Qualification, Score
from leadline.engine.playbook.words import say
from leadline.web.assessments.whatif.telling import Why
from leadline.web.pages.playbook_words import PlaybookWords, short
from leadline.web.playbooks.queries import Compiled
from leadline.web.shell.templatetags.shell import points

_LONGEST = 240
"""Signs of a condition that are shown; the draft says it whole."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of a qualification that was changed. title: what it is for."""

    title: str
    was: str
    is_now: str


class Reasons:
    """Says why, with the words of the two texts."""

    def __init__(self, before: Compiled, after: Compiled) -> None:
        self.before, self.after = before, after
        self._was, self._is_now = PlaybookWords(before.playbook), PlaybookWords(after.playbook)

    def say(self, why: Why) -> str:
        """Return a reason as a sentence without its full stop."""
        match why.kind:
            case "criterion":
                return self._criterion(why)
            case "condition":
                asked = self.asked(why.id)
                if not asked:
                    return self._rest(why.id)
                return f"{asked[0].title} {asked[0].is_now}"
            case "new":
                return "Only the draft has this qualification"
            case "removed":
                return "The draft has no such qualification"
            case "excluded":
                return f"Is no lead any more: {self._is_now.excluded_by(why.id)}"
            case "allowed":
                return f"Was no lead so far: {self._was.excluded_by(why.id)}"
            case "grades":
                score = _find_score(self.after, why.id) or _find_score(self.before, why.id)
                return (
                    f"What a grade of {short(score.title)} takes was changed"
                    if score
                    else "What makes the grade was changed"
                )
            case "stages":
                return "What the stages stand for was changed"
            case "other":
                level = _find_level(self.after, why.id)
                return (
                    f"Something else that is asked: {self._say(self.after, level.enter)}"
                    if level
                    else "Something else that is asked"
                )

    def _rest(self, level_id: str) -> str:
        """Return what else of a qualification was changed, as what differs between the texts says it: what a raised hand does, its rest."""
        details = self._details.get(level_id)
        return "; ".join(details)[:1].upper() + "; ".join(details)[1:] if details else "What it asks was changed"

    @cached_property
    def _details(self) -> dict[str, tuple[str, ...]]:
        changes = playbook_changes(self.before.bound, self.after.bound)
        return {one.id: one.details for one in changes if one.what == "qualification"}

    def _criterion(self, why: Why) -> str:
        is_new, is_gone = (
            all(one.id != why.id for one in side.playbook.criteria) for side in (self.before, self.after)
        )
        title = (self._was if is_gone else self._is_now).criterion(why.id)
        change = f"{points(why.before)} → {points(why.after)} points"
        return f"{title}: {change}{', which is new' if is_new else ', which is gone' if is_gone else ''}"

    def asked(self, level_id: str) -> list[Asked]:
        """Return the conditions of a qualification that were changed; nothing where only one text has it."""
        was, is_now = _find_level(self.before, level_id), _find_level(self.after, level_id)
        if was is None or is_now is None:
            return []
        pairs = [("Enters when", was.enter, is_now.enter)]
        if (was.stay, is_now.stay) != (was.enter, is_now.enter):
            pairs.append(("Stays while", was.stay, is_now.stay))
        return [
            Asked(title, self._say(self.before, one), self._say(self.after, other))
            for title, one, other in pairs
            if self.before.bound.test(one) != self.after.bound.test(other)
        ]

    @staticmethod
    def _say(side: Compiled, clause: Clause) -> str:
        text = say(side.bound, clause)
        return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"


def _find_level(side: Compiled, level_id: str) -> Qualification | None:
    return next((one for one in side.playbook.qualifications if one.id == level_id), None)


def _find_score(side: Compiled, score_id: str) -> Score | None:
    return next((one for one in side.playbook.scores if one.id == score_id), None)
