"""The moment that all benchmarks assess at, where a program without packages can read it."""

AS_OF = "2025-12-30"
