"""The agreement of marketing and sales: what the words mean, what is promised, and how the last months kept it."""
