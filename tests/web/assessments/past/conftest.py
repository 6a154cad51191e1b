"""A live playbook, people with a past, and a draft, as for what-ifs of now."""

import pytest
from tests.web.assessments.whatif.conftest import LIVE, make_draft, people, version

from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.past.run import find_out

__all__ = ["people", "version"]  # fixtures

EDITED = LIVE.replace("heat >= 40", "heat >= 15").replace("points = 25", "points = 5").replace('["sql"]', '["mql"]')


@pytest.fixture
def draft(northwind, version, people, now):
    return make_draft(northwind, EDITED, now)


@pytest.fixture
def find(tmp_path):
    """Claim what was asked, and find it out in this process."""

    def do(past, lease="ours"):
        PastWhatIf.objects.filter(pk=past.pk).update(lease=lease)
        folder = tmp_path / lease
        folder.mkdir(exist_ok=True)
        find_out(past.pk, lease, folder)
        return PastWhatIf.objects.get(pk=past.pk)

    return do
