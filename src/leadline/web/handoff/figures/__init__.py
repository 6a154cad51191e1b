"""The numbers of hand-offs: what became of them, why sales sent them back, how the promise was kept, and what came of it later.

Nothing here is stored: all is counted as of now, from hand-offs, spells and outcomes. tests/web/handoff/test_figures.py holds it to a
naive count in plain Python over the same rows.

periods    days and months of a workspace's zone
fates      the names of what became of a hand-off
tally      counts by fate and reason, in whole or by criterion, source, owner …
keeping    whether the answer came in time, and how long everything took in working hours
cohorts    what came of hand-offs later: sales qualified, opportunity, won
behind     the hand-offs behind a number
worked     working time between very many pairs of moments
"""
