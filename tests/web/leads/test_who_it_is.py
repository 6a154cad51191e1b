"""Who a message is about: each rule of docs/identity.md as a story."""

import logging

import pytest
from tests.web.leads.says import BEGIN, says, take

from leadline.web.accounts.models import Source
from leadline.web.leads.merging import unmerge
from leadline.web.leads.models import Event, Fact, Identity, Lead, Merge, Suggestion

pytestmark = pytest.mark.django_db


def standing():
    return list(Lead.objects.filter(merged_into=None).order_by("pk"))


def owner(kind, value):
    return Identity.objects.get(kind=kind, value=value).lead


def suggestions():
    return [(one.lead_id, one.other_id, one.because) for one in Suggestion.objects.filter(state="open")]


def test_a_visitor_is_one_lead_however_many_pages_they_see(website):
    take(website, says("page", anonymous_id="a1"), says("page", anonymous_id="a1"))
    take(website, says("page", anonymous_id="a1"), says("page", anonymous_id="a2"))

    assert [lead.events.count() for lead in standing()] == [3, 1]
    assert not any(lead.is_known for lead in standing())


# -- what is only said -----------------------------------------------------------------------------------------------


def test_a_browser_that_says_to_be_ann_does_not_become_ann(website, backend):
    take(backend, says("identify", user_id="u1", email="ann@acme.com", verified=True, traits={"title": "CFO"}))
    take(website, says("identify", anonymous_id="a1", user_id="u1", email="ann@acme.com", traits={"title": "Intern"}))

    ann, visitor = owner("user", "u1"), owner("anonymous", "a1")
    assert ann != visitor
    assert (ann.title, ann.events.count()) == ("CFO", 1)
    assert suggestions() == [(ann.pk, visitor.pk, "says to be u1")]


def test_nor_does_it_later_when_ann_comes_to_be_known(website, backend):
    take(website, says("identify", anonymous_id="a1", email="ann@acme.com", traits={"title": "Intern"}))
    visitor = owner("email", "ann@acme.com")
    assert (visitor.email, visitor.title) == ("ann@acme.com", "Intern")

    take(backend, says("identify", user_id="u1", email="ann@acme.com", verified=True))

    ann, visitor = owner("email", "ann@acme.com"), owner("anonymous", "a1")
    assert ann == owner("user", "u1")
    assert ann != visitor
    assert Identity.objects.get(kind="email").is_verified
    assert (ann.email, ann.title, visitor.email) == ("ann@acme.com", "", "")
    assert suggestions() == [(visitor.pk, ann.pk, "says to be ann@acme.com")]


def test_an_address_that_nobody_has_is_kept_with_the_visitor_who_says_it(website):
    take(website, says("identify", anonymous_id="a1", email="Ann@Acme.com"))

    identity = Identity.objects.get(kind="email")
    assert (identity.value, identity.is_verified, identity.lead.email) == ("ann@acme.com", False, "ann@acme.com")
    assert identity.lead.is_known


def test_two_browsers_that_say_one_address_stay_two_and_it_is_suggested(website):
    take(website, says("identify", anonymous_id="a1", email="ann@acme.com"))
    take(website, says("identify", anonymous_id="a2", email="ann@acme.com"))

    first, second = standing()
    assert (first.email, second.email) == ("ann@acme.com", "")
    assert suggestions() == [(first.pk, second.pk, "says to be ann@acme.com")]


def test_a_browser_never_changes_what_is_known_of_a_known_person(website, backend):
    take(backend, says("identify", user_id="u1", anonymous_id="a1", verified=True, traits={"title": "CFO"}))

    take(website, says("identify", anonymous_id="a1", traits={"title": "Intern", "phone": "1"}, minute=5))

    assert list(Fact.objects.values_list("field", "value")) == [("title", "CFO")]
    assert owner("user", "u1").events.count() == 2


def test_who_names_no_browser_and_is_not_vouched_for_is_a_visitor_too(website, backend):
    take(backend, says("identify", user_id="u1", verified=True))

    take(website, says("track", user_id="u1"))
    take(website, says("track", user_id="u1"))

    ann, pretender = standing()
    assert (ann.events.count(), pretender.events.count()) == (1, 2)


def test_an_alias_of_a_browser_does_not_join_a_known_person(website, backend):
    take(website, says("page", anonymous_id="a1"))
    take(backend, says("identify", user_id="u1", verified=True))

    take(website, says("alias", user_id="u1", previous_id="a1"))

    assert len(standing()) == 2
    assert len(suggestions()) == 1


# -- what is vouched for ---------------------------------------------------------------------------------------------


def test_a_server_gives_a_visitor_to_the_person_that_it_is(website, backend):
    take(backend, says("identify", user_id="u1", verified=True, minute=9))
    take(website, says("page", anonymous_id="a1", minute=1), says("page", anonymous_id="a1", minute=2))

    take(backend, says("identify", user_id="u1", anonymous_id="a1", verified=True, minute=10))
    take(website, says("page", anonymous_id="a1", minute=11))

    (ann,) = standing()
    assert ann == owner("user", "u1")
    assert ann.events.count() == 5
    assert ann.first_seen_at == BEGIN.replace(minute=1)
    assert Merge.objects.get().because == "backend vouches for a visitor"


def test_a_visitor_who_fills_in_a_form_of_ours_becomes_the_known_person_itself(website, northwind):
    form = Source.objects.create(workspace=northwind, name="form", kind=Source.Kind.FORM)
    take(website, says("page", anonymous_id="a1"))

    take(form, says("form", anonymous_id="a1", email="ann@acme.com", verified=True, traits={"firstName": "Ann"}))

    (ann,) = standing()
    assert (ann.name, ann.email, ann.events.count()) == ("Ann", "ann@acme.com", 2)
    assert not Merge.objects.exists()


def test_a_server_that_names_user_id_and_address_together_joins_the_two(website, backend, northwind):
    form = Source.objects.create(workspace=northwind, name="form", kind=Source.Kind.FORM)
    take(form, says("form", email="ann@acme.com", verified=True))
    take(backend, says("track", user_id="u1", verified=True, minute=1))

    take(backend, says("identify", user_id="u1", email="ann@acme.com", verified=True, minute=2))

    (ann,) = standing()
    assert ann.events.count() == 3
    assert Merge.objects.get().because == "backend names user and email together"


def test_two_user_ids_with_one_address_are_two_people_and_it_is_suggested(backend):
    take(backend, says("identify", user_id="u1", email="sales@acme.com", verified=True))
    take(backend, says("identify", user_id="u2", email="sales@acme.com", verified=True))

    first, second = standing()
    assert owner("email", "sales@acme.com") == first
    assert suggestions() == [(first.pk, second.pk, "backend says that both are sales@acme.com")]


def test_two_ids_of_one_crm_are_two_people_and_those_of_two_crms_may_be_one(backend):
    take(backend, says("track", crm_id="hubspot:1", email="ann@acme.com", verified=True))
    take(backend, says("track", crm_id="hubspot:2", email="ann@acme.com", verified=True))
    take(backend, says("track", crm_id="salesforce:1", email="ann@acme.com", verified=True))

    assert owner("crm", "hubspot:1") == owner("crm", "salesforce:1") != owner("crm", "hubspot:2")


def test_two_people_at_one_computer_stay_two(website, backend):
    take(backend, says("identify", user_id="u1", anonymous_id="a1", verified=True))
    take(backend, says("identify", user_id="u2", anonymous_id="a1", verified=True))
    take(website, says("page", anonymous_id="a1"))

    ann, bob = standing()
    assert (ann.events.count(), bob.events.count()) == (2, 1)
    assert suggestions() == [(ann.pk, bob.pk, "both were seen in one browser by backend")]


@pytest.mark.parametrize("kinds", [("u1", "u2"), ("u2", "u1")])
def test_an_alias_of_a_server_joins_two_user_ids(backend, kinds):
    for user in kinds:
        take(backend, says("identify", user_id=user, verified=True))

    take(backend, says("alias", user_id="u2", previous_id="u1", verified=True))

    (ann,) = standing()
    assert ann.events.count() == 3
    assert Merge.objects.get().because == "alias by backend"


def test_an_alias_may_come_before_what_it_speaks_of(website, backend):
    take(backend, says("alias", user_id="u2", previous_id="a1", verified=True))
    take(website, says("page", anonymous_id="a1"))
    take(backend, says("track", user_id="a1", verified=True))

    assert len(standing()) == 1


def test_whom_a_person_has_taken_apart_no_rule_joins_again(website, backend, maria):
    take(website, says("page", anonymous_id="a1"))
    take(backend, says("identify", user_id="u1", verified=True))
    take(backend, says("identify", user_id="u1", anonymous_id="a1", verified=True))

    unmerge(Merge.objects.get(), by=maria.email)
    take(backend, says("identify", user_id="u1", anonymous_id="a1", verified=True))

    visitor, ann = standing()
    assert (visitor.events.count(), ann.events.count()) == (1, 3)
    assert suggestions() == []


def test_the_known_one_survives_then_the_one_seen_first(website, backend):
    take(website, says("page", anonymous_id="a1", minute=1))
    take(backend, says("track", user_id="u1", verified=True, minute=7))
    take(backend, says("track", email="ann@acme.com", verified=True, minute=5))
    visitor, user, address = standing()

    take(backend, says("identify", user_id="u1", email="ann@acme.com", anonymous_id="a1", verified=True, minute=9))

    assert standing() == [address]
    assert {one.merged_into for one in Lead.objects.filter(pk__in=[visitor.pk, user.pk])} == {address}


# -- what a signature vouches for -------------------------------------------------------------------------------------


def test_a_signed_user_id_brings_the_visitor_to_the_known_person(website, backend):
    take(website, says("page", anonymous_id="a1"))
    take(backend, says("identify", user_id="u1", verified=True))

    take(website, says("identify", anonymous_id="a1", user_id="u1", verified=True, traits={"title": "CFO"}))

    (ann,) = standing()
    assert (ann.events.count(), ann.title) == (3, "CFO")


def test_a_signed_user_who_says_another_address_does_not_become_who_has_it(website, backend):
    take(backend, says("mail", email="boss@acme.com", verified=True))
    boss = owner("email", "boss@acme.com")

    take(website, says("identify", anonymous_id="a1", user_id="u1", email="boss@acme.com", verified=True))

    user = owner("user", "u1")
    assert user != boss == owner("email", "boss@acme.com")
    assert user.email == ""
    assert suggestions() == [(boss.pk, user.pk, "says to be boss@acme.com")]


def test_a_signed_user_may_say_an_address_that_nobody_has_until_it_is_vouched_for(website, backend):
    take(website, says("identify", anonymous_id="a1", user_id="u1", email="ann@acme.com", verified=True))
    assert owner("user", "u1").email == "ann@acme.com"
    assert not Identity.objects.get(kind="email").is_verified

    take(backend, says("identify", user_id="u2", email="ann@acme.com", verified=True))

    assert owner("email", "ann@acme.com") == owner("user", "u2") != owner("user", "u1")
    assert owner("user", "u1").email == ""


def test_a_signed_alias_does_not_take_another_users_id(website, backend):
    take(backend, says("identify", user_id="victim", verified=True))

    take(website, says("alias", user_id="u1", previous_id="victim", anonymous_id="a1", verified=True))

    assert owner("user", "victim") != owner("user", "u1")


# -- apart, and in silence --------------------------------------------------------------------------------------------


def test_another_workspace_has_its_own_ann(backend, elsewhere):
    theirs = Source.objects.create(workspace=elsewhere, name="backend", kind=Source.Kind.SERVER)

    for source in (backend, theirs):
        take(source, says("identify", user_id="u1", email="ann@acme.com", verified=True, message_id="m-same"))

    assert [lead.workspace for lead in standing()] == [backend.workspace, elsewhere]
    assert Event.objects.count() == 2


def test_nothing_of_what_was_sent_gets_into_a_log_file(website, backend, caplog):
    with caplog.at_level(logging.DEBUG):
        take(website, says("identify", anonymous_id="a1", email="secret@acme.com", raw='{"x": "secret"}'))
        take(backend, says("identify", user_id="secret-user", email="secret@acme.com", verified=True))

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("leadline")]
    assert not any("secret" in line for line in ours)
