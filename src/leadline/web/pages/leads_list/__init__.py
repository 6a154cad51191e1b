"""The list of leads: search, filters in the address, order, and adding one by hand. Shows the live version's answers and no other's."""
