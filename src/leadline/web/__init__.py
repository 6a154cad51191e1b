"""The app: what a team runs. Events come in, become known people, are assessed, and can be looked up.

Django, one folder a concept, all with the same files: ``models`` are tables, ``actions`` every write, ``queries`` every read,
``views`` read a request, call one of those and answer. An app's models are private to it and to those above it. `flow.py` says what
follows what. The order in which apps stand on one another is a contract in pyproject.toml.
"""
