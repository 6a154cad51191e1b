"""Leads through time, in bulk: what is known of many leads as arrays, the moments at which they are assessed, and their spells."""
