"""The operations, one module a resource: each reads what was given, calls the query or action that the pages call, and answers."""
