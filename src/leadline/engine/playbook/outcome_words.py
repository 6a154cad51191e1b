"""Says what follows when people or a CRM report what became of a lead: outcomes and the reasons for them, in plain sentences."""

from collections.abc import Iterator, Sequence

from leadline.engine.expressions.words import join_words, say_days, say_name
from leadline.engine.playbook.model import BARRING, Outcome, Playbook, Reason


def say_outcomes(playbook: Playbook) -> list[str]:
    """Return what outcomes do, of those that the playbook names."""
    ending = [say_name(outcome.id) for outcome in playbook.outcomes if outcome.ends]
    other = [say_name(outcome.id) for outcome in playbook.outcomes if not outcome.ends]
    lines = [
        *([f"These end a qualification: {join_words(ending, 'and')}."] if ending else []),
        *([f"These do not: {join_words(other, 'and')}."] if other else []),
        *(line for outcome in playbook.outcomes for line in say_outcome(outcome)),
    ]
    return ["Outcomes", *(f"- {line}" for line in lines)] if lines else []


def say_outcome(outcome: Outcome, *, with_ids: bool = True) -> Iterator[str]:
    """Yield what follows an outcome, if something does; *with_ids*: with the ids of reasons beside their titles."""
    name = say_name(outcome.id)
    effects = [
        *([f"wipes {_scores(outcome.reset)}"] if outcome.reset else []),
        *([f"quiet for {say_days(outcome.quiet_days)}"] if outcome.quiet_days is not None else []),
        *([_BARRED] if outcome.id in BARRING else []),
    ]
    if outcome.reasons:
        effects.append(
            f"its reasons are {'; '.join(say_reason(reason, with_ids=with_ids) for reason in outcome.reasons)}"
        )
    title = "" if outcome.title in (outcome.id, name) else f" ({outcome.title})"
    if effects or title:
        yield f"{name}{title}{': ' if effects else ''}{'; '.join(effects)}{say_source(outcome.source)}."


def what_follows(outcome: Outcome, reason: Reason | None = None) -> list[str]:
    """Return what follows an outcome that was reported for a reason, each a few words; nothing where nothing does.

    >>> what_follows(Outcome(id="recycled", title="Later", ends=True, quiet_days=90), Reason(id="left", title="Left", owner="new"))
    ['quiet for 90 days', 'goes to a new owner']
    >>> what_follows(Outcome(id="bad_data", title="Bad data", ends=True), Reason(id="phone", title="Wrong number", fix=("phone",)))
    ['comes back only when reported as reinstated', 'phone has to be put right']
    """
    quiet = outcome.quiet_days if reason is None or reason.quiet_days is None else reason.quiet_days
    is_final = reason is not None and reason.returns == "never"
    wiped = outcome.wipes_for(reason)
    return [
        *([f"{_scores(wiped)} count{'s' if len(wiped) == 1 else ''} from nothing"] if wiped else []),
        *([f"quiet for {say_days(quiet)}"] if quiet is not None and not is_final else []),
        *([_BARRED] if outcome.id in BARRING and not is_final else []),
        *(_comes_back(reason) if reason is not None else []),
    ]


def what_always_follows(outcome: Outcome) -> list[str]:
    """Return what follows an outcome whichever of its reasons is chosen; where it has none, all that follows it.

    >>> wrong = Reason(id="wrong", title="Wrong number", reset=())
    >>> what_always_follows(Outcome(id="recycled", title="Later", ends=True, reset=("fit",), quiet_days=7, reasons=(wrong,)))
    ['quiet for 7 days']
    """
    for_each = [what_follows(outcome, reason) for reason in outcome.reasons]
    return [one for one in (for_each or [what_follows(outcome)])[0] if all(one in said for said in for_each)]


_BARRED = "comes back only when reported as reinstated"
_RETURNS = {"any": "", "hand_raise": "comes back only by a raised hand", "never": "never comes back"}


def _scores(scores: Sequence[str]) -> str:
    return join_words([say_name(score) for score in scores], "and")


def say_wiped(scores: Sequence[str]) -> str:
    """Return what a reason wipes that says so itself.

    >>> say_wiped(("engagement", "product")), say_wiped(())
    ('wipes engagement and product', 'wipes nothing')
    """
    return f"wipes {_scores(scores) if scores else 'nothing'}"


def _effects(reason: Reason) -> list[str]:
    """Return what follows a reason that its outcome does not say."""
    return [
        *([say_wiped(reason.reset)] if reason.reset is not None else []),
        *([f"quiet for {say_days(reason.quiet_days)}"] if reason.quiet_days is not None else []),
        *_comes_back(reason),
    ]


def _comes_back(reason: Reason) -> list[str]:
    return [
        *([_RETURNS[reason.returns]] if reason.returns != "any" else []),
        *(["goes to a new owner"] if reason.owner == "new" else []),
        *([f"{join_words([say_name(one) for one in reason.fix], 'or')} has to be put right"] if reason.fix else []),
    ]


def say_reason(reason: Reason, *, with_ids: bool = True) -> str:
    """Return a reason with what follows it; *with_ids*: with its id beside its title."""
    effects = _effects(reason)
    inside = [reason.id, *effects] if with_ids and reason.title != reason.id else effects
    title = reason.id if reason.title == reason.id else f"“{reason.title}”"
    return (f"{title} ({', '.join(inside)})" if inside else title) + say_source(reason.source)


def say_source(source: str | None) -> str:
    """Return where a statement comes from, in brackets; nothing where the playbook does not say.

    >>> say_source("2024 sales review"), say_source(None)
    (' (2024 sales review)', '')
    """
    return "" if source is None else f" ({source})"
