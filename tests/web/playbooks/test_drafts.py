"""Drafts of a playbook: kept as they were typed, never written over by somebody who had an older text, published as they were looked at."""

from datetime import timedelta

import pytest
from tests.web.playbooks.conftest import CASES, TOML

from leadline.engine.problems import ProblemsError
from leadline.web.playbooks.actions import CasesFailedError, SamePlaybookError, publish
from leadline.web.playbooks.drafts import (
    KEPT,
    StaleDraftError,
    begin_draft,
    drafts_of,
    find_draft,
    publish_draft,
    put_away,
    put_back,
    save_draft,
)
from leadline.web.playbooks.models import Draft, Version

BROKEN = "[playbook\nname ="
OTHER = TOML.replace("points = 30", "points = 40")


@pytest.fixture
def draft(northwind, live, maria):
    return begin_draft(northwind, name="Autumn", version=live, by=maria)


def texts_of(draft):
    found = Draft.objects.get(pk=draft.pk)
    return found.toml, found.revision


def test_a_draft_begins_with_the_texts_of_its_version(draft, live):
    assert (draft.toml, draft.cases, draft.based_on, draft.revision) == (TOML, "", live, 1)


def test_a_draft_may_be_wrong_and_is_kept_as_it_was_typed(draft, omar):
    saved = save_draft(draft, revision=1, by=omar, toml=BROKEN)

    assert texts_of(draft) == (BROKEN, 2)
    assert (saved.revision, saved.updated_by) == (2, omar)


def test_saving_the_same_again_changes_nothing(draft, omar, maria):
    assert save_draft(draft, revision=1, by=omar, toml=TOML, name="Autumn").revision == 1
    assert Draft.objects.get(pk=draft.pk).updated_by == maria


def test_an_older_text_is_not_saved_over_a_newer_one(draft, maria, omar):
    save_draft(draft, revision=1, by=omar, toml=OTHER)

    with pytest.raises(StaleDraftError) as stale:
        save_draft(draft, revision=1, by=maria, toml=BROKEN)

    assert (stale.value.draft.toml, stale.value.draft.updated_by) == (OTHER, omar)
    assert texts_of(draft) == (OTHER, 2)


def test_the_same_text_of_two_people_is_refused_where_one_had_an_older_one(draft, maria, omar):
    save_draft(draft, revision=1, by=omar, toml=OTHER)
    save_draft(draft, revision=2, by=omar, toml=TOML)

    with pytest.raises(StaleDraftError):
        save_draft(draft, revision=1, by=maria, toml=TOML)


def test_a_draft_is_published_and_is_one_no_more(draft, northwind, maria):
    save_draft(draft, revision=1, by=maria, toml=OTHER, cases=CASES.replace("fit = 30", "fit = 40"))
    version = publish_draft(draft, revision=2, note="More for Germany", by=maria)

    assert (version.toml, version.note, version.number, version.state) == (OTHER, "More for Germany", 2, "preparing")
    assert find_draft(northwind, draft.pk).published_as == version
    assert not drafts_of(northwind).exists()
    with pytest.raises(StaleDraftError):
        save_draft(draft, revision=2, by=maria, toml=TOML)
    with pytest.raises(StaleDraftError):
        publish_draft(draft, revision=2, note="again", by=maria)


def test_only_what_was_looked_at_is_published(draft, maria, omar):
    save_draft(draft, revision=1, by=omar, toml=OTHER)

    with pytest.raises(StaleDraftError):
        publish_draft(draft, revision=1, note="mine", by=maria)
    assert Version.objects.count() == 1


def test_a_change_in_the_moment_of_publishing_stops_it(draft, maria, omar, monkeypatch):
    save_draft(draft, revision=1, by=maria, toml=OTHER)

    def somebody_saves(toml, cases):
        Draft.objects.filter(pk=draft.pk).update(toml=BROKEN, revision=3)
        return check(toml, cases)

    from leadline.web.playbooks import drafts

    check = drafts.check_publishable
    monkeypatch.setattr(drafts, "check_publishable", somebody_saves)
    with pytest.raises(StaleDraftError):
        publish_draft(draft, revision=2, note="mine", by=maria)
    assert Version.objects.count() == 1, "the version went with the transaction"


@pytest.mark.parametrize(
    ("toml", "cases", "error"),
    [
        (BROKEN, "", ProblemsError),
        (OTHER, CASES, CasesFailedError),
        (TOML, "", SamePlaybookError),
    ],
)
def test_what_may_not_be_published_stays_a_draft(draft, northwind, maria, toml, cases, error):
    saved = save_draft(draft, revision=1, by=maria, toml=toml, cases=cases)
    with pytest.raises(error):
        publish_draft(draft, revision=saved.revision, note="no", by=maria)

    assert drafts_of(northwind).get() == draft
    assert Version.objects.count() == 1


def test_a_draft_that_was_put_away_can_be_put_back(draft, northwind, maria):
    put_away(draft)
    assert not drafts_of(northwind).exists()
    assert find_draft(northwind, draft.pk) is None
    with pytest.raises(StaleDraftError) as gone:
        save_draft(draft, revision=1, by=maria, toml=OTHER)
    assert gone.value.draft is None

    put_back(find_draft(northwind, draft.pk, is_deleted=True))
    assert drafts_of(northwind).get() == draft


def test_a_draft_that_was_put_away_long_ago_goes_for_good(draft, northwind, maria, now):
    put_away(draft, now=now - KEPT - timedelta(hours=1))
    other = begin_draft(northwind, name="New", toml=TOML, by=maria, now=now)

    assert list(Draft.objects.all()) == [other]


def test_another_workspace_has_no_such_draft(draft, elsewhere):
    assert find_draft(elsewhere, draft.pk) is None
    assert not drafts_of(elsewhere).exists()


def test_a_draft_outlives_a_version_published_past_it(draft, northwind, maria):
    publish(northwind, toml=OTHER, by=maria)

    assert drafts_of(northwind).get().based_on.number == 1
