"""The command line: a thin reader and printer around the engine. Start at main.py; each command is a module.

What a command needs from the engine is imported inside it, so that `leadline --help` answers at once.
"""
