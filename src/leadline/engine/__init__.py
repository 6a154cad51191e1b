"""The engine: a pure library. No web framework, no network, no clock."""
