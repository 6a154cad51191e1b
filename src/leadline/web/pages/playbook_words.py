"""How the live playbook calls things: titles and colours of stages, grades, scores and qualifications, for pages.

An id that the playbook does not know is shown as it is: a filter may name one of an older version.
"""

from dataclasses import dataclass

from leadline.engine.lifecycle.stages import stages_of
from leadline.engine.playbook.model import Playbook, Score
from leadline.engine.values import text_key
from leadline.web.assessments.reasons import gave_points
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

_STAGE_COLOURS = 7
_GRADE_COLOURS = 4
_INITIALS = 2
"""A name of so few letters is read as initials: HR, IT, VP."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an id, a title and the class of its colour."""

    id: str
    title: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Meter:
    """A score of one lead: its points (ten-thousandths) and how full its bar is; None where it has no bounds.

    place: of the score in the playbook, from 1, which decides on its colour.
    """

    title: str
    units: int
    percent: float | None
    place: int


class PlaybookWords:
    """The words of one playbook."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self._levels = {one.id: say_id(one.id, one.title) for one in playbook.qualifications}
        self._stages = {
            one.id: (place, self._levels.get(one.while_ or "") if one.title == one.id else one.title)
            for place, one in enumerate(stages_of(playbook))
        }
        self._criteria = {one.id: one.why for one in playbook.criteria}
        self._outcomes = {one.id: say_id(one.id, one.title) for one in playbook.outcomes}

    # -- stages and qualifications --------------------------------------------------------------------------

    @property
    def stages(self) -> list[Named]:
        """Return all stages, in order."""
        return [self.stage(one.id) for one in self.playbook.stages]

    def stage(self, stage_id: str) -> Named:
        """Return a stage as it is shown. The first stands for a beginning and is grey."""
        place, title = self._stages.get(stage_id, (0, None))
        return Named(stage_id, title or say_id(stage_id), f"s{(place - 1) % _STAGE_COLOURS + 1}" if place else "s0")

    @property
    def qualifications(self) -> list[Named]:
        """Return all qualifications, in order."""
        return [self.qualification(one.id) for one in self.playbook.qualifications]

    def qualification(self, level_id: str) -> Named:
        """Return a qualification as it is shown."""
        return Named(level_id, self._levels.get(level_id, level_id))

    def next_step(self, stored: str) -> str:
        """Return the next step of an assessment with the qualification's title: ``mql: one …`` → ``Marketing qualified: one …``."""
        level, colon, rest = stored.partition(": ")
        return f"{self._levels[level]}: {rest}" if colon and level in self._levels else stored

    def outcome(self, outcome_id: str) -> str:
        """Return the title of an outcome."""
        return self._outcomes.get(outcome_id) or say_id(outcome_id)

    def reason(self, outcome_id: str, reason_id: str) -> str:
        """Return the title of a reason for an outcome; of one that the playbook does not know, its name as words."""
        found = next((one for one in self.playbook.outcomes if one.id == outcome_id), None)
        known = next((one for one in found.reasons if text_key(one.id) == text_key(reason_id)), None) if found else None
        return say_id(reason_id, known.title if known else None)

    def say_because(self, because: str) -> str:
        """Return why a lead moved from stage to stage: ``outcome won`` → ``Won``, ``mql ended`` → ``Marketing qualified ended``."""
        if because.startswith("outcome "):
            return self.outcome(because.removeprefix("outcome "))
        level, _, what = because.rpartition(" ")
        return f"{self._levels[level]} {what}" if level in self._levels else because[:1].upper() + because[1:]

    def excluded_by(self, exclusion_id: str) -> str:
        """Return why somebody is no lead, as the playbook says it."""
        if exclusion_id == "consent":
            return "Has not agreed to scoring"
        return next((one.title for one in self.playbook.exclusions if one.id == exclusion_id), exclusion_id)

    def persona(self, persona_id: str) -> str:
        """Return the title of a persona."""
        return next((one.title for one in self.playbook.personas if one.id == persona_id), persona_id)

    # -- scores and grades ------------------------------------------------------------------------------------

    @property
    def grading_scores(self) -> list[Score]:
        """Return the scores that make the grade; where nothing does, the first two."""
        names = self.playbook.grade or tuple(one.id for one in self.playbook.scores)[:2]
        return [self.playbook.get_score(name) for name in names]

    @property
    def listed_scores(self) -> list[Score]:
        """Return the scores that a list has columns for: those of the grade first, three at most."""
        first = self.grading_scores
        return [*first, *(one for one in self.playbook.scores if one not in first)][:3]

    def meters(self, scores: dict[str, int]) -> list[Meter | None]:
        """Return the listed scores of a lead; None for one that was not computed."""
        return [self.meter(one, scores[one.id]) if one.id in scores else None for one in self.listed_scores]

    def meter(self, score: Score, units: int) -> Meter:
        """Return a score of a lead with its bar."""
        low, high = score.low or 0, score.high
        percent = None if high is None or high <= low else min(100.0, max(0.0, 100 * (units - low) / (high - low)))
        place = next(at for at, one in enumerate(self.playbook.scores, start=1) if one.id == score.id)
        return Meter(short(score.title), units, percent, place)

    @property
    def grades(self) -> list[Named]:
        """Return every grade that there can be, the best first."""
        found = [""]
        for score in self.grading_scores:
            found = [before + name for before in found for name, _ in score.grades] if self.playbook.grade else found
        return [self.grade(one) for one in found if one]

    def grade(self, grade: str) -> Named:
        """Return a grade with its colour, which its first part decides."""
        if not self.playbook.grade or not grade:
            return Named(grade, grade)
        names = [name for name, _ in self.playbook.get_score(self.playbook.grade[0]).grades]
        place = next((at for at, name in enumerate(names) if grade.startswith(name)), 0)
        return Named(grade, grade, f"g{min(place + 1, _GRADE_COLOURS)}")

    def say_grade(self, grade: str) -> str:
        """Return what the parts of a grade are about: ``Fit A, Engagement 2``."""
        parts, rest = [], grade
        for score in self.grading_scores if self.playbook.grade else ():
            name = next((name for name, _ in score.grades if rest.startswith(name)), "")
            parts.append(f"{short(score.title)} {name}")
            rest = rest.removeprefix(name)
        return ", ".join(parts)

    def criterion(self, criterion_id: str) -> str:
        """Return the reason of a criterion."""
        return self._criteria.get(criterion_id, criterion_id)

    def reasons(self, stored: str) -> list[str]:
        """Return the reasons of an assessment that gave points, in words, the largest first."""
        return [self.criterion(name) for name in gave_points(stored)]


def say_id(name: str, title: str | None = None) -> str:
    """Return a name of a playbook or a source as words, unless it has a title of its own.

    >>> say_id("paid_search"), say_id("no-budget"), say_id("hr"), say_id("mql", "Marketing qualified")
    ('Paid search', 'No budget', 'HR', 'Marketing qualified')
    """
    if title and title != name:
        return title
    words = name.replace("_", " ").replace("-", " ").strip() or name
    return words.upper() if len(words) <= _INITIALS else words[:1].upper() + words[1:]


def short(title: str) -> str:
    """Return what stands before a colon: ``Fit: who they are`` → ``Fit``.

    >>> short("Fit: who they are"), short("fit")
    ('Fit', 'Fit')
    """
    name = title.split(":", 1)[0].strip() or title
    return name[:1].upper() + name[1:]


def words_of(version: Version) -> PlaybookWords:
    """Return the words of a version."""
    return PlaybookWords(get_plan(version).playbook)
