"""The bounds of a review, in one place: how much data it asks for, and how much is much. They are shown with every review."""

LEAST_LEADS = 100
"""Leads below which nothing is said of any criterion."""
LEAST_REACHED = 20
"""Leads with the outcome below which nothing is said of what a criterion does for it."""
LEAST_FIRING = 30
"""Leads on whom a side must fire, and leads on whom it must not, …"""
LEAST_EXPECTED = 5
"""… and leads with the outcome to be expected on each of the two sides by the rate of all."""

DEAD_SHARE = 0.005
"""A criterion is dead when it fires on fewer leads than this share."""
ALWAYS_SHARE = 0.99
"""A criterion is always on when it fires in at least this share of the observations …"""
ALWAYS_SAME = 0.9
"""… and gives one and the same points in at least this share of them."""
JACCARD, PHI = 0.8, 0.8
"""Two criteria are redundant when at least so much of their observations is in both, and they correlate at least so much."""
TIMES = 2.0
"""Points are too heavy or too light when they are worth less than 1/TIMES of, or more than TIMES, those of the others."""
LEAST_OTHERS = 3
"""… of whom at least so many in the same score must show a clear effect."""

DRIFT_SHARE = 0.05
"""A share that changes by less than this from the first to the last quarter is not called a drift."""
DRIFT_TIMES = 1.5
"""A lift that changes by fewer times than this is not called a drift."""
FILL_SHARE = 0.1
"""A fill rate that differs by less than this is not suspect."""
LEAST_SPELLS = 30
"""Leads with spells given back, and leads with accepted ones, below which the two are not compared."""

ALL: dict[str, float] = {
    "least_leads": LEAST_LEADS,
    "least_leads_with_outcome": LEAST_REACHED,
    "least_leads_firing_and_not": LEAST_FIRING,
    "least_expected_outcomes_each_side": LEAST_EXPECTED,
    "dead_below_share_of_leads": DEAD_SHARE,
    "always_on_from_share": ALWAYS_SHARE,
    "always_on_same_points_from_share": ALWAYS_SAME,
    "redundant_from_jaccard": JACCARD,
    "redundant_from_phi": PHI,
    "heavy_or_light_from_times": TIMES,
    "least_clear_others": LEAST_OTHERS,
    "drift_from_share": DRIFT_SHARE,
    "drift_from_times": DRIFT_TIMES,
    "suspect_fill_from_share": FILL_SHARE,
    "least_leads_with_spells": LEAST_SPELLS,
}
