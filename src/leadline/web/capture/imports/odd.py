"""Values that can be written and are probably not meant: countries that are no codes, fewer than no employees.

They are told with the dry run, and stop nothing: a workspace may well call countries by their names. Guarded by
tests/web/capture/imports/test_odd_values.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from leadline.web.capture.imports.rows import CompanyRow, LeadRow, Understood
from leadline.web.capture.imports.values import shorten

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
"""The codes of countries (ISO 3166-1 alpha-2), and Kosovo's, which is used though it is none."""
_EXAMPLES = 3
_MOST_SHOWN = 40
_WORDS = {
    "country": "of a country that is no code such as DE. What asks for codes does not find it: mend the file, or go on",
    "employees": "of fewer employees than none. Such a company loses what its size would give: mend the file, or go on",
}


def add_odd(before: Mapping[str, Any] | None, rows: Iterable[Understood]) -> dict[str, Any]:
    """Return how often values are odd, by field and with the first examples, with those of some rows added."""
    total: dict[str, Any] = dict(before or {})
    for field, value in (one for row in rows for one in _odd(row)):
        own = total.get(field, {"rows": 0, "examples": []})
        shown = shorten(value, _MOST_SHOWN)
        is_new = shown not in own["examples"] and len(own["examples"]) < _EXAMPLES
        total[field] = {"rows": own["rows"] + 1, "examples": [*own["examples"], shown] if is_new else own["examples"]}
    return total


def say_odd(counted: Mapping[str, Any]) -> Sequence[str]:
    """Return what is odd in sentences.

    >>> say_odd({"country": {"rows": 2, "examples": ["Germany", "XX"]}})[0][:40]
    '2 values (“Germany”, “XX”) of a country '
    """
    said = []
    for field, own in sorted(counted.items()):
        shown = ", ".join(f"“{one}”" for one in own["examples"])
        said.append(f"{own['rows']:,} value{'s' if own['rows'] != 1 else ''} ({shown}) {_WORDS[field]}.")
    return said


def _odd(row: Understood) -> Iterator[tuple[str, str]]:
    said = row.said
    if not isinstance(said, LeadRow | CompanyRow):
        return
    own = [said.facts, *([said.company.facts] if isinstance(said, LeadRow) and said.company else [])]
    for facts in own:
        country, employees = facts.get("country"), facts.get("employees")
        if isinstance(country, str) and country.strip().upper() not in COUNTRIES:
            yield "country", country.strip()
        if isinstance(employees, int | float) and employees < 0:
            yield "employees", f"{employees:g}"
