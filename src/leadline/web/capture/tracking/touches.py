"""Where a visit came from: what a call says of its campaign, its referrer and the click that led here.

A touch is there only when something from outside led to the page. A click from one page of a site to the next is no touch, for it would
hide the campaign that brought the visitor.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from leadline.web.capture.tracking.calls import members_of, text_of
from leadline.web.leads.messages import Json

CAMPAIGN = {"source": "source", "medium": "medium", "name": "campaign", "term": "term", "content": "content"}
"""A name in `context.campaign` → in a touch."""
UTM = {f"utm_{name}": name for name in ("source", "medium", "campaign", "term", "content")}
CLICK_IDS = (
    "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "li_fat_id", "ttclid", "twclid", "rdt_cid", "epik", "ScCid",
)  # fmt: skip
"""What advertisers add to the address of a page. The first that is there counts, written as ``gclid:…``."""
_MOST_LENGTH = 1_000


def find_touch(body: Mapping[str, Json], page: Mapping[str, Json]) -> dict[str, str]:
    """Return where a call came from: source, medium, campaign, term, content, referrer, click_id and page, what there is of those.

    Args:
        body: the call. What its `context.campaign` says counts more than the address of the page.
        page: url, search and referrer of the page that it was on.
    """
    url = text_of(page.get("url"))
    query = _query(url) or _query(text_of(page.get("search")))
    touch = {ours: query[theirs] for theirs, ours in UTM.items() if query.get(theirs)}
    campaign = members_of(members_of(body.get("context")).get("campaign"))
    touch |= {ours: text for theirs, ours in CAMPAIGN.items() if (text := text_of(campaign.get(theirs)))}
    referrer = text_of(page.get("referrer"))
    if referrer and _host(referrer) != _host(url):
        touch["referrer"] = referrer
    for name in CLICK_IDS:
        if query.get(name):
            touch["click_id"] = f"{name}:{query[name]}"
            break
    if touch and url:
        touch["page"] = url
    return {name: text[:_MOST_LENGTH] for name, text in touch.items()}


def _query(url: str) -> dict[str, str]:
    """Return the parameters of an address."""
    _, _, query = url.partition("#")[0].partition("?")
    try:
        return dict(parse_qsl(query, max_num_fields=100))
    except ValueError:
        return {}


def _host(url: str) -> str:
    """Return the host of an address, without `www.`."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
