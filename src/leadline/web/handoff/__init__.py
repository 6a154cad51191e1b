"""The hand-off from marketing to sales and back: what waits, who has it, what was decided and what follows.

    opening    hand-offs open, cool and are withdrawn with the spells that they belong to
    actions    what people do: claim, call, decide, undo
    queries    the queue, the steps, the numbers
    routing    to whom a hand-off goes
    clocks     when an answer is due, by whose calendar; warnings, breaches, escalation
"""
