"""The numbers that scores are held against, in the text of a condition."""

from decimal import Decimal

import pytest

from leadline.engine.expressions.thresholds import thresholds_in, with_threshold

SCORES = ("fit", "engagement")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fit >= 50 and engagement >= 40", [("fit", "50", False), ("engagement", "40", False)]),
        ("fit > 49.5", [("fit", "49.5", True)]),
        ("50 <= fit or 10 < engagement", [("fit", "50", False), ("engagement", "10", True)]),
        ("(fit >= 50 and (engagement >= 40 or engagement >= 60))", [("fit", "50", False), ("engagement", "40", False),
                                                                    ("engagement", "60", False)]),
        ('"fit" >= -5', [("fit", "-5", False)]),
        ("fit >= engagement", []),
        ("fit <= 50", []),
        ("50 >= fit", []),
        ("fit = 50", []),
        ("fit between 50 and 60", []),
        ("fit.grade >= 'A'", []),
        ("not fit >= 50", []),
        ("(fit >= 50) is not true", []),
        ("employees >= 50", []),
        ("company.fit >= 50", []),
        ("count('fit >= 50') >= 3", []),
    ],
)  # fmt: skip
def test_a_threshold_is_a_number_that_a_score_must_reach(text: str, found: list[tuple[str, str, bool]]) -> None:
    assert [(one.score, str(one.number), one.is_above) for one in thresholds_in(text, SCORES)] == found


def test_replacing_leaves_the_rest_to_the_letter() -> None:
    text = "fit>=50  AND (engagement >= 40.0 or title = 'engagement >= 40') and 40 <= \"engagement\""

    assert with_threshold(text, "engagement", Decimal("7.25")) == (
        "fit>=50  AND (engagement >= 7.25 or title = 'engagement >= 40') and 7.25 <= \"engagement\""
    )


def test_a_large_number_is_written_out() -> None:
    assert with_threshold("fit >= 1", "fit", Decimal("1E+3")) == "fit >= 1000"


def test_what_has_no_threshold_stays() -> None:
    assert with_threshold("fit = 50", "fit", Decimal(1)) == "fit = 50"
