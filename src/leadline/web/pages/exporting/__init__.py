"""Leads taken out of the app as a file: CSV or XLSX, of a list or a selection. Who did it is recorded."""
