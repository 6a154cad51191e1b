"""Public holidays by country and region, from the library *holidays* (docs/decisions/0032).

The library is loaded when somebody first asks, and counts a year of a country when it is needed. Countries and regions are known by ISO
3166 codes. A few cities that the library counts as regions have longer names than a calendar keeps, and are left out.
"""

import logging
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

log = logging.getLogger("leadline.handoff")

LONGEST_REGION = 10
LANGUAGE = "en_US"
_LOWER = {"and", "of", "the", "da"}
_WRITTEN_OTHERWISE = {
    "cocos_islands": "Cocos (Keeling) Islands",
    "dr_congo": "DR Congo",
    "guinea_bissau": "Guinea-Bissau",
    "timor_leste": "Timor-Leste",
    "syrian_arab_republic": "Syria",
}


@lru_cache(maxsize=1)
def list_countries() -> tuple[tuple[str, str], ...]:
    """Return the countries whose holidays are known, by name: code and name."""
    from holidays.registry import COUNTRIES

    found = ((_code_of(names), _name_of(module)) for module, names in COUNTRIES.items())
    return tuple(sorted(found, key=lambda one: one[1]))


def _code_of(names: tuple[str, ...]) -> str:
    """Return the two letters of a country among its names; the first, where there are several (GB, UK)."""
    return next(name for name in names if len(name) == 2)


def _name_of(module: str) -> str:
    """Return a country's name from that of its module.

    >>> _name_of("trinidad_and_tobago")
    'Trinidad and Tobago'
    """
    words = (word if word in _LOWER else word.capitalize() for word in module.split("_"))
    return _WRITTEN_OTHERWISE.get(module) or " ".join(words)


def name_country(code: str) -> str:
    """Return a country's name; its code, when nothing is known of it."""
    return dict(list_countries()).get(code, code)


@lru_cache(maxsize=64)
def list_regions(country: str) -> tuple[tuple[str, str], ...]:
    """Return the regions of a country that have holidays of their own, by name: code and name. None, where it is not known."""
    from holidays import country_holidays

    try:
        known = country_holidays(country, expand=False)
    except NotImplementedError:
        return ()
    names = {code: name for name, code in reversed(known.subdivisions_aliases.items())}
    codes = (code for code in known.subdivisions if len(code) <= LONGEST_REGION)
    return tuple(sorted(((code, names.get(code, code)) for code in codes), key=lambda one: one[1]))


def name_region(country: str, region: str) -> str:
    """Return a region's name; its code, when nothing is known of it."""
    return dict(list_regions(country)).get(region, region)


@lru_cache(maxsize=2_000)
def holidays_of(country: str, region: str, year: int) -> Mapping[date, str]:
    """Return the public holidays of a year with their names; none without a country.

    A later version of the library may not know a region any more that a calendar names: then the whole country's count, as the log says.
    """
    if not country:
        return MappingProxyType({})
    from holidays import country_holidays

    for asked in (region or None, None):
        try:
            found = country_holidays(country, subdiv=asked, years=year, language=LANGUAGE, expand=False)
        except NotImplementedError:
            log.warning("The public holidays of %s %s are not known", country, asked or "")
        else:
            return MappingProxyType(dict(sorted(found.items())))
    return MappingProxyType({})
