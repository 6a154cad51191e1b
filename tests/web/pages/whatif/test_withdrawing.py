"""What publishing a draft would withdraw: said before it is published, where one publishes and where one approves, and so it comes."""

import json
import re

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.utils import timezone
from tests.web.assessments.conftest import Person
from tests.web.assessments.whatif.conftest import LIVE, make_draft
from tests.web.conftest import member
from tests.web.pages.world import assess_everybody

from leadline.cli.main import main
from leadline.web.accounts.actions import name_approver
from leadline.web.accounts.models import Membership
from leadline.web.api.keys import make_api_key
from leadline.web.assessments import jobs
from leadline.web.handoff import withdrawn
from leadline.web.handoff.actions import claim
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.opening import reconcile, sweep
from leadline.web.leads.due import make_due
from leadline.web.pages.whatif.withdrawing import show_withdrawing
from leadline.web.playbooks.drafts import publish_draft
from leadline.web.playbooks.models import Proposal, Version
from leadline.web.playbooks.proposals.actions import put_forward
from leadline.web.playbooks.queries import compile_toml, find_live

STRICTER = LIVE.replace("fit >= 50 and heat >= 60", "fit >= 50 and heat >= 75").replace("heat >= 40", "heat >= 75")


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def handed(northwind, website, version, people, omar, now):
    """Hand-offs of whoever is ready for sales, two of them by far; Omar works on every second one."""
    people = list(people)
    for at, views in enumerate((1, 1, 1, 2, 2)):
        person = Person(northwind, website, f"Ready {at}", now)
        person.has("country", "DE")
        person.has("seniority", "vp")
        person.does("demo_requested")
        for _ in range(views):
            person.does("page_viewed")
        people.append(person.lead)
    with transaction.atomic():
        make_due([one.pk for one in people])
    assess_everybody()
    with transaction.atomic():
        reconcile(version, [one.pk for one in people])
    for one in HandOff.objects.order_by("pk")[::2]:
        claim(one.pk, by=omar)
    return list(HandOff.objects.order_by("pk"))


@pytest.fixture
def stricter(northwind, handed, now):
    return make_draft(northwind, STRICTER, now)


def prepare():
    for _ in range(50):
        if not jobs.prepare_versions():
            break
        assess_everybody()


def test_what_is_said_before_is_what_is_withdrawn_after(northwind, stricter, handed, maria):
    shown = show_withdrawing(northwind.pk, compile_toml(STRICTER))
    waiting, claimed = ({one.pk for one in some} for some in (shown.found.waiting, shown.found.claimed))
    assert waiting and claimed and len(waiting) + len(claimed) < len(handed), "some stay"

    publish_draft(stricter, revision=stricter.revision, note="", override="", by=maria)
    prepare()
    assert find_live(northwind).number == 2
    sweep(find_live(northwind))
    assert {one.pk for one in HandOff.objects.filter(state="withdrawn")} == waiting
    assert {one.pk for one in HandOff.objects.filter(state="claimed", cooled_at__isnull=False)} == claimed
    again = show_withdrawing(northwind.pk, compile_toml(STRICTER))
    assert not again.found.waiting and not again.found.claimed, "what is lost is not lost again"


def test_the_page_of_publishing_names_numbers_and_leads(as_maria, northwind, stricter):
    shown = show_withdrawing(northwind.pk, compile_toml(STRICTER))
    page = as_maria.get(f"/playbook/drafts/{stricter.pk}/publish/")
    waiting, claimed = shown.found.waiting, shown.found.claimed
    words = text_of(page)
    assert f"{len(waiting)} hand-offs wait now, and would be withdrawn." in words
    assert f"{len(claimed)} hand-offs are being worked, and would lose the reason why." in words
    for one in (*waiting, *claimed):
        assert f'href="/queue/{one.pk}/"' in page.content.decode()
        assert str(one.lead) in words
    assert "Omar works on it." in words


def test_who_raised_a_hand_is_counted_apart(as_maria, stricter):
    path = f"/playbook/drafts/{stricter.pk}/publish/"
    HandOff.objects.update(is_hand_raise=True)
    assert "wait now, all of them because people raised a hand, and would be withdrawn" in text_of(as_maria.get(path))
    first = HandOff.objects.filter(state="waiting").first()
    HandOff.objects.exclude(pk=first.pk).update(is_hand_raise=False)
    assert "wait now, 1 of them because somebody raised a hand, and would be withdrawn" in text_of(as_maria.get(path))


def test_the_what_if_and_a_proposal_say_it_too(as_maria, stricter, maria, now):
    assert "and would be withdrawn." in text_of(as_maria.get(f"/playbook/drafts/{stricter.pk}/what-if/"))
    made = put_forward(stricter, revision=stricter.revision, title="Stricter", why="", by=maria)
    assert "and would be withdrawn." in text_of(as_maria.get(f"/playbook/proposals/{made.number}/"))


def test_a_text_that_takes_nobody_away_says_so_and_one_that_cannot_be_used_says_nothing(
    as_maria, northwind, handed, now
):
    kind = make_draft(northwind, LIVE.replace("heat >= 60", "heat >= 59"), now)
    words = text_of(as_maria.get(f"/playbook/drafts/{kind.pk}/publish/"))
    assert f"All {len(handed)} open hand-offs stay: publishing it would withdraw none." in words
    broken = make_draft(northwind, "[playbook", now)
    assert "What waits for sales now" not in text_of(as_maria.get(f"/playbook/drafts/{broken.pk}/publish/"))
    assert "What waits for sales now" not in text_of(as_maria.get(f"/playbook/drafts/{broken.pk}/what-if/"))


def test_a_text_that_hands_nothing_over_withdraws_all(northwind, handed, now):
    shown = show_withdrawing(northwind.pk, compile_toml(LIVE.partition("[handoff]")[0]), now=timezone.now())
    assert len(shown.found.waiting) + len(shown.found.claimed) == len(handed)


def test_of_very_many_the_most_urgent_are_looked_at_and_a_mistake_of_the_program_is_told(
    as_maria, stricter, handed, monkeypatch
):
    monkeypatch.setattr(withdrawn, "MOST", 2)
    words = text_of(as_maria.get(f"/playbook/drafts/{stricter.pk}/publish/"))
    assert "the 2 most urgent of those that are open" in words or "of those, the most urgent" in words

    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(withdrawn, "see_leads", fail)
    assert "cannot be told" in text_of(as_maria.get(f"/playbook/drafts/{stricter.pk}/publish/"))


# -- from the terminal and by the API -----------------------------------------------------------------------------------


def test_the_terminal_says_it_before_and_when_it_publishes(northwind, handed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stricter.toml").write_text(STRICTER, encoding="utf-8")
    found = show_withdrawing(northwind.pk, compile_toml(STRICTER)).found

    before = CliRunner().invoke(main, ["publish", "stricter.toml", "--dry-run"])
    assert before.exit_code == 0, before.output
    assert "would be withdrawn" in before.stderr and "Nothing was" in before.stderr
    assert all(str(one.lead) in before.stderr for one in (*found.waiting, *found.claimed))
    assert Version.objects.count() == 1

    as_json = json.loads(CliRunner().invoke(main, ["publish", "stricter.toml", "--dry-run", "--json"]).stdout)
    assert as_json["published"] is False
    assert as_json["withdraws"] == {
        "is_known": True, "is_all": True,
        "waiting": [one.pk for one in found.waiting], "claimed": [one.pk for one in found.claimed],
    }  # fmt: skip

    done = CliRunner().invoke(main, ["publish", "stricter.toml"])
    assert done.exit_code == 0, done.output
    assert "would be withdrawn" in done.stderr
    assert Version.objects.count() == 2


def test_a_dry_run_runs_the_cases_too(northwind, handed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stricter.toml").write_text(STRICTER, encoding="utf-8")
    (tmp_path / "cases.toml").write_text(
        '[[case]]\nname = "a"\nas_of = 2026-03-01\nlead = { country = "DE" }\nexpect = { scores = { fit = 99 } }\n',
        encoding="utf-8",
    )

    failed = CliRunner().invoke(main, ["publish", "stricter.toml", "--dry-run"])

    assert failed.exit_code == 1, failed.output
    assert "expected" in failed.stdout and "can be published" not in failed.stderr


@pytest.mark.parametrize("may_read", [True, False])
def test_the_api_says_it_when_it_checks_and_when_it_publishes(northwind, handed, client, may_read):
    scopes = ("playbooks:read", "playbooks:write", *(["handoffs:read"] if may_read else []))
    _, key = make_api_key(northwind, name="ci", scopes=scopes)
    found = show_withdrawing(northwind.pk, compile_toml(STRICTER)).found

    def expected(waiting, claimed):
        ids = {"waiting_ids": [one.pk for one in waiting], "claimed_ids": [one.pk for one in claimed]}
        counts = {"waiting": len(waiting), "claimed": len(claimed)}
        about = {"is_known": True, "looked_at": len(handed), "is_all": True}
        return about | counts | (ids if may_read else dict.fromkeys(ids))

    def post(path, toml):
        sent = {"Authorization": f"Bearer {key}"}
        return client.post(f"/api/v1{path}", {"toml": toml}, content_type="application/json", headers=sent).json()

    assert post("/playbooks/check", STRICTER)["withdraws"] == expected(found.waiting, found.claimed)
    assert post("/playbooks/check", LIVE)["withdraws"] == expected([], [])
    assert post("/playbooks/check", STRICTER.replace("points", "point"))["withdraws"] is None
    assert post("/playbooks", STRICTER)["withdraws"] == expected(found.waiting, found.claimed)


def test_a_dry_run_refuses_what_publishing_would_refuse(northwind, handed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "same.toml").write_text(LIVE, encoding="utf-8")
    (tmp_path / "stricter.toml").write_text(STRICTER, encoding="utf-8")
    same = CliRunner().invoke(main, ["publish", "same.toml", "--dry-run"])
    assert same.exit_code == 0 and "can be published" not in same.stderr, same.output

    for name, side in (("Tom", "marketing"), ("Ines", "sales")):
        membership = Membership.objects.get(user=member(northwind, name, "manager"))
        name_approver(membership, marketing=side == "marketing", sales=side == "sales")
    refused = CliRunner().invoke(main, ["publish", "stricter.toml", "--dry-run"])
    assert refused.exit_code == 2 and "approval-needed" in refused.stderr, refused.output
    urgent = CliRunner().invoke(main, ["publish", "stricter.toml", "--dry-run", "--without-approval", "urgent"])
    assert urgent.exit_code == 0 and "can be published" in urgent.stderr, urgent.output
    assert Version.objects.count() == 1 and not Proposal.objects.filter(number__gt=1).exists()


def test_what_cannot_be_told_is_asked_about_all_the_same(northwind, handed, client, maria, monkeypatch):
    def break_down(*_):
        raise ArithmeticError

    monkeypatch.setattr(withdrawn, "_held", break_down)
    client.force_login(maria)

    asked = client.post("/playbook/publish/", {"toml": STRICTER, "cases": "", "note": ""})

    assert asked.status_code == 422 and "cannot be told" in text_of(asked)


def test_whoever_publishes_a_file_is_asked_first(northwind, handed, client, maria):
    client.force_login(maria)
    found = show_withdrawing(northwind.pk, compile_toml(STRICTER)).found
    given = {"toml": STRICTER, "cases": "", "note": ""}

    asked = client.post("/playbook/publish/", given)

    assert asked.status_code == 422
    assert Version.objects.count() == 1
    text = text_of(asked)
    assert "would be withdrawn" in text and "being worked, and would lose the reason why" in text
    assert all(str(one.lead) in text for one in (*found.waiting, *found.claimed))
    assert client.post("/playbook/publish/", given | {"is_meant": "yes"}).status_code == 302
    assert Version.objects.count() == 2


def test_nobody_is_asked_where_nothing_is_withdrawn(northwind, handed, client, maria):
    client.force_login(maria)
    text = LIVE.replace('name = "', 'name = "Other ', 1)

    assert client.post("/playbook/publish/", {"toml": text, "cases": "", "note": ""}).status_code == 302
