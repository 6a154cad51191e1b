"""The card and the page of a what-if: asking, progress, figures, names, and what it says when something is not of now."""

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from tests.web.assessments.whatif.conftest import LIVE, make_draft, run_to_the_end
from tests.web.conftest import member
from tests.web.pages.whatif.conftest import EDITED

from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif import run
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Lead
from leadline.web.pages.whatif.queries import show
from leadline.web.playbooks.models import Draft, Version


def path(draft):
    return f"/playbook/drafts/{draft.pk}/what-if/"


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


IN_PLACE = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "whatif"}


def test_what_was_not_asked_yet_says_what_it_would_be(as_maria, draft, people):
    answer = as_maria.get(path(draft))

    assert f"all {len(people)} known leads now, beside version 1" in text_of(answer)
    assert "See what would change" in text_of(answer)


def test_it_is_asked_shown_and_stopped_without_javascript(as_maria, draft, people, in_parts):
    assert as_maria.post(path(draft))["Location"] == path(draft)
    run.run_whatifs(seconds=0)
    page = as_maria.get(path(draft))
    assert f"7 of {len(people)}" in text_of(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()

    assert as_maria.post(path(draft) + "stop/")["Location"] == path(draft)
    page = as_maria.get(path(draft))
    assert f"It was stopped after 7 of {len(people)} leads; the figures are of those" in text_of(page)
    assert "hx-trigger" not in re.search(r"<section[^>]+whatif.*", page.content.decode())[0]
    assert "Ask again" in text_of(page)
    assert "It was over already" in text_of(as_maria.post(path(draft) + "stop/", follow=True))


def test_it_is_asked_and_stopped_in_place(as_maria, draft):
    card = as_maria.post(path(draft), **IN_PLACE)
    assert card.status_code == 200
    assert card.content.decode().lstrip().startswith("<section")
    assert 'id="whatif-stop"' in card.content.decode()

    stopped = as_maria.post(path(draft) + "stop/", **IN_PLACE)
    assert stopped.content.decode().lstrip().startswith("<section")
    assert "It was stopped" in text_of(stopped)
    assert as_maria.get(path(draft), **IN_PLACE).content == stopped.content or "csrf" in stopped.content.decode()


def test_the_figures_are_those_that_were_counted(as_omar, found):
    counts = WhatIf.objects.get().counts
    page = as_omar.get(path(found))
    said = text_of(page)

    assert f"{counts['moved']} of {counts['leads']} leads" in said
    before, _, added, removed = counts["qualifications"]["mql"]
    assert added and removed and counts["qualifications"]["sql"][3]
    row = next(
        one for one in re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL) if "Marketing qualified" in one
    )
    assert re.findall(r'class="num[^>]*>([^<]*)<', row) == [str(before - removed), f"+{added}", f"−{removed}"]
    assert counts["handed"] == [2, 1, 1, 2]
    assert "1 lead newly handed over , 2 no longer: 1 in all instead of 2. Handed over: Ready for sales." in said
    assert "Enters when the score heat is at least 10 instead of the score heat is at least 40" in said
    for was, is_now, count in counts["grades"]:
        if was != is_now:
            assert f"{was} {is_now} {count}" in re.sub(r"\s+", " ", said)


def test_who_moves_is_named_with_why(as_omar, found):
    named = WhatIf.objects.get().named
    said = text_of(as_omar.get(path(found)))
    moved = {
        one["lead_id"]: one["why"]["kind"] for way in ("gained", "lost") for some in named[way].values() for one in some
    }

    assert {"condition", "excluded", "criterion"} <= set(moved.values())
    for pk in moved:
        assert Lead.objects.get(pk=pk).name in said
    assert "Enters when the score heat is at least 10." in said
    assert "Is no lead any more: A student." in said
    assert "Can decide: 25 → 5 points." in said


def test_more_than_ten_are_counted(as_omar, found, people):
    shown = show(found)
    level = next(one for one in shown.levels if one.change.added + one.change.removed > 10)
    names = max((level.gained, level.lost), key=lambda one: one.count)

    assert len(names.leads) + names.more == names.count
    assert f"And {names.more} more." in text_of(as_omar.get(path(found)))


def test_who_is_erased_or_merged_since_is_not_named(as_omar, found, people):
    ids = [one.pk for level in show(found).levels for one in (*level.gained.leads, *level.lost.leads)]
    first, second = dict.fromkeys(ids[:2]) if ids[0] != ids[1] else (ids[0], ids[2])
    erased, merged = Lead.objects.get(pk=first), Lead.objects.get(pk=second)
    before = as_omar.get(path(found)).content.decode()
    assert all(f'href="/leads/{one.pk}/"' in before for one in (erased, merged))
    erase_person(erased, by=None, now=timezone.now())
    merge_leads(merged, people[-1], because="by hand", now=timezone.now())

    after = as_omar.get(path(found))

    assert not any(f'href="/leads/{pk}/"' in after.content.decode() for pk in (first, second))
    assert f"{erased.name} " not in text_of(after)
    assert "gone since" in text_of(after)
    for level in show(found).levels:
        for names in (level.gained, level.lost):
            assert len(names.leads) + names.more + names.gone == names.count


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            LIVE.replace("heat >= 40", "heat >= 41"),
            "These figures are of an earlier text: the draft was changed since.",
        ),
        ("nonsense", "These figures are of an earlier text"),
    ],
)
def test_figures_of_an_earlier_text_are_marked_and_stay(as_maria, found, text, said):
    before = text_of(as_maria.get(path(found)))
    assert "earlier text" not in before
    assert "Ask again" not in before
    Draft.objects.filter(pk=found.pk).update(toml=text, revision=2)

    after = text_of(as_maria.get(path(found)))

    assert said in after
    assert "Ask again" in after
    assert "Enters when the score heat is at least 10" in after


def test_figures_beside_an_earlier_version_or_of_another_day_are_marked(as_maria, found, northwind):
    Version.objects.update(state="retired")
    assert "They stand beside version 1; by now none is live." in text_of(as_maria.get(path(found)))
    Version.objects.create(
        workspace=northwind, number=2, name="n", toml=LIVE, plan_hash="x", state="live", published_at=timezone.now()
    )
    WhatIf.objects.update(as_of=timezone.now() - timedelta(days=3))

    said = text_of(as_maria.get(path(found)))

    assert "They stand beside version 1; by now version 2 is live." in said
    assert "points fade from day to day" in said


def test_where_nothing_differs_it_says_so(as_maria, northwind, version, people, now):
    draft = make_draft(northwind, LIVE.replace("Visits us", "Looks at us"), now)
    as_maria.post(path(draft))
    run_to_the_end(timezone.now())

    said = text_of(as_maria.get(path(draft)))

    assert f"Nothing would change. All {len(people)} known leads keep their qualifications" in said
    assert said.count("Everybody keeps theirs.") == 2


def test_of_nobody_it_says_so(as_maria, northwind, version, now):
    draft = make_draft(northwind, EDITED, now)
    as_maria.post(path(draft))
    run_to_the_end(timezone.now())

    assert "There are no known leads to look at." in text_of(as_maria.get(path(draft)))


def test_a_text_that_cannot_be_used_is_refused_with_what_is_wrong(as_maria, northwind, version, now):
    draft = make_draft(northwind, LIVE.replace("heat >= 40", "heet >= 40"), now)
    for how in ({}, IN_PLACE):
        answer = as_maria.post(path(draft), **how)

        assert answer.status_code == 422
        assert "cannot be used, so nothing was asked" in text_of(answer)
        assert "heet" in text_of(answer)
    assert not WhatIf.objects.exists()


def test_where_nothing_is_live_it_is_refused(as_maria, draft):
    Version.objects.update(state="retired")

    answer = as_maria.post(path(draft))

    assert answer.status_code == 422
    assert "No version of the playbook is live yet" in text_of(answer)


def test_of_a_published_draft_the_figures_stay_and_nothing_is_asked(as_maria, found, version):
    Draft.objects.filter(pk=found.pk).update(published_as=version)

    assert "Qualifications" in text_of(as_maria.get(path(found)))
    assert as_maria.post(path(found)).status_code == 422


def test_everybody_sees_and_only_editors_ask(as_omar, northwind, draft):
    assert as_omar.post(path(draft)).status_code == 403
    assert as_omar.post(path(draft) + "stop/").status_code == 403
    assert "See what would change" not in text_of(as_omar.get(path(draft)))
    marketer = Client()
    marketer.force_login(member(northwind, "Mia", "marketer"))
    assert marketer.post(path(draft)).status_code == 302
    assert "Stop" not in text_of(as_omar.get(path(draft)))


def test_what_is_of_others_or_deleted_is_missing(as_maria, as_charlie, found):
    assert as_charlie.get(path(found)).status_code == as_charlie.post(path(found)).status_code == 404
    Draft.objects.update(deleted_at=timezone.now())
    for answer in (as_maria.get(path(found)), as_maria.post(path(found)), as_maria.post(path(found) + "stop/")):
        assert answer.status_code == 404


def test_the_names_of_others_are_never_joined(as_maria, found, elsewhere):
    stranger = Lead.objects.create(workspace=elsewhere, name="A stranger", is_known=True, first_seen_at=timezone.now())
    whatif = WhatIf.objects.get()
    whatif.named["grades"][0]["lead_id"] = stranger.pk
    whatif.save()

    assert "A stranger" not in text_of(as_maria.get(path(found)))


def test_the_card_stands_by_itself_for_the_page_of_the_draft(found):
    card = render_to_string("pages/whatif/card.html", {"whatif": show(found)})

    assert card.lstrip().startswith('<section class="card whatif" id="whatif"')
    assert "Marketing qualified" in card


def test_it_is_light_and_asks_little(as_maria, found, django_assert_max_num_queries):
    many = "".join(
        f'\n[[qualifications]]\nid = "q{at}"\ntitle = "Level {at}"\nenter = "heat >= {at}"\n' for at in range(24)
    )
    Draft.objects.filter(pk=found.pk).update(toml=EDITED + many, revision=2)
    as_maria.post(path(found))
    run_to_the_end(timezone.now())

    with django_assert_max_num_queries(30):
        answer = as_maria.get(path(found))

    assert "Level 23" in text_of(answer)
    assert len(answer.content) < 60_000
