"""Imports of files, from upload to undo."""
