"""RudderStack's client for Python tells Ada's story. Run with an address and a key."""

import sys

import rudderstack.analytics as analytics

analytics.dataPlaneUrl, analytics.write_key = sys.argv[1:]
analytics.max_retries = 5
analytics.identify("ada", {"email": "ada@acme.example", "title": "CTO"})
analytics.track("ada", "Demo Requested", {"plan": "pro", "seats": 3})
analytics.page("ada", "Docs", "Pricing", {"path": "/pricing", "url": "https://www.northwind.example/pricing"})
analytics.screen("ada", "App", "Start")
analytics.group("ada", "acme", {"name": "Acme", "employees": 300})
analytics.alias("visitor-1", "ada")
analytics.shutdown()
