"""What becomes of messages besides whose they are: events, facts, companies, and who waits to be assessed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.leads.says import BEGIN, says, take

from leadline.web.accounts.models import Source
from leadline.web.leads.forgotten import remember_erased
from leadline.web.leads.intake import take_messages
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Suggestion

pytestmark = pytest.mark.django_db
LATER = BEGIN + timedelta(days=1)


def facts(**of):
    return [(one.field, one.value) for one in Fact.objects.filter(**of).exclude(field__startswith="_").order_by("pk")]


# -- counted, once, in a transaction ----------------------------------------------------------------------------------


def test_every_message_is_counted_once_stored_duplicate_or_erased(website, northwind):
    remember_erased(northwind.pk, [("email", "gone@acme.com"), ("anonymous", "a9")], at=BEGIN)
    first = says("page", anonymous_id="a1")
    take(website, first)

    taken = take(
        website,
        first,
        says("page", anonymous_id="a1", message_id="twice"),
        says("page", anonymous_id="a2", message_id="twice"),
        says("identify", anonymous_id="a3", email="Gone@acme.com"),
        says("identify", anonymous_id="a3", traits={"email": "gone@ACME.com"}),
        says("page", anonymous_id="a9"),
    )

    assert (taken.stored, taken.duplicates, taken.erased) == (1, 2, 3)
    assert Event.objects.count() == 2
    assert set(Identity.objects.values_list("value", flat=True)) == {"a1"}
    assert not Fact.objects.exists()


def test_one_message_id_of_two_sources_is_two_events(website, backend):
    for source in (website, backend):
        take(source, says("track", anonymous_id="a1", message_id="same"))

    assert Event.objects.count() == 2


def test_outside_a_transaction_nothing_is_decided(website, transactional_db):
    with pytest.raises(transaction.TransactionManagementError):
        take_messages(website, [says("page", anonymous_id="a1")])


def test_who_wrote_an_event_waits_to_be_assessed_and_nobody_else(website, backend):
    take(website, says("page", anonymous_id="a1"), says("page", anonymous_id="a2"))
    take(backend, says("identify", user_id="u1", verified=True))
    Lead.objects.update(due_at=None)
    before = dict(Lead.objects.values_list("pk", "log_version"))

    taken = take(backend, says("identify", user_id="u1", anonymous_id="a1", verified=True), now=LATER)

    ann = Identity.objects.get(kind="user").lead
    assert taken.lead_ids == {ann.pk}
    assert list(Lead.objects.exclude(due_at=None)) == [ann]
    assert ann.due_at == LATER
    assert ann.log_version > before[ann.pk]


def test_an_event_keeps_what_was_sent_and_where_it_came_from(website):
    touch = {"campaign": "spring", "referrer": "https://search.example"}

    take(website, says("page", anonymous_id="a1", properties={"path": "/pricing"}, touch=touch, raw='{"a": 1}'))

    event = Event.objects.get()
    assert (event.properties, event.touch, event.raw) == ({"path": "/pricing"}, touch, '{"a": 1}')
    assert event.lead == event.first_lead


def test_bots_are_kept_with_the_rule_that_said_so_and_are_no_activity(website):
    rules = {"mail_opened": "opens-at-once"}
    mails = says("mail", anonymous_id="a1", name="mail_opened", minute=5), says("identify", anonymous_id="a1", minute=6)

    take(website, says("page", anonymous_id="a1"), *mails, classify=lambda one: rules.get(one.name, ""))

    assert dict(Event.objects.values_list("name", "bot_rule")) == {
        "page_viewed": "",
        "mail_opened": "opens-at-once",
        "identify": "",
    }
    assert Event.objects.get(is_bot=True).name == "mail_opened"
    assert Lead.objects.get().last_seen_at == BEGIN


def test_when_somebody_was_seen_does_not_hang_on_what_came_first(website):
    for minute in (5, 9, 2, 7):
        take(website, says("page", anonymous_id="a1", minute=minute))

    lead = Lead.objects.get()
    assert (lead.first_seen_at, lead.last_seen_at) == (BEGIN.replace(minute=2), BEGIN.replace(minute=9))


# -- facts -----------------------------------------------------------------------------------------------------------


def test_only_what_is_new_becomes_a_fact(backend):
    for minute, title in enumerate(("CFO", "CFO", "CEO", "CFO")):
        take(backend, says("identify", user_id="u1", verified=True, minute=minute, traits={"title": title}))

    assert facts() == [("title", "CFO"), ("title", "CEO"), ("title", "CFO")]
    assert Lead.objects.get().title == "CFO"


def test_a_fact_says_when_it_was_so_and_when_we_learned_of_it(backend):
    late = says("identify", user_id="u1", verified=True, traits={"title": "CFO"})

    take(backend, late, now=LATER)

    fact = Fact.objects.get()
    assert (fact.known_at, fact.recorded_at, fact.source) == (late.occurred_at, late.received_at, "backend")


@given(
    traits=st.sets(st.sampled_from(["title", "country", "consent.contact", "consent.scoring"])),
    own=st.dictionaries(
        st.sampled_from(["title", "consent.contact", "consent.scoring", "other"]), st.text("abc", min_size=1)
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_each_fact_has_the_evidence_of_its_own_field_else_of_the_whole(backend, traits, own):
    with transaction.atomic():
        told = says(
            "form",
            verified=True,
            email="ada@acme.example",
            traits=dict.fromkeys(traits, "yes"),
            evidence="the form",
            evidence_of=own,
        )
        take(backend, told)
        found = dict(Fact.objects.exclude(field="email").values_list("field", "evidence"))
        transaction.set_rollback(True)

    facts = {name: evidence for name, evidence in found.items() if name in traits}
    assert facts == {name: own.get(name, "the form") for name in traits}


def test_what_is_taken_back_is_a_fact_too(backend):
    take(backend, says("identify", user_id="u1", verified=True, traits={"title": "CFO", "phone": None}))
    take(backend, says("identify", user_id="u1", verified=True, minute=1, traits={"title": ""}))

    assert facts() == [("title", "CFO"), ("title", None)]
    assert Lead.objects.get().title == ""


def test_a_late_word_stands_where_it_belongs(backend):
    take(backend, says("identify", user_id="u1", verified=True, minute=9, traits={"title": "CEO"}))
    take(backend, says("identify", user_id="u1", verified=True, minute=1, traits={"title": "CFO"}))

    assert Lead.objects.get().title == "CEO"
    assert Fact.objects.count() == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_what_was_said_again_holds_against_a_word_that_comes_late(backend, order):
    words = [
        says("identify", user_id="u1", verified=True, minute=minute, traits={"title": title})
        for minute, title in ((1, "CFO"), (5, "CEO"), (9, "CFO"))
    ]

    for place in order:
        take(backend, words[place])

    assert Lead.objects.get().title == "CFO"


def test_the_address_that_is_named_is_a_fact(backend):
    take(backend, says("mail", email="Ann@Acme.com", verified=True))

    assert facts() == [("email", "ann@acme.com")]


# -- companies -------------------------------------------------------------------------------------------------------


def ann(**of):
    return Identity.objects.get(kind="user", value="u1", **of).lead


def test_an_address_names_a_company_unless_it_is_a_mailbox_providers(backend):
    for number, address in enumerate(("ann@mail.acme.co.uk", "bob@acme.co.uk", "eve@gmail.com", "zoe@mailinator.com")):
        take(backend, says("identify", user_id=f"u{number}", email=address, verified=True))

    assert [lead.company and lead.company.key for lead in Lead.objects.order_by("pk")] == [
        "domain:acme.co.uk",
        "domain:acme.co.uk",
        None,
        None,
    ]


def test_a_group_of_a_server_names_the_company_and_says_what_it_is(backend):
    traits = {"name": "Acme Ltd", "employees": 120, "industry": "Trade"}
    take(backend, says("identify", user_id="u1", email="ann@elsewhere.com", verified=True))

    take(backend, says("group", user_id="u1", verified=True, group_id="g7", company_traits=traits))

    company = ann().company
    assert (company.key, company.name, company.employees, company.industry) == ("group:g7", "Acme Ltd", 120, "Trade")
    assert company.facts.count() == 3


def test_a_group_that_a_browser_says_names_nobody(website):
    take(website, says("group", anonymous_id="a1", group_id="g7", company_traits={"name": "Acme"}))

    assert not Company.objects.exists()
    assert Event.objects.get().kind == "group"


@pytest.mark.parametrize("group_first", [True, False])
def test_the_colleagues_of_a_group_are_found_by_its_domain_in_any_order(backend, group_first):
    group = says("group", user_id="u1", verified=True, group_id="g7", company_traits={"website": "www.acme.com"})
    colleague = says("identify", user_id="u2", email="bob@acme.com", verified=True)

    for message in (group, colleague) if group_first else (colleague, group):
        take(backend, message)

    assert [lead.company.key for lead in Lead.objects.all()] == ["group:g7", "group:g7"]


def test_what_is_said_of_a_company_makes_all_of_its_people_due(backend):
    for user in ("u1", "u2"):
        take(backend, says("group", user_id=user, verified=True, group_id="g7"))
    Lead.objects.update(due_at=None)

    take(backend, says("group", user_id="u1", verified=True, group_id="g7", minute=1, company_traits={"plan": "pro"}))

    assert not Lead.objects.filter(due_at=None).exists()


# -- two writers at once ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_the_same_messages_write_them_once(website):
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite a transaction that writes is alone")
    messages = [
        says("identify", anonymous_id=f"a{number % 7}", email=f"p{number % 5}@acme.com") for number in range(60)
    ]
    stored, barrier = [], threading.Barrier(2)

    def write():
        barrier.wait()
        stored.extend([take(website, *messages[start : start + 6]).stored for start in range(0, 60, 6)])
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(stored) == Event.objects.count() == 60
    assert Lead.objects.count() == 7
    assert Suggestion.objects.exists()


def test_another_workspaces_source_of_the_same_name_is_another(website, elsewhere):
    theirs = Source.objects.create(workspace=elsewhere, name="website", kind=Source.Kind.WEBSITE)
    message = says("page", anonymous_id="a1")

    assert [take(source, message).stored for source in (website, theirs)] == [1, 1]
    assert Lead.objects.filter(workspace=elsewhere).count() == 1
