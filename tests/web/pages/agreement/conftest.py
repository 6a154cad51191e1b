"""Northwind's hand-offs of the last months."""

from tests.web.pages.returns.conftest import ines, live, nadia, some

__all__ = ["ines", "live", "nadia", "some"]  # fixtures
