"""What job titles say: a table of titles with their answers, a workspace's own rules, and the facts that follow."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.starter.people import TITLES
from leadline.web.leads.models import Fact, Lead, TitleRule
from leadline.web.leads.title_rules import add_title_rule, preview_title_rule, remove_title_rule
from leadline.web.leads.title_table import SENIORITIES, TitleTableError, load_table, read_table
from leadline.web.leads.titles import Title, derive_from_titles, read_title


def expectations():
    """Every line of titles.txt: the title, its seniority, its function."""
    lines = Path(__file__).with_name("titles.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            title, seniority, function = line.rsplit("|", 2)
            yield title, seniority.strip(), function.strip()


def rule(pattern, seniority="", function=""):
    return TitleRule(pattern=pattern, seniority=seniority, function=function)


# -- the table ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "seniority", "function"), list(expectations()))
def test_a_title_says_what_a_person_would_say_it_says(title, seniority, function):
    found = read_title(title)

    assert (found.seniority, found.function) == (seniority, function), found.because


def test_there_are_enough_titles_to_hold_the_table_to():
    titles = list(expectations())

    assert len(titles) >= 350
    assert len({title for title, _, _ in titles}) == len(titles)


@pytest.mark.parametrize(("title", "seniority", "function", "weight"), TITLES)
def test_the_titles_of_the_starter_are_read_as_its_data_has_them(title, seniority, function, weight):
    found = read_title(title)

    assert (found.seniority, found.function) == (seniority, function)


def test_a_title_says_which_entry_decided():
    assert read_title("Head of Growth").because == "“head of” is director; “growth” is marketing"
    assert read_title("Wizard of Light Bulb Moments") == Title("", "", "")


def test_a_table_that_contradicts_itself_is_refused():
    table = '[seniority]\nvp = ["boss"]\ndirector = ["Boss"]\n[function]\nsales = ["sales"]\n[roles]\n'

    with pytest.raises(TitleTableError, match="'boss' stands in the table twice, as vp and as director"):
        read_table("gone = []\nnow = []\nsomebody_else = []\ncompany = []\n" + table)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ('[seniority]\nboss = ["boss"]\n[function]\n[roles]', "there is no seniority 'boss'"),
        ('[seniority]\n[function]\nsales = ["sales"]\n[roles]\n"x" = ["vp", "sails"]', "there is no function 'sails'"),
    ],
)
def test_a_table_with_a_word_that_is_not_known_is_refused(part, said):
    with pytest.raises(TitleTableError, match=said):
        read_table(f"gone = []\nnow = []\nsomebody_else = []\ncompany = []\n{part}\n")


@given(st.text(max_size=80))
def test_any_text_is_read_and_says_only_known_words(text):
    found = read_title(text)

    assert found.seniority in ("", *SENIORITIES)
    assert found.function in ("", *load_table().functions)
    assert bool(found.because) == bool(found.seniority or found.function)


_TITLES = [title for title, _, _ in expectations()]


@given(st.sampled_from(_TITLES), st.sampled_from([str.upper, str.lower, str.title, lambda text: f"  {text}  "]))
def test_case_and_space_change_nothing(title, typed):
    before, after = read_title(title), read_title(typed(title))

    assert (after.seniority, after.function) == (before.seniority, before.function)


# -- a workspace's own rules ----------------------------------------------------------------------------------


def test_a_rule_comes_before_the_table():
    found = read_title("Head of Growth", [rule("head of growth", "vp", "product")])

    assert (found.seniority, found.function) == ("vp", "product")
    assert found.because == "your rule “head of growth” says vp and product"


def test_what_a_rule_leaves_open_the_table_says():
    found = read_title("Growth Ninja, Head of Sales", [rule("ninja", "specialist")])

    assert (found.seniority, found.function) == ("specialist", "marketing")
    assert found.because == ("your rule “ninja” says specialist; else: “head of” is director; “growth” is marketing")


def test_of_two_rules_the_one_with_more_words_wins():
    rules = [rule("wizard", "specialist", "it"), rule("chief wizard", "c_level")]

    assert read_title("Chief Wizard", rules).seniority == "c_level"
    assert read_title("Chief Wizard", rules).function == "it"


@pytest.mark.parametrize("title", ["Growth Hacker-in-Chief", "GROWTH,  HACKER", "Ｇｒｏｗｔｈ hacker"])
def test_a_rule_is_compared_as_titles_are(title):
    assert read_title(title, [rule("growth hacker", "manager")]).seniority == "manager"


def test_the_words_of_a_rule_stand_side_by_side():
    assert read_title("Growth and Hacker", [rule("growth hacker", "manager")]).seniority == ""


# -- the facts that follow ------------------------------------------------------------------------------------


@pytest.fixture
def ada(northwind, now):
    return Lead.objects.create(workspace=northwind, name="Ada", first_seen_at=now)


def said(lead, value, at, source="crm", field="title"):
    return Fact(
        workspace_id=lead.workspace_id,
        lead_id=lead.pk,
        first_lead_id=lead.pk,
        field=field,
        value=value,
        known_at=at,
        recorded_at=at + timedelta(hours=1),
        source=source,
    )


def test_a_title_becomes_two_facts_of_its_source_and_time(ada, now):
    derived = derive_from_titles([said(ada, "VP Sales", now)])

    assert [(fact.field, fact.value, fact.source) for fact in derived] == [
        ("seniority", "vp", "crm"),
        ("function", "sales", "crm"),
    ]
    assert {(fact.known_at, fact.recorded_at, fact.lead_id, fact.pk) for fact in derived} == {
        (now, now + timedelta(hours=1), ada.pk, None)
    }
    assert derived[0].evidence == "title “VP Sales”: “vp” is vp; “sales” is sales"


@pytest.mark.parametrize("later", ["Wizard", "", None])
def test_a_later_title_that_says_nothing_withdraws_what_was_said(ada, now, later):
    derived = derive_from_titles([said(ada, "VP Sales", now), said(ada, later, now + timedelta(days=9))])

    assert [(fact.field, fact.value) for fact in derived[2:]] == [("seniority", None), ("function", None)]


def test_a_source_that_says_a_seniority_itself_is_not_read_for_it(ada, now):
    facts = [said(ada, "VP Sales", now), said(ada, "director", now, field="seniority")]

    assert [(fact.field, fact.value) for fact in derive_from_titles(facts)] == [("function", "sales")]


def test_of_two_titles_of_one_moment_the_one_that_counts_is_read(ada, now):
    facts = [said(ada, "VP Sales", now), said(ada, "Accountant", now)]

    assert [fact.value for fact in derive_from_titles(facts)] == ["vp", "sales"]


def test_facts_that_are_no_titles_say_nothing(ada, now):
    assert derive_from_titles([said(ada, "VP Sales", now, field="company")]) == []


# -- adding and removing rules --------------------------------------------------------------------------------


def with_title(workspace, title, now, name="Ada"):
    lead = Lead.objects.create(workspace=workspace, name=name, first_seen_at=now)
    said(lead, title, now).save()
    return lead


def due(lead):
    lead.refresh_from_db()
    return lead.due_at is not None


def test_a_new_rule_makes_those_with_such_a_title_due_and_nobody_else(northwind, now):
    hacker, other = with_title(northwind, "Growth Hacker", now), with_title(northwind, "Accountant", now)

    add_title_rule(northwind, pattern="Growth-Hacker", seniority="manager", now=now)

    assert (due(hacker), due(other)) == (True, False)
    assert str(TitleRule.objects.get()) == "growth hacker"


def test_a_removed_rule_makes_them_due_again(northwind, now):
    rule_kept = add_title_rule(northwind, pattern="hacker", seniority="manager", now=now)
    hacker = with_title(northwind, "Growth Hacker", now)

    remove_title_rule(rule_kept, now=now)

    assert due(hacker)
    assert not TitleRule.objects.exists()


def test_the_same_words_make_one_rule(northwind, now):
    add_title_rule(northwind, pattern="Growth Hacker", seniority="manager", now=now)
    add_title_rule(northwind, pattern="growth hacker", seniority="vp", now=now)

    assert TitleRule.objects.get().seniority == "vp"


def test_a_preview_counts_who_would_be_read_otherwise(northwind, elsewhere, now):
    for title in ("Growth Hacker", "Growth Hacker", "Lead Growth Hacker", "Hacker, VP", "Accountant"):
        with_title(northwind, title, now)
    with_title(elsewhere, "Growth Hacker", now)

    preview = preview_title_rule(northwind, rule("hacker", "vp"))

    assert (preview.matching, preview.changed) == (4, 3)
    assert [(one.title, one.leads, one.after.seniority) for one in preview.examples] == [
        ("Growth Hacker", 2, "vp"),
        ("Lead Growth Hacker", 1, "vp"),
    ]
    assert not TitleRule.objects.exists()
