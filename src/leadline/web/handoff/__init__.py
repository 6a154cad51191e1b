"""The hand-off from marketing to sales and back: what waits, who has it, what was decided and what follows.

opening    hand-offs open, cool and are withdrawn with the spells that they belong to
actions    what people do: claim, call, decide, undo
changes    what became different, for others to act on
urgency    which comes first, and which are late
routing    to whom a hand-off goes
clocks     when an answer is due, by whose calendar; warnings, breaches, escalation
calendars  working hours, and the pages on which people keep them
teams      who works in which team, and the pages about it
figures    the numbers of hand-offs
promises   how many a week are promised
subjects   what is held of a person
"""
