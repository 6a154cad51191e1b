"""Teams and their people: who takes turns, how much each works at once, who is away; and where a lead would go."""
