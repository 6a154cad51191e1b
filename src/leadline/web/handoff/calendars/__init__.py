"""Working hours: the calendars by which response clocks run, and the pages on which people keep them.

public_holidays   which days are public holidays, by country and region: the only place that knows the library
hours             stretches of work as people write them and as they are stored
queries, actions, forms, views
"""
