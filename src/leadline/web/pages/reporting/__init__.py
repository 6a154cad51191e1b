"""What became of a lead, as somebody reports it: opportunity, won, lost, evangelist; and referrals, which are events."""
