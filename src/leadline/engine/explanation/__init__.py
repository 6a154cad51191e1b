"""Why a lead got what it got: lines that add up to the score, and what is missing."""
