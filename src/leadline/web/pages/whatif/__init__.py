"""What a draft of the playbook says of everybody now, beside what holds: a card on the page of the draft, and a page of its own."""
