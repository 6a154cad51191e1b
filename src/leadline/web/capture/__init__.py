"""From outside to the log: the tracking API, forms, imports, mail events, bots."""
