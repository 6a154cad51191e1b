"""The product in one file: what follows what.

Apps know those below them and nothing of their neighbours; where one thing follows another across them, it is said here.
"""
