"""The rules about bots that come with Leadline: each with an id that stands on the events it marks, and its reason.

They are careful: a mark takes an event out of every score, so a rule says "bot" only where a person is hardly possible. That a mail
is opened and clicked within a moment proves nothing (some programs load both at once), and neither does a click soon after delivery.
What shows only in several events together is in `bursts.py`. A workspace adds rules of its own; docs/bots.md lists all of them.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler  # type: ignore[import-untyped]

from leadline.web.accounts.models import Source
from leadline.web.capture.bots.seen import Seen

_IMAGE_PROXIES = ("googleimageproxy", "ggpht.com", "yahoomailproxy")
"""Load a mail's pictures when a person opens it, in the name of many."""
APPLE_PRIVACY_AGENT = "Mozilla/5.0"
LINK_SCANNER = "link-scanner"
PERSON = "person"
"""Stands on an event of which somebody has said who made it; no rule says otherwise any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInRule:
    """A rule that every workspace has.

    test: about one event by itself; None where only several together show it.
    """

    id: str
    title: str
    why: str
    test: Callable[[Seen], bool] | None


def _is_crawler_visit(seen: Seen) -> bool:
    if seen.source_kind not in (Source.Kind.WEBSITE, Source.Kind.FORM, Source.Kind.MAIL):
        return False  # a server sends in the name of its own library, and imports say what they know
    if seen.kind == "mail" and any(one in seen.user_agent.lower() for one in _IMAGE_PROXIES):
        return False
    return _is_crawler(seen.user_agent[:500])


@lru_cache(maxsize=4096)
def _is_crawler(user_agent: str) -> bool:
    return bool(user_agent) and is_crawler(user_agent)


BUILT_IN = (
    BuiltInRule(
        id="crawler",
        title="Crawlers and programs",
        why="Its user agent names a crawler, a headless browser or a program, by the list of crawler-user-agents. "
        "Proxies that load pictures for people who open a mail are left out.",
        test=_is_crawler_visit,
    ),
    BuiltInRule(
        id="mail-machine",
        title="Opens and clicks that the mail provider takes for a machine's",
        why="The provider itself marked it so, such as SendGrid's machine opens.",
        test=lambda seen: seen.kind == "mail" and seen.properties.get("is_machine") is True,
    ),
    BuiltInRule(
        id="mail-privacy",
        title="Apple Mail Privacy Protection",
        why="Apple loads the pictures of every mail, read or not. It says of itself 'Mozilla/5.0' and nothing more, which no browser does.",
        test=lambda seen: seen.name == "mail_opened" and seen.user_agent.strip() == APPLE_PRIVACY_AGENT,
    ),
    BuiltInRule(
        id=LINK_SCANNER,
        title="Link scanners",
        why="Three or more different links of one mail were followed within ten seconds, all within a minute of its delivery; or five "
        "or more within five seconds, whenever. Scanners follow the links of a mail before it is read; people follow one.",
        test=None,
    ),
)
RESERVED_IDS = frozenset({*(rule.id for rule in BUILT_IN), PERSON})


def find_built_in(seen: Seen) -> str:
    """Return the id of the first rule that says that a bot made an event; empty when none does."""
    return next((rule.id for rule in BUILT_IN if rule.test is not None and rule.test(seen)), "")


EDITION = 1
"""Count it up when a test above says something else than before."""


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return what stands for the rules as they are: another one after an upgrade that brings other rules or another list of crawlers."""
    crawlers = [one["pattern"] for one in CRAWLER_USER_AGENTS_DATA]
    parts = [EDITION, [rule.id for rule in BUILT_IN], crawlers, _IMAGE_PROXIES, APPLE_PRIVACY_AGENT]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
