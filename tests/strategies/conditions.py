"""Draws conditions: every function, operator and word of the language, over few names, so that they meet.

The names and kinds of all fields are fixed here; tables.py draws their values, playbooks.py declares those whose data
does not show the kind.
"""

from datetime import date, timedelta

from hypothesis import strategies as st

LEAD_FIELDS = {
    "industry": "text",
    "seniority": "text",
    "Lead Origin": "text",
    "employees": "number",
    "budget": "number",
    "is_customer": "boolean",
    "renewal": "date",
    "signed_up": "time",
    "tags": "list",
}
COMPANY_FIELDS = {"industry": "text", "employees": "number", "is_partner": "boolean", "founded": "date", "tech": "list"}
PROPERTIES = {"path": "text", "amount": "number", "is_paid": "boolean", "due": "time", "labels": "list"}
EVENTS = ("viewed", "demo", "left", "Größe", "viewed ")
LISTS = {"core": ("Software", "straße", "é", "a_b"), "roles": ("vp", "  İstanbul ")}
DECISIONS = ("accepted", "rejected", "recycled", "disqualified", "bad_data", "reinstated")
DEALS = ("opportunity", "won", "lost", "churned")
OUTCOMES = (*DECISIONS, *DEALS, "evangelist", "met")
QUESTIONS = ("money", "need")
SCORES = ("fit", "heat", "use", "total")
GRADES = ("A", "b", "C1", "Ö")

TEXTS = (
    "software", "Software ", "vp", "straße", "STRASSE", "İstanbul", "i̇stanbul", "café", "cafe\u0301", "é", "50%",
    "a_b", "axb", "a%b", "O'Neil", 'say "hi"', "two  words", "a,b;c", "ſ", "ΑΣ", "ας", "-", "Select",
    "null", "yes", "5", "\u00a0vp", "ﬀ",
)  # fmt: skip
"""Texts that are alike, or nearly: by case, by accent, by the signs of `like`."""

PATTERNS = (
    "%",
    "_",
    "%s%",
    "stra_se",
    "soft%",
    "%é",
    "a_b",
    "a%b",
    "%%",
    "50%",
    "i̇%",
    "STRASSE",
    "vp",
    "%ware%",
    "_%_",
)
PARTS = ("s", "SS", "é", "a_", "%", "vp", "ware", "'")
NUMBERS = ("0", "1", "2", "3", "5", "5.5", "-3", "0.1", "1e3", "1000", "10")
DURATIONS = ("1d", "2d", "3d", "7d", "1w", "14d", "30d", "45d", "90d")
OPERATORS = ("=", "<>", "<", "<=", ">", ">=")
DAY_ZERO = date(2026, 3, 29)
"""The day around which most things lie: in Berlin it has 23 hours."""

WORLD_DAYS = (
    DAY_ZERO,
    date(2026, 3, 8),  # New York springs forward
    date(2025, 11, 2),  # and falls back
    date(2010, 11, 7),  # St. John's falls back over midnight, so that a date comes twice
    date(2011, 12, 31),  # Apia has skipped a day
    date(2024, 3, 1),  # after a leap day
    date(2026, 1, 1),
)

durations = st.sampled_from(DURATIONS)
numbers = st.sampled_from(NUMBERS)


def quote(text: str) -> str:
    """Return a text as a literal of the language."""
    return "'" + text.replace("'", "''") + "'"


texts = st.sampled_from(TEXTS).map(quote)
dates = st.builds(
    lambda day, off: f"date '{day + timedelta(days=off)}'",
    st.sampled_from(WORLD_DAYS),
    st.sampled_from((0, -1, 1, -7, -30)),
)


@st.composite
def comparisons(draw: st.DrawFn, term: str, kind: str, others: tuple[str, ...] = ()) -> str:
    """Return a test of one term. *others* are terms of the same kind to compare with."""
    literal = {"text": texts, "number": numbers, "day": dates, "boolean": st.sampled_from(("true", "false"))}[kind]
    other = st.one_of(literal, st.sampled_from(others)) if others else literal
    ways = ["compare", "in", "null"]
    ways += {
        "text": ["like", "text_test", "list"],
        "number": ["between"],
        "day": ["between"],
        "boolean": ["bare", "is"],
    }[kind]
    negated = draw(st.sampled_from(("", "not ")))
    match draw(st.sampled_from(ways)):
        case "compare":
            signs = OPERATORS if kind in ("number", "day") else OPERATORS[:2]
            return f"{term} {draw(st.sampled_from(signs))} {draw(other)}"
        case "in":
            return f"{term} {negated}in ({', '.join(draw(st.lists(literal, min_size=1, max_size=3)))})"
        case "null":
            return f"{term} is {negated}null"
        case "like":
            return f"{term} {negated}like {quote(draw(st.sampled_from(PATTERNS)))}"
        case "text_test":
            how = draw(st.sampled_from(("starts_with(", "ends_with(", "contains(")))
            return f"{negated}{how}{term}, {quote(draw(st.sampled_from(PARTS)))})"
        case "list":
            return f"{term} {negated}in list('{draw(st.sampled_from(sorted(LISTS)))}')"
        case "between":
            low, high = sorted(
                (draw(literal), draw(literal)), key=lambda text: float(text) if kind == "number" else text
            )
            return f"{term} {negated}between {low} and {high}"
        case "bare":
            return f"{negated}{term}"
        case _:
            return f"{term} is {negated}{draw(st.sampled_from(('true', 'false')))}"


def about_field(written: str, kind: str, others: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Return tests of one field or property."""
    if kind == "list":
        entries = st.sampled_from(("red", "Blue", "RED ", "1.50", "straße", "r;ed")).map(quote)
        return st.one_of(entries.map(lambda entry: f"has({written}, {entry})"), st.just(f"{written} is not null"))
    return comparisons(written, "day" if kind in ("date", "time") else kind, others)


def combined(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return atoms, and what `and`, `or`, `not` and parentheses make of them."""

    def deeper(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.builds(
            lambda found, word: "(" + f" {word} ".join(found) + ")",
            st.lists(parts, min_size=2, max_size=3),
            st.sampled_from(("and", "or")),
        )
        return st.one_of(
            joined,
            parts.map(lambda part: f"not ({part})"),
            st.builds(
                lambda part, truth: f"({part}) is {truth}", parts, st.sampled_from(("true", "not true", "false"))
            ),
        )

    return st.recursive(atoms, deeper, max_leaves=4)


event_conditions = combined(st.one_of([about_field(name, kind) for name, kind in PROPERTIES.items()]))
"""Conditions about an event's properties."""


def _written_fields() -> dict[str, str]:
    """Return every field as a condition may write it, with its kind."""
    found = {}
    for name, kind in LEAD_FIELDS.items():
        plain = name if name.isidentifier() else f'"{name}"'
        found |= {plain: kind, f"lead.{plain}": kind}
    return found | {f"company.{name}": kind for name, kind in COMPANY_FIELDS.items()} | {"model.reply": "number"}


FIELDS = _written_fields()


@st.composite
def history_numbers(draw: st.DrawFn) -> str:
    """Return a number about a lead's history."""
    event = quote(draw(st.sampled_from(EVENTS)))
    match draw(st.sampled_from(("count", "window", "only", "active_days", "days_since", "field", "outcome"))):
        case "count":
            return f"count({event})"
        case "window":
            return f"count({event}, '{draw(durations)}')"
        case "only":
            return f"count({event}, '{draw(durations)}', {draw(event_conditions)})"
        case "active_days":
            return f"active_days({draw(st.sampled_from((event, quote('*'))))}, '{draw(durations)}')"
        case "days_since":
            return f"days_since({event})"
        case "field":
            days = [name for name, kind in FIELDS.items() if kind in ("date", "time")]
            return f"days_since({draw(st.sampled_from(days))})"
        case _:
            return f"days_since_outcome('{draw(st.sampled_from(OUTCOMES))}')"


@st.composite
def _about_history(draw: st.DrawFn) -> str:
    match draw(st.sampled_from(("number", "number", "decision", "deal", "reason"))):
        case "number":
            return draw(comparisons(draw(history_numbers()), "number", (draw(history_numbers()), "employees")))
        case "decision":
            return draw(_about_words("decision", DECISIONS))
        case "deal":
            return draw(_about_words("deal", DEALS))
        case _:
            return draw(comparisons("reason", "text"))


@st.composite
def _about_words(draw: st.DrawFn, term: str, words: tuple[str, ...]) -> str:
    if draw(st.booleans()):
        return f"{term} {draw(st.sampled_from(('=', '<>')))} {quote(draw(st.sampled_from(words)))}"
    several = draw(st.lists(st.sampled_from(words).map(quote), min_size=1, max_size=2))
    return draw(st.sampled_from((f"{term} in ({', '.join(several)})", f"{term} is null", f"{term} is not null")))


_same_kind = {
    kind: tuple(name for name, other in FIELDS.items() if other == kind)
    for kind in ("text", "number", "boolean", "list")
} | {kind: tuple(name for name, other in FIELDS.items() if other in ("date", "time")) for kind in ("date", "time")}
_about_fields = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: about_field(name, FIELDS[name], _same_kind[FIELDS[name]])
)
fact_conditions = combined(st.one_of(_about_fields, _about_history()))
"""Conditions about facts, counts and history."""


def level_conditions(scores: dict[str, tuple[str, ...]], questions: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return conditions of qualifications: *scores* with their grades, and *questions*."""
    atoms: list[st.SearchStrategy[str]] = [_about_fields, _about_history()]
    for score, grades in scores.items():
        atoms += [comparisons(score, "number", (*scores, "count('viewed')"))] * 2
        atoms += [_about_words(f"{score}.grade", grades)] if grades else []
    atoms += [_about_words(question, ("yes", "partly", "no", "unknown")) for question in questions]
    atoms += [numbers.map(lambda number: f"answered_yes >= {number}")]
    return combined(st.one_of(atoms))
