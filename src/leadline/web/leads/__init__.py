"""Who it is: leads, companies, identities, the log of events, facts and outcomes, merging, erasure."""
