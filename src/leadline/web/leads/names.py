"""What events and fields are called, whatever a source calls them: a playbook's words, so that one thing has one name.

Not the names of properties: conditions read those as the source wrote them.
"""

import re
import unicodedata

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BESIDE_NAMES = re.compile(r"[^a-z0-9]+")
_BESIDE_WORDS = re.compile(r"\W+")


def event_name(text: str) -> str:
    """Return an event's name in a playbook's words; empty when nothing in *text* can be one.

    Lower case without accents; every run of other characters than a-z and 0-9 becomes ``_``, and none stands at either end. A name
    in another script has none of those, and keeps its own letters.

    >>> event_name("Demo Requested")
    'demo_requested'
    >>> event_name("Größe gewählt!")
    'grosse_gewahlt'
    >>> event_name("デモ 依頼")
    'デモ_依頼'
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    if name := _BESIDE_NAMES.sub("_", "".join(one for one in folded if not unicodedata.combining(one))).strip("_"):
        return name
    return _BESIDE_WORDS.sub("_", unicodedata.normalize("NFKC", text.casefold())).strip("_")


def worded_field(text: str) -> str:
    """Return the name of a fact in a playbook's words: as `event_name`, with the humps of camel case as well.

    For what people word themselves, in any script. What a source calls a trait is read by `traits.trait_field`, in a-z and 0-9 alone.

    >>> worded_field("firstName")
    'first_name'
    """
    return event_name(_HUMP.sub("_", text))
