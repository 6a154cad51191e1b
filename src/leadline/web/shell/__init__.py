"""The frame of every page: base template, components, static files, security headers."""
