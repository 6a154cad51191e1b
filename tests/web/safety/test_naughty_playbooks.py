"""Playbooks whose titles, sentences, sources and notes are hostile texts: pages show them as they are, and obey none.

All texts at once, many criteria a playbook; each value of a draft's form gets others of them.
"""

import json

import pytest
from tests.web.pages.rows import make_lead
from tests.web.pages.world import assess_everybody, make_live, touch
from tests.web.safety.naughty import SHORT, TEXTS, can_be_seen
from tests.web.safety.shown import read

from leadline.engine.problems import ProblemsError
from leadline.web.pages.drafts.fields import paths_of
from leadline.web.playbooks.drafts import begin_draft
from leadline.web.playbooks.editing.edits import apply_edits
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.queries import compile_toml

_AT_ONCE = 120
_MOST = 250


def written(text):
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def is_told(text):
    """Return whether a playbook may say a text: it is no blank one, and has nothing in it that no text has."""
    if len(text) > _MOST or not can_be_seen(text) or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


TOLD = [text for text in SHORT if is_told(text)]


def playbook_of(texts):
    """Return a playbook with a criterion for each text, which everybody meets."""
    first, second, third = (written(texts[number % len(texts)]) for number in (1, 2, 3))
    lines = [
        "[playbook]", f"name = {first}", 'timezone = "Europe/Berlin"',
        "[scores.fit]", f"title = {second}",
        "[[qualifications]]", 'id = "mql"', f"title = {third}", 'enter = "fit >= 1"', f"source = {first}",
        "[[stages]]", 'id = "new"', f"title = {second}",
        "[[stages]]", 'id = "good"', f"title = {third}", 'while = "mql"',
    ]  # fmt: skip
    for number, text in enumerate(texts):
        other = written(texts[(number + 11) % len(texts)])
        lines += ["[[criteria]]", f'id = "c{number}"', 'score = "fit"', f"why = {written(text)}", f"source = {other}"]
        lines += ['when = "email is not null"', "points = 1"]
    return "\n".join(lines) + "\n"


PIECES = [TOLD[start : start + _AT_ONCE] for start in range(0, len(TOLD), _AT_ONCE)]


def faults_of(client, paths):
    """Return the pages by their addresses, and what is wrong with them."""
    faults, pages = [], {}
    for path in paths:
        answer = client.get(path)
        if answer.status_code != 200:
            faults.append(f"{path}: {answer.status_code}")
            continue
        pages[path] = read(answer)
        faults += [f"{path}: {fault}" for fault in pages[path].faults]
    return pages, faults


def test_playbooks_of_hostile_texts_are_playbooks():
    assert len(TOLD) > 350 and {text for piece in PIECES for text in piece} == set(TOLD)
    assert all(len(compile_toml(playbook_of(piece)).playbook.criteria) == len(piece) for piece in PIECES)


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_published_playbook_is_shown_as_it_is_written(northwind, as_maria, piece):
    make_live(northwind, playbook_of(piece))
    lead = make_lead(northwind, "Ada", email="ada@northwind.example")
    touch(lead)
    assess_everybody()
    lead_page, version_page = f"/leads/{lead.pk}/", "/playbook/versions/1/"
    others = ("/playbook/", "/playbook/publish/", "/leads/", "/today/", "/pipeline/", "/queue/", "/leads/where/")
    pages, faults = faults_of(as_maria, (lead_page, f"{lead_page}assessed/", version_page, *others))

    assert not faults, "\n".join(faults[:20])
    for path in (lead_page, version_page):
        missing = [text for text in piece if not pages[path].has(text)]
        assert not missing, (path, missing[:10])


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_draft_is_shown_as_it_is_written_with_what_is_different(northwind, maria, as_maria, piece):
    live = make_live(northwind, playbook_of(["Likes tea", "Fit", "Good"]))
    draft = begin_draft(northwind, name=piece[0][:100], version=live, by=maria)
    Draft.objects.update(toml=playbook_of(piece), note=piece[1], cases="")
    home = f"/playbook/drafts/{draft.pk}/"
    parts = [f"{home}form/?part={part}" for part in ("score-fit", "part-qualifications", "part-stages")]
    pages, faults = faults_of(as_maria, (home, f"{home}form/", f"{home}publish/", f"{home}form/remove/?id=c0", *parts))
    checked = as_maria.post(
        f"{home}check/", {"revision": 1, "name": piece[2], "toml": playbook_of(piece[::-1]), "cases": ""}
    )
    faults += [f"check: {fault}" for fault in read(checked).faults]

    assert not faults, "\n".join(faults[:20])
    assert checked.status_code == 200
    missing = [text for text in piece if not pages[f"{home}form/"].has(text)]
    assert not missing, missing[:10]
    assert pages[f"{home}publish/"].has(piece[1])


def test_notes_of_versions_are_shown_as_they_were_written(northwind, as_maria, now):
    live = make_live(northwind, playbook_of(["Likes tea", "Fit", "Good"]))
    Version.objects.bulk_create(
        Version(
            workspace=northwind, number=number, name=text[:100], note=text, toml=live.toml, plan_hash="x", published_at=now,
            state=Version.State.RETIRED,
        )
        for number, text in enumerate(TOLD, start=2)
    )  # fmt: skip
    pages, faults = faults_of(
        as_maria, ["/playbook/", *(f"/playbook/versions/{number}/" for number in range(2, len(TOLD), 31))]
    )
    seen = as_maria.get("/playbook/").context["versions"]

    assert not faults, "\n".join(faults[:20])
    assert len(list(seen)) > 20
    missing = [one.note for one in seen if not pages["/playbook/"].has(one.note)]
    assert not missing, missing[:10]


@pytest.fixture
def draft(northwind, maria):
    live = make_live(northwind, playbook_of(["Likes tea", "Fit", "Good"]))
    return begin_draft(northwind, name="Autumn", version=live, by=maria)


def test_each_value_of_a_draft_takes_or_refuses_every_text_in_words(draft):
    paths = sorted(paths_of(draft.toml))
    assert len(paths) > 15
    wrong, taken = [], 0
    for number, text in enumerate(TEXTS):
        for path in (paths[number % len(paths)], ("criteria.c0.why", "criteria.c0.when")[number % 2]):
            try:
                toml = apply_edits(draft.toml, {path: text})
                paths_of(toml)
                taken += 1
            except ProblemsError as error:
                wrong += [(path, text) for one in error.problems if len(one.message) < 8]

    assert not wrong, wrong[:10]
    assert taken > len(TEXTS) / 2


def test_the_form_of_a_draft_takes_or_refuses_texts_for_all_values_and_shows_them_as_texts(as_maria, draft):
    paths = sorted(paths_of(draft.toml))
    address, faults, statuses = f"/playbook/drafts/{draft.pk}/form/", [], set()
    texts = [text for text in TEXTS if len(text) < 3_000]
    for number in range(0, len(texts), 12):
        typed = {path: texts[(number + 29 * place) % len(texts)] for place, path in enumerate(paths)}
        for part, sent in (("score-fit", typed), ("part-stages", dict([list(typed.items())[number % len(paths)]]))):
            revision = Draft.objects.get().revision
            answer = as_maria.post(address, {"revision": revision, "part": part, **sent}, follow=True)
            statuses.add(answer.status_code)
            faults += [f"{str(sent)[:80]}: {fault}" for fault in read(answer).faults]
        Draft.objects.update(toml=draft.toml)

    assert statuses <= {200, 422} and 422 in statuses
    assert not faults, "\n".join(faults[:20])
