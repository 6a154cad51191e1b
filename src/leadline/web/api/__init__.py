"""The REST API: the queries and actions of the pages, for programs. Keys open it, never a browser's session."""
