"""Every reason that the code can give is explained to people, and none that it cannot."""

import re
from pathlib import Path

import leadline.web.capture.tracking as tracking
from leadline.web.capture.refused.reasons import REASONS, reason_of

SOURCE = "".join(path.read_text() for path in Path(tracking.__file__).parent.glob("*.py"))
DOCS = Path(__file__).parents[4] / "docs" / "tracking.md"


def test_every_reason_is_explained():
    given = set(re.findall(r'(?:UnusableError\(\s*|_refusal\(|reason=)"([a-z-]+)"', SOURCE))

    assert given - {"post-only", "unknown-address", "unknown-key", "overload", "store-trouble"} == set(REASONS)


def test_every_reason_stands_in_the_documentation():
    assert [code for code in REASONS if f"`{code}`" not in DOCS.read_text()] == []


def test_a_reason_of_others_is_said_in_its_own_words():
    assert reason_of("unknown-form").title == "Unknown form"
