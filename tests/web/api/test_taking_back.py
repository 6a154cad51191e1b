"""Taking back outcomes that were reported: what a key or a person said goes as if it had never been said, and nothing else does."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.api.conftest import Caller
from tests.web.api.test_handoffs import open_for, problem_of
from tests.web.conftest import member
from tests.web.handoff.conftest import ines, live, nadia
from tests.web.pages.rows import make_lead
from tests.web.pages.world import assess_everybody, touch

from leadline.web.assessments.models import Assessment
from leadline.web.handoff.actions import snooze
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.opening import reconcile
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Lead, Outcome, TakenBack
from leadline.web.leads.records import NewOutcome, record_outcomes
from leadline.web.pages.reporting.actions import report_outcome

__all__ = ["ines", "live", "nadia"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture
def maya(northwind, playbook):
    lead = make_lead(northwind, "Maya Mensah")
    touch(lead)
    assess_everybody()
    return lead


def won(caller, lead, **more):
    said = {"outcome": "won", "at": timezone.now().isoformat()} | more
    answer = caller.post(f"/leads/{lead.pk}/outcomes", said)
    assert answer.status_code == 200
    return answer.json()


def take_back(caller, lead, outcome_id, **more):
    return caller.post(f"/leads/{lead.pk}/outcomes/take-back", {"outcome_id": outcome_id} | more)


def record(lead, **more):
    said = {"lead_id": lead.pk, "outcome": "won", "at": timezone.now(), "source": "api", "outcome_id": "o-1"} | more
    record_outcomes(lead.workspace, [NewOutcome(**said)])


def test_it_is_as_if_it_had_never_been_said(caller, maya):
    before = caller.get(f"/leads/{maya.pk}/assessment").json()
    other = won(caller, maya, outcome="opportunity", outcome_id="hubspot:16")
    said = won(caller, maya, outcome_id=" hubspot:17 ")
    assess_everybody()
    assert Assessment.objects.get().stage == "customer"
    assert said == {"stored": 1, "unchanged": 0, "id": "hubspot:17"}

    answer = take_back(caller, maya, said["id"])
    assert (answer.status_code, answer.json()) == (200, {"id": "hubspot:17", "taken_back": True})
    assert Lead.objects.get(pk=maya.pk).due_at is not None
    assess_everybody()
    assert Assessment.objects.get().stage == "opportunity"
    assert [one["id"] for one in caller.all(f"/outcomes?lead={maya.pk}")] == [other["id"]]

    take_back(caller, maya, other["id"])
    assess_everybody()
    after = caller.get(f"/leads/{maya.pk}/assessment").json()
    assert after | {"as_of": ""} == before | {"as_of": ""}


def test_taken_back_twice_it_is_answered_and_reported_anew_it_is_there_again(caller, maya):
    said = won(caller, maya, at="2026-03-01T09:00:00Z")  # by what it says it is known
    assert take_back(caller, maya, said["id"]).json()["taken_back"] is True
    version = Lead.objects.get(pk=maya.pk).log_version

    assert take_back(caller, maya, said["id"]).json() == {"id": said["id"], "taken_back": False}
    assert Lead.objects.get(pk=maya.pk).log_version == version
    assert won(caller, maya, at="2026-03-01T09:00:00Z") == said
    assert Outcome.objects.count() == 1


def test_what_was_taken_back_is_kept_with_who_said_it_and_who_took_it_back(caller, maya, omar, northwind):
    won(caller, maya, outcome_id="deal-7", value="1200.50", at="2026-03-01T09:00:00Z")
    take_back(caller, maya, "deal-7")
    reported_by_hand = report_outcome(maya, "rejected", reason="timing", by=omar.email)
    take_back(caller, maya, reported_by_hand, by=omar.email)

    first, second = caller.all(f"/outcomes/taken-back?lead={maya.pk}")

    assert {name: first[name] for name in ("lead", "kind", "name", "at", "value", "outcome_id", "said_by", "taken_back_by")} == {
        "lead": maya.pk, "kind": "outcome", "name": "won", "at": "2026-03-01T09:00:00Z", "value": "1200.50",
        "outcome_id": "deal-7", "said_by": "API key a program", "taken_back_by": "API key a program",
    }  # fmt: skip
    assert (second["name"], second["reason"], second["said_by"]) == ("rejected", "timing", omar.email)
    assert second["taken_back_by"] == omar.email
    assert caller.all(f"/outcomes/taken-back?by={omar.email}") == [second]
    assert caller.all(f"/outcomes/taken-back?taken_back_since={timezone.now().isoformat().replace('+', '%2B')}") == []
    assert caller.all("/outcomes/taken-back?lead=999999") == []


def test_it_follows_who_is_merged_and_is_erased_with_them(caller, maya, northwind):
    won(caller, maya, outcome_id="deal-7")
    take_back(caller, maya, "deal-7")
    other = make_lead(northwind, "Maya M.")

    merge_leads(maya, other, because="one person")
    assert [one["lead"] for one in caller.all("/outcomes/taken-back")] == [other.pk]

    erase_person(Lead.objects.get(pk=other.pk), by=None)
    assert not TakenBack.objects.exists()


def test_a_handoff_that_it_had_decided_waits_again(caller, northwind, live, omar):
    handoff = open_for(northwind, live, "Maya Mensah")[0]

    def state():
        with transaction.atomic():
            reconcile(live, [handoff.lead_id])
        return HandOff.objects.get(pk=handoff.pk).state

    snooze(handoff.pk, by=omar, until=timezone.now() + timedelta(days=9))
    said = won(caller, handoff.lead)
    assert state() == "accepted"
    take_back(caller, handoff.lead, said["id"])
    assert state() == "waiting"
    assert HandOff.objects.get(pk=handoff.pk).snoozed_until is None, "it would not be seen among those that wait"


def test_what_people_reported_on_the_page_goes_in_the_name_of_who_did_or_a_manager(caller, maya, omar, nadia, ines):
    origins = [report_outcome(maya, "won", by=omar.email) for _ in range(2)]

    for by, said in ((None, "who reported it"), (nadia.email, "They take it back, or a manager does")):
        answer = take_back(caller, maya, origins[0], **({"by": by} if by else {}))
        assert problem_of(answer) == (422, "not-possible") and said in answer.json()["detail"]
    unknown = take_back(caller, maya, origins[0], by="nobody@northwind.example")
    assert problem_of(unknown) == (422, "invalid")
    assert Outcome.objects.count() == 2

    for origin, by in zip(origins, (omar.email.upper(), ines.email), strict=True):
        assert take_back(caller, maya, origin, by=by).json()["taken_back"] is True
    assert not Outcome.objects.exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"origin": "handoff:3", "source": "leadline", "by": "omar@northwind.example"}, "/handoffs/…/undo"),
        ({"origin": "import:3", "by": "API key a program"}, "Undo the import"),
        ({"origin": "batch:3", "source": "person"}, "many leads at once"),
        ({"source": "leadline", "by": "API key a program"}, "a fact put right"),
        ({"source": "crm", "by": "API key the CRM"}, "reported by the source crm; this key"),
        ({"by": "Jonas"}, "reported by Jonas; this key"),
    ],
)
def test_what_goes_with_something_else_or_is_another_sources_stays_and_is_told(caller, maya, more, said):
    record(maya, **more)
    answer = take_back(caller, maya, "o-1")

    assert problem_of(answer) == (422, "not-possible")
    assert said in answer.json()["detail"] and answer.json()["detail"].endswith("Nothing was taken back.")
    assert Outcome.objects.count() == 1


def test_a_key_takes_back_what_another_key_of_its_source_reported(key_for, maya):
    said = won(Caller(key_for(source="crm")), maya)

    assert take_back(Caller(key_for()), maya, said["id"]).status_code == 422
    assert take_back(Caller(key_for(source="crm")), maya, said["id"]).json()["taken_back"] is True


def test_an_outcome_of_another_lead_or_workspace_stays(caller, stranger, maya, northwind, elsewhere):
    other = make_lead(northwind, "Bo Berg")
    theirs = make_lead(elsewhere, "Cem Can")
    record(theirs, by="API key a program", outcome_id="o-2")
    said = won(caller, maya, outcome_id="o-1")

    answer = take_back(caller, other, said["id"])
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/outcome_id", "other-lead")]
    assert str(maya.pk) in answer.json()["errors"][0]["detail"]
    assert take_back(caller, maya, "o-2").json()["taken_back"] is False
    assert take_back(stranger, maya, "o-1").status_code == take_back(caller, theirs, "o-2").status_code == 404
    assert Outcome.objects.count() == 2


def test_of_a_lead_that_was_merged_the_one_with_its_log_is_asked(caller, maya, northwind):
    other = make_lead(northwind, "M. Mensah")
    said = won(caller, other)
    caller.post(f"/leads/{other.pk}/merge", {"into": maya.pk})

    assert problem_of(take_back(caller, other, said["id"])) == (409, "merged")
    assert take_back(caller, maya, said["id"]).json()["taken_back"] is True


def test_who_may_only_look_takes_nothing_back(caller, maya, northwind, omar):
    origin = report_outcome(maya, "won", by=omar.email)
    viewer = member(northwind, "Vera", "viewer")

    assert take_back(caller, maya, origin, by=viewer.email).json()["errors"][0]["code"] == "wrong-role"
    assert Outcome.objects.exists()
