"""The people of the pages' tests, for the frame around them."""

from tests.web.pages.conftest import people, playbook

__all__ = ["people", "playbook"]
