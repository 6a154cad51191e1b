"""Omar and Bea sell in the team Inbound, Max manages, Mara markets."""

import pytest
from tests.web.conftest import member
from tests.web.handoff.teams.world import TOML, seat, team
from tests.web.pages.world import make_live

from leadline.web.handoff.models import Seat


@pytest.fixture
def people(northwind, maria, omar):
    make_live(northwind, TOML)
    places = [Seat.objects.create(workspace=northwind, user=omar), seat(northwind, "Bea")]
    names = {"Maria": maria, "Omar": omar, "Bea": places[1].user}
    names |= {name: member(northwind, name, role) for name, role in (("Max", "manager"), ("Mara", "marketer"))}
    names["inbound"] = team(northwind, "inbound", *places)
    return names
