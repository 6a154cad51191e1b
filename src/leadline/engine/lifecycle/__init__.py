"""What happens to a lead over time: spells of qualifications, stages, and the rules that make and end them."""
