"""How likely is it that two records are one person? A Fellegi–Sunter model of name, address, company, phone and title, run by Splink.

What agreeing and differing is worth is fixed here, not learned: most workspaces are too small to learn from, and the same leads always
get the same answer. How rare a value is counts: a shared Lovelace says more than a shared Smith. The numbers are starting values of ours;
tests/web/leads/test_duplicates.py measures what they find and what they get wrong.

Splink is the extra ``leadline[duplicates]`` (docs/decisions/0021), works in memory and needs no network. It is loaded when it is needed.
"""

import importlib.util
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

SUGGESTED_FROM = 0.8
"""The probability from which two leads are suggested to be one."""
_PAIRS_A_LEAD = 0.05
"""How many duplicates there are expected to be for each lead, before anything is compared."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is compared of a lead, made comparable; None where nothing is known.

    local:  of the address what stands before the @, letters and digits only. None for a role such as info@, and when it only spells
            the name: namesakes share that, and it would count the name twice.
    domain: of the company, None for free mail. company: its name without legal form. phone: its last digits.
    """

    unique_id: int
    first: str | None = None
    last: str | None = None
    email: str | None = None
    local: str | None = None
    domain: str | None = None
    company: str | None = None
    phone: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one person: the smaller id first, how likely it is, and why, in words."""

    one: int
    other: int
    probability: float
    because: str


@dataclass(frozen=True, slots=True)
class _Level:
    """A degree of agreement. m: how often duplicates agree so; u: how often others do; tf: the column whose rarity counts."""

    sql: str
    m: float
    u: float
    says: str = ""
    tf: str = ""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What is compared, in degrees from full agreement on; the last is what is left. name: as a person calls it."""

    column: str
    name: str
    missing: str
    levels: tuple[_Level, ...]


_SWAPPED = "(first_l = last_r AND last_l = first_r)"
_TYPED_WRONG = (
    "length(email_l) >= 10 AND left(email_l, 1) = left(email_r, 1) AND damerau_levenshtein(email_l, email_r) <= 1 "
    "AND regexp_replace(email_l, '[^0-9]', '', 'g') = regexp_replace(email_r, '[^0-9]', '', 'g') "
    "AND (last_l IS NULL OR last_r IS NULL OR jaro_winkler_similarity(last_l, last_r) >= 0.92)"  # anna.k is not anna.m
)
_COMPARISONS = (
    _Comparison(
        "last",
        "surname",
        "last_l IS NULL OR last_r IS NULL",
        (
            _Level("last_l = last_r", 0.85, 0.002, "same", "last"),
            _Level(_SWAPPED, 0.02, 0.000_01, "same"),
            _Level("jaro_winkler_similarity(last_l, last_r) >= 0.92", 0.08, 0.002, "alike"),
            _Level("", 0.05, 0.996),
        ),
    ),
    _Comparison(
        "first",
        "first name",
        "first_l IS NULL OR first_r IS NULL",
        (
            _Level("first_l = first_r", 0.7, 0.01, "same", "first"),
            _Level(_SWAPPED, 0.02, 0.000_05, "same"),
            _Level(
                "jaro_winkler_similarity(first_l, first_r) >= 0.88 OR starts_with(first_l, first_r) OR starts_with(first_r, first_l)",
                0.2,
                0.03,
                "alike",
            ),
            _Level("", 0.08, 0.96),
        ),
    ),
    _Comparison(
        "email",
        "address",
        "email_l IS NULL OR email_r IS NULL",
        (
            _Level("email_l = email_r", 0.15, 0.000_001, "same"),
            _Level("local_l = local_r", 0.25, 0.000_3, "alike", "local"),
            _Level(_TYPED_WRONG, 0.1, 0.000_02, "alike"),
            _Level("", 0.5, 0.999),
        ),
    ),
    _Comparison(
        "company",
        "company",
        "(domain_l IS NULL OR domain_r IS NULL) AND (company_l IS NULL OR company_r IS NULL)",
        (
            _Level("domain_l = domain_r", 0.5, 0.002, "same", "domain"),
            _Level("company_l = company_r", 0.2, 0.002, "same", "company"),
            _Level("jaro_winkler_similarity(company_l, company_r) >= 0.92", 0.1, 0.002, "alike"),
            _Level("", 0.2, 0.994),
        ),
    ),
    _Comparison(
        "phone",
        "phone",
        "phone_l IS NULL OR phone_r IS NULL",
        (_Level("phone_l = phone_r", 0.6, 0.000_1, "same", "phone"), _Level("", 0.4, 0.9999)),
    ),
    _Comparison(
        "title",
        "title",
        "title_l IS NULL OR title_r IS NULL",
        (
            _Level("title_l = title_r", 0.45, 0.02, "same", "title"),
            _Level("jaro_winkler_similarity(title_l, title_r) >= 0.88", 0.2, 0.04, "alike"),
            _Level("", 0.35, 0.94),
        ),
    ),
)
_RARE = ("last", "first", "local", "domain", "company", "phone", "title")
_FEWEST = 500
"""Shares are of as many records at least: of ten leads nothing can be said about how rare a name is."""
_BLOCKS = (
    ("email",),
    ("phone",),
    ("local",),
    ("last", "first"),
    ("last", "domain"),
    ("last", "company"),
    ("first", "domain"),
    ("first", "company"),
)


def can_compare() -> bool:
    """Return whether Splink is installed."""
    return importlib.util.find_spec("splink") is not None


def find_pairs(records: Sequence[Record], *, at_least: float = SUGGESTED_FROM) -> list[Pair]:
    """Return the pairs that are likely enough to be one person, the likeliest first. The same records always give the same pairs.

    Raises:
        ModuleNotFoundError: the extra is not installed.
    """
    import pyarrow as pa
    from splink import DuckDBAPI, Linker

    if len(records) < 2:
        return []
    types = [("unique_id", pa.int64()), *((field.name, pa.string()) for field in fields(Record)[1:])]
    columns = list(zip(*(astuple(one) for one in sorted(records, key=lambda one: one.unique_id)), strict=True))
    database = DuckDBAPI()
    # One thread: the same sums in the same order on every machine, and the other cores stay with those who wait for a page.
    database.duckdb_con.execute("SET threads = 1")
    table = pa.table(
        [pa.array(values, kind) for values, (_, kind) in zip(columns, types, strict=True)], [name for name, _ in types]
    )
    linker = Linker(database.register(table), _settings(len(records)), log_level=None)
    for column in _RARE:
        counts = Counter(value for one in records if (value := getattr(one, column)) is not None)
        shares = {column: list(counts), f"tf_{column}": [_share(count, len(records)) for count in counts.values()]}
        if counts:
            linker.table_management.register_term_frequency_lookup(database.register(pa.table(shares)), column)
    found = linker.inference.predict(threshold_match_probability=at_least, warning_mode="never").as_record_list()
    pairs = [_pair(row) for row in found]
    return sorted(pairs, key=lambda pair: (-pair.probability, pair.one, pair.other))


def _share(count: int, size: int) -> float:
    """Return how often two people have a value by chance: without the two that are compared, and never quite never.

    In a small workspace a value that two records share is half a per cent of all, however rare it is elsewhere.
    """
    return max(count - 2 + 0.5, 0.5) / max(size, _FEWEST)


def _settings(size: int) -> Any:
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=min(0.5, 2 * _PAIRS_A_LEAD / (size - 1)),
        comparisons=[_comparison(one) for one in _COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in _BLOCKS],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
    )


def _comparison(comparison: _Comparison) -> dict[str, Any]:
    missing = {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    levels = [
        {
            "sql_condition": level.sql or "ELSE",
            "label_for_charts": level.says or "other",
            "m_probability": level.m,
            "u_probability": level.u,
            **({"tf_adjustment_column": level.tf} if level.tf else {}),
        }
        for level in comparison.levels
    ]
    return {"output_column_name": comparison.column, "comparison_levels": [missing, *levels]}


def _pair(row: dict[str, Any]) -> Pair:
    one, other = sorted((int(row["unique_id_l"]), int(row["unique_id_r"])))
    probability = float(row["match_probability"])
    said: dict[str, list[str]] = {"same": [], "alike": [], "other": []}
    for comparison in _COMPARISONS:
        step = int(row[f"gamma_{comparison.column}"])
        if step >= 0:  # Splink counts from what is left, 0, upwards; -1 is missing
            level = comparison.levels[len(comparison.levels) - 1 - step]
            said[level.says or "other"].append(comparison.name)
    return Pair(one, other, probability, say_likeness(said["same"], said["alike"], said["other"]))


def say_likeness(same: Sequence[str], alike: Sequence[str], other: Sequence[str]) -> str:
    """Return in words what two records agree in.

    >>> say_likeness(["surname", "company"], ["first name"], ["title"])
    'same surname and company, first name alike, other title'
    """
    parts = []
    if same:
        parts.append(f"same {_and(same)}")
    if alike:
        parts.append(f"{_and(alike)} alike")
    if other:
        parts.append(f"other {_and(other)}")
    return ", ".join(parts)


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
