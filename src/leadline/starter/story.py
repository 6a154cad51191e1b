"""What one invented lead does in a year, and what sales makes of it.

Behind every lead stand two hidden numbers that no table contains: how well it really fits and how much it really wants
to buy. Both, with chance, decide what it does (looks at prices, asks for a demonstration, goes quiet, comes back) and
how it ends. So the columns a playbook may read carry a truth that can be found, and noise that cannot.

Moments are whole seconds from the start of the year that the data set covers; `generate.py` turns them into dates.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from leadline.starter import people

YEAR_DAYS = 365
DAY = 86_400
END = YEAR_DAYS * DAY - 2 * 3600  # so that the last evening is over in Berlin too, in summer as in winter


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """The hidden truth about a lead, and the little that changes how its story runs.

    fit:      0 to 1; how well it really fits, of which industry, size and role show a part.
    intent:   0 to 1; how much it really wants to buy at the start.
    blocker:  why sales would close the door at once (a reason of `disqualified`), if it would.
    """

    fit: float
    intent: float
    blocker: str | None = None

    @property
    def truth(self) -> float:
        """How likely this lead buys once sales speaks with it; neither number makes up for the other."""
        return 1 / (1 + math.exp(-14 * (math.sqrt(self.fit * self.intent) - 0.55)))


@dataclass(slots=True)
class Story:
    """What happened to one lead, as (moment, row) in the order it was invented, not in the order of time."""

    events: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    outcomes: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def happens(self, moment: int, event: str, **properties: str) -> None:
        self.events.append((moment, {"event": event, **properties}))


def tell(character: Character, *, created_day: int, rng: Random) -> Story:
    """Return the story of a lead that was first seen on *created_day* (0 to 364) of the year."""
    story = Story()
    unsubscribed = _read_mails(story, character, created_day, rng)
    if unsubscribed is not None:
        story.happens(unsubscribed, "unsubscribed")
    customer = False
    for first_day, last_day, strength in _episodes(character, created_day, rng):
        if customer:
            break
        raised = _look_around(story, first_day, last_day, strength, rng)
        if rng.random() < 0.06 + 0.30 * strength:
            _try_the_product(story, rng.randint(first_day, last_day), strength, rng)
        # Sales hears of every hand that is raised, and of some others who were seen a lot.
        if raised is None and rng.random() < 0.5 * strength * strength:
            raised = _office_hours(last_day, rng)
        if raised is not None:
            customer = _sell(story, character, raised, rng)
    return story


def _episodes(character: Character, created_day: int, rng: Random) -> Iterator[tuple[int, int, float]]:
    """Yield (first day, last day, strength) of each time the lead takes an interest; most come once, some come back."""
    first_day, strength = created_day, character.intent
    for again in (0.42, 0.35, 0.0):
        last_day = first_day + 4 + int(rng.expovariate(1 / (8 + 26 * strength)))
        yield first_day, last_day, min(1.0, strength * rng.uniform(0.75, 1.25))
        if rng.random() >= again:
            return
        first_day = last_day + rng.randint(35, 140)


def _office_hours(day: int, rng: Random) -> int:
    """Return a moment on *day* between 06:00 and 20:00 UTC, mostly around eleven."""
    return day * DAY + int(rng.triangular(6 * 3600, 20 * 3600, 11 * 3600))


def _read_mails(story: Story, character: Character, created_day: int, rng: Random) -> int | None:
    """Let the lead read its weekly mails; return when it had enough of them, if it did."""
    reads = 0.05 + 0.30 * character.intent
    for day in range(created_day + 3, YEAR_DAYS, 7):
        if rng.random() < 0.006:
            return _office_hours(day, rng)
        if rng.random() < 0.004:
            story.happens(_office_hours(day, rng), "mail_bounced")
            return None
        campaign = rng.choice(people.CAMPAIGNS)
        if rng.random() < 0.05:  # a scanner of the mail server opens and follows everything within seconds
            moment = _office_hours(day, rng)
            story.happens(moment, "mail_opened", campaign=campaign, is_bot="true")
            for seconds in range(1, rng.randint(2, 4)):
                story.happens(moment + seconds, "mail_clicked", campaign=campaign, is_bot="true")
        if rng.random() < reads:
            moment = _office_hours(day, rng)
            story.happens(moment, "mail_opened", campaign=campaign)
            if rng.random() < 0.12 + 0.25 * character.intent:
                story.happens(moment + rng.randint(5, 90), "mail_clicked", campaign=campaign)
    return None


def _look_around(story: Story, first_day: int, last_day: int, strength: float, rng: Random) -> int | None:
    """Fill the days of an episode with visits; return the moment of the first raised hand, if there is one."""
    raised: int | None = None
    for day in range(first_day, last_day + 1):
        if rng.random() >= 0.16 + 0.36 * strength:
            continue
        moment = _office_hours(day, rng)
        for _ in range(1 + int(rng.expovariate(1 / 1.2))):
            story.happens(moment, "page_viewed", path=_page(strength, rng))
            moment += rng.randint(8, 400)
        if rng.random() < 0.05 + 0.12 * strength:
            story.happens(moment, "file_downloaded", asset=rng.choice(people.ASSETS))
        if rng.random() < 0.05 + 0.05 * strength:
            story.happens(moment + 60, "webinar_registered")
            if rng.random() < 0.35 + 0.35 * strength:
                story.happens((day + rng.randint(2, 12)) * DAY + 14 * 3600 + rng.randint(0, 600), "webinar_attended")
        if rng.random() < 0.012:
            story.happens(_office_hours(day + 1, rng), "booth_visited")
        if rng.random() < 0.003 + 0.16 * strength**3:
            story.happens(moment + 120, "demo_requested")
            raised = raised or moment + 120
        elif rng.random() < 0.004 + 0.05 * strength**3:
            story.happens(moment + 150, rng.choice(("contact_requested", "quote_requested")))
            raised = raised or moment + 150
    return raised


def _page(strength: float, rng: Random) -> str:
    draw = rng.random()
    if draw < 0.02 + 0.20 * strength:
        return rng.choice(people.PRICE_PAGES)
    if draw < 0.25 + 0.30 * strength:
        return rng.choice(people.PRODUCT_PAGES)
    if draw > 0.97:
        return rng.choice(people.CAREER_PAGES)
    return rng.choice(people.PAGES)


def _try_the_product(story: Story, start_day: int, strength: float, rng: Random) -> None:
    """Let the lead try the product for some weeks: who wants it comes often, connects systems, brings colleagues."""
    story.happens(_office_hours(start_day, rng), "trial_started")
    for day in range(start_day, start_day + rng.randint(10, 20 + int(60 * strength))):
        if rng.random() >= 0.10 + 0.65 * strength:
            continue
        moment = _office_hours(day, rng)
        for _ in range(rng.randint(1, 2)):
            story.happens(moment, "product_session")
            moment += rng.randint(600, 9000)
        if rng.random() < 0.10 * strength:
            story.happens(moment, "colleague_invited")
        if rng.random() < 0.07 * strength:
            story.happens(moment + 30, "integration_connected")
        if rng.random() < 0.05 * strength:
            story.happens(moment + 60, "limit_reached")


def _sell(story: Story, character: Character, raised: int, rng: Random) -> bool:
    """Let sales take up the lead after *raised*; return whether it bought."""
    by = rng.choice(people.SALES_PEOPLE)

    def reports(moment: int, outcome: str, **columns: str) -> None:
        story.outcomes.append((moment, {"outcome": outcome, "by": by, **columns}))

    decided = raised + rng.randint(1800, 3 * DAY)
    if character.blocker:
        reports(decided, "disqualified", reason=character.blocker)
        return False
    if rng.random() < 0.04:
        reports(decided, "bad_data", reason=rng.choice(("phone", "invalid", "spam")))
        return False
    if rng.random() >= 0.20 + 0.75 * character.fit:
        reports(decided, "rejected", reason=rng.choice(("no-interest", "no-response", "denied")))
        return False

    reports(decided, "accepted")
    spoken = decided + rng.randint(1, 9 * DAY)
    _answer(story, character, spoken, by, rng)
    if rng.random() >= 0.14 + 0.80 * character.truth:
        reasons = ("no-value", "evaluating", "in-contract", "no-budget", "no-interest", "no-response", "product-limit")
        reports(spoken + rng.randint(3 * DAY, 21 * DAY), "recycled", reason=rng.choice(reasons))
        return False

    opened = spoken + rng.randint(DAY, 14 * DAY)
    deal = {"opportunity_id": f"{rng.randrange(16**6):06x}", "value": str(500 * rng.randint(8, 120))}
    reports(opened, "opportunity", **deal)
    closed = opened + rng.randint(10 * DAY, 75 * DAY)
    if rng.random() >= 0.12 + 0.78 * character.truth:
        reports(closed, "lost", reason=rng.choice(("no-budget", "other-vendor", "no-decision")), **deal)
        return False
    reports(closed, "won", **deal)
    _try_the_product(story, closed // DAY, 0.9, rng)
    if rng.random() < 0.06:
        reports(closed + rng.randint(30 * DAY, 200 * DAY), "churned", **deal)
    return True


# question: (what yes sounds like, what partly sounds like, what no sounds like)
_SAID = {
    "budget": ("Money is set aside for this year.", "Would have to ask for the money.", "Nothing planned."),
    "authority": ("Signs the contract.", "Suggests, another one signs.", "Only gathers information."),
    "need": ("Sales complains about the leads every week.", "Works, but by hand.", "Is content as it is."),
    "timeline": ("Wants to start this quarter.", "Some time this year.", "No date in sight."),
}


def _answer(story: Story, character: Character, spoken: int, by: str, rng: Random) -> None:
    """Note what was said about budget, authority, need and timeline; not every question is asked in every talk."""
    for question, leans_on in (
        ("budget", character.truth),
        ("authority", character.fit),
        ("need", (character.fit + character.intent) / 2),
        ("timeline", character.intent),
    ):
        if rng.random() < 0.25:
            continue
        draw = rng.random() * 0.7 + 0.3 * (1 - leans_on)
        choice = 0 if draw < leans_on else 1 if draw < leans_on + 0.25 else 2
        row = {
            "field": f"questions.{question}",
            "value": ("yes", "partly", "no")[choice],
            "source": "person",
            "evidence": f"{by.split('@')[0].title()}: {_SAID[question][choice]}",
        }
        story.answers.append((spoken, row))
