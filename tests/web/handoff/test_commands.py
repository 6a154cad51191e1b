"""`leadline queue`, `claim`, `accept` and so on, as somebody types them."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.rows import make_lead, qualify

from leadline.cli.acting import read_until
from leadline.cli.handoffs import CALL_RESULTS as CHOICES
from leadline.cli.main import main
from leadline.cli.queue import say_due
from leadline.engine.problems import ProblemsError
from leadline.web import flow
from leadline.web.handoff.actions import claim, decide
from leadline.web.handoff.actions.working import CALL_RESULTS
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import reconcile
from leadline.web.leads.models import Identity, Lead, Outcome

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def typed(northwind, tmp_path, monkeypatch):
    """Type a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("LEADLINE_USER", raising=False)

    def type_it(*words):
        said = CliRunner().invoke(main, [str(word) for word in words])
        assert "Traceback" not in said.output
        return said

    return type_it


@pytest.fixture
def waiting(northwind, live):
    """Maya and Ben wait, Maya with her hand raised; the answer to Ben is an hour late."""
    maya = make_lead(northwind, "Maya Mensah", email="maya@acme.example")
    ben = make_lead(northwind, "Ben Berg", email="ben@acme.example")
    for lead in (maya, ben):
        qualify(lead, live, grade="A1", reasons="country:30.0000")
    with transaction.atomic():
        reconcile(live, [maya.pk, ben.pk])
    HandOff.objects.filter(lead=maya).update(is_hand_raise=True, because="demo_requested")
    HandOff.objects.filter(lead=maya).update(respond_by=timezone.now() + timedelta(hours=3, minutes=1))
    HandOff.objects.filter(lead=ben).update(respond_by=timezone.now() - timedelta(minutes=61))
    return {"maya": HandOff.objects.get(lead=maya), "ben": HandOff.objects.get(lead=ben)}


def now_of(handoff):
    return HandOff.objects.get(pk=handoff.pk)


def names_of(said):
    return [one["lead"]["name"] for one in json.loads(said.stdout)["handoffs"]]


# -- the queue ------------------------------------------------------------------------------------------------------------


def test_the_queue_shows_who_waits_until_when_and_why(typed, waiting):
    said = typed("queue")

    assert said.exit_code == 0
    title, maya, ben = said.stdout.splitlines()
    assert title.split() == ["lead", "who", "as", "grade", "answer", "by", "owner", "why"]
    assert maya.split()[:5] == [str(waiting["maya"].lead_id), "Maya", "Mensah", "mql", "A1"]
    assert "in 3 h" in maya and maya.endswith("Demo requested")
    assert "1 h late" in ben and ben.endswith("In a country where we have people")


def test_the_queue_is_for_oneself_for_all_or_of_what_is_late(typed, waiting, omar, nadia):
    claim(waiting["maya"].pk, by=omar)

    assert names_of(typed("queue", "--json")) == ["Ben Berg"]
    assert names_of(typed("queue", "--all", "--json")) == ["Maya Mensah", "Ben Berg"]
    assert names_of(typed("queue", "--late", "--json")) == ["Ben Berg"]
    assert names_of(typed("queue", "--mine", "--by", omar.email, "--json")) == ["Maya Mensah"]
    assert names_of(typed("queue", "--mine", "--by", nadia.email, "--json")) == []
    assert typed("queue", "--mine", "--by", nadia.email).stdout == "You have nothing open.\n"
    assert "claimed" in typed("queue", "--mine", "--by", omar.email).stdout
    HandOff.objects.filter(owner=omar).update(state="waiting")
    assert "given to you" in typed("queue", "--mine", "--by", omar.email).stdout


def test_who_is_nobody_is_told_so_also_without_mine(typed, waiting):
    done = typed("queue", "--by", "nobody@northwind.example")

    assert (done.exit_code, done.stdout) == (2, "")
    assert "Nobody in Northwind signs in as 'nobody@northwind.example'" in " ".join(done.stderr.split())


def test_a_claim_says_for_whom_it_was_waiting(typed, waiting, omar, nadia):
    HandOff.objects.filter(pk=waiting["maya"].pk).update(owner=nadia)

    said = typed("claim", "maya@acme.example", "--by", omar.email).stdout
    assert said == "Omar has Maya Mensah now; it was waiting for Nadia.\n"


def test_json_is_what_the_api_answers(typed, waiting):
    said = json.loads(typed("queue", "--json").stdout)

    assert said["count"] == 2
    assert said["handoffs"][1]["is_late"] is True
    assert said["handoffs"][0]["respond_by"].endswith("Z")


def test_a_limit_says_how_many_there_are_more(typed, waiting):
    said = typed("queue", "--limit", "1")

    assert (len(said.stdout.splitlines()), said.stderr) == (2, "1 more: --limit shows them.\n")


def test_of_another_workspace_nothing_is_shown_and_which_is_asked(typed, waiting, elsewhere):
    assert typed("queue").exit_code == 2 and "several workspaces" in typed("queue").stderr
    assert names_of(typed("queue", "--workspace", "elsewhere", "--json")) == []


def test_a_name_cannot_move_the_cursor(typed, waiting):
    Lead.objects.filter(pk=waiting["maya"].lead_id).update(name="Maya\x1b[31m\nMensah")

    assert "\x1b" not in typed("queue").stdout and len(typed("queue").stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"respond_by": None}, ""),
        ({"respond_by": datetime(2026, 3, 2, 14, tzinfo=UTC)}, "Mon 15:00, in 5 h"),
        ({"respond_by": datetime(2026, 3, 2, 9, 30, tzinfo=UTC)}, "Mon 10:30, in 30 min"),
        ({"respond_by": datetime(2026, 3, 12, 9, tzinfo=UTC)}, "2026-03-12 10:00, in 10 days"),
        ({"respond_by": datetime(2026, 2, 28, 8, tzinfo=UTC)}, "2 days late"),
        ({"snoozed_until": datetime(2026, 3, 3, 7, tzinfo=UTC)}, "put off until Tue 08:00"),
        ({"state": "claimed", "respond_by": datetime(2026, 3, 2, 8, tzinfo=UTC)}, "claimed"),
        ({"state": "claimed", "breached_at": datetime(2026, 3, 2, 8, tzinfo=UTC)}, "claimed, late"),
    ],
)
def test_when_an_answer_is_due_is_said_in_the_workspaces_zone(now, columns, said):
    assert say_due(HandOff(**({"state": "waiting"} | columns)), now, BERLIN) == said


# -- acting ---------------------------------------------------------------------------------------------------------------


def test_a_rep_works_a_lead_from_the_terminal(typed, waiting, omar):
    maya = waiting["maya"]
    steps = [
        (("claim", "MAYA@acme.example"), "Omar has Maya Mensah now."),
        (
            ("call", maya.lead_id, "no-answer", "--note", "rang twice"),
            "The call is written down; Omar has Maya Mensah.",
        ),
        (
            ("call", maya.lead_id, "call-back", "--again", "3d"),
            "The call is written down; Omar has Maya Mensah, put off until ",
        ),
        (("undo", maya.lead_id), "Undone: Maya Mensah, call, “They asked for a call later”"),
        (("release", maya.lead_id, "--note", "on holiday"), "Maya Mensah waits in the queue again."),
        (("snooze", maya.lead_id, "3d"), "Maya Mensah is put off until "),
        (("undo", maya.lead_id), "Undone: Maya Mensah, put off until "),
        (("recycle", maya.lead_id, "--reason", "timing", "--note", "in spring"), "Maya Mensah was recycled by Omar."),
    ]
    for words, said in steps:
        done = typed(*words)
        assert (done.exit_code, done.stdout[: len(said)]) == (0, said), done.output

    assert (now_of(maya).state, now_of(maya).reason, now_of(maya).owner) == ("recycled", "timing", omar)
    assert Step.objects.filter(kind="called").earliest("pk").said == {"result": "no-answer", "text": "rang twice"}
    assert Step.objects.get(kind="decided").said["text"] == "in spring"
    assert Outcome.objects.get().by == omar.email


@pytest.mark.parametrize(
    ("command", "state"),
    [("accept", "accepted"), ("reject --reason no-interest", "rejected"), ("disqualify", "disqualified")],
)
def test_a_decision_is_made_and_undone(typed, waiting, omar, command, state):
    name, *more = command.split()
    done = typed(name, "ben@acme.example", *more, "--json")

    assert json.loads(done.stdout)["state"] == state
    assert json.loads(typed("undo", "ben@acme.example", "--json").stdout)["state"] == "waiting"
    assert not Outcome.objects.exists()


def test_only_the_answer_is_printed(typed, waiting, omar, caplog):
    typed("claim", "maya@acme.example")

    assert caplog.records == []


def test_what_follows_is_told(typed, waiting, omar, monkeypatch):
    heard = []
    monkeypatch.setattr(flow, "handoffs_changed", heard.extend)
    typed("claim", "maya@acme.example")

    assert [(one.kind, one.by_id) for one in heard] == [("claimed", omar.pk)]


def test_who_was_faster_is_said(typed, waiting, omar, nadia):
    claim(waiting["maya"].pk, by=nadia)
    done = typed("claim", "maya@acme.example", "--by", omar.email)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "already-taken" in done.stderr and "Maya Mensah was already taken by Nadia." in done.stderr
    told = json.loads(typed("claim", "maya@acme.example", "--by", omar.email, "--json").stderr)
    assert [one["code"] for one in told["problems"]] == ["already-taken"]


def test_a_manager_may_decide_what_a_rep_has(typed, waiting, omar, nadia, ines):
    claim(waiting["maya"].pk, by=omar)

    assert "already-taken" in typed("accept", "maya@acme.example", "--by", nadia.email).stderr
    assert typed("accept", "maya@acme.example", "--by", ines.email).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("recycle maya@acme.example", "not-possible", "Say why: timing"),
        ("recycle maya@acme.example --reason whim", "not-possible", "one of timing"),
        ("release maya@acme.example", "not-possible", "You do not have Maya Mensah"),
        ("undo maya@acme.example", "not-possible", "nothing of Omar to undo"),
        ("snooze maya@acme.example 91d", "not-possible", "from now to 90 days"),
        ("snooze maya@acme.example soon", "bad-value", "is no moment"),
        ("claim nobody@acme.example", "unknown-lead", "There is no lead"),
        ("claim 999999999999999999999999", "unknown-lead", "There is no lead"),
        ("claim maya@acme.example --qualification sql", "bad-value", "but for mql"),
        ("claim maya@acme.example --by omra@northwind.example", "bad-value", "Did you mean 'omar@northwind.example'"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(typed, waiting, omar, words, code, said):
    done = typed(*words.split())

    told = " ".join(done.stderr.split())
    assert done.exit_code == 2
    assert code in told and said in told, told
    assert now_of(waiting["maya"]).revision == waiting["maya"].revision


def test_who_acts_is_the_only_member_or_has_to_be_said(typed, waiting, northwind, omar, monkeypatch):
    assert typed("claim", "maya@acme.example").exit_code == 0
    member(northwind, "Nadia", "rep")
    done = typed("claim", "ben@acme.example")
    assert done.exit_code == 2
    assert "nadia@northwind.example, omar@northwind.example" in " ".join(done.stderr.split())

    monkeypatch.setenv("LEADLINE_USER", "nadia@northwind.example")
    assert typed("claim", "ben@acme.example").stdout == "Nadia has Ben Berg now.\n"


def test_who_may_only_look_does_not_act(typed, waiting, northwind, charlie):
    claim_it = ("claim", "maya@acme.example", "--workspace", "northwind")
    assert "Nobody works on leads" in typed(*claim_it).stderr
    member(northwind, "Vera", "viewer")
    for email, said in (("vera@northwind.example", "does not work on leads"), (charlie.email, "signs in as")):
        done = typed(*claim_it, "--by", email)
        assert (done.exit_code, said in " ".join(done.stderr.split())) == (2, True)


def test_an_address_of_several_leads_is_answered_with_their_ids(typed, waiting, northwind, omar):
    other = make_lead(northwind, "M. Mensah", email="maya@acme.example")
    done = typed("claim", "maya@acme.example")

    told = " ".join(done.stderr.split())
    assert done.exit_code == 2
    assert f"{waiting['maya'].lead_id} (Maya Mensah), {other.pk} (M. Mensah). Name one by its id." in told


def test_a_lead_is_found_by_any_of_its_addresses_and_through_merges(typed, waiting, northwind, omar):
    maya = waiting["maya"].lead
    Identity.objects.create(
        workspace=northwind, lead=maya, first_lead=maya, kind="email", value="maya@home.example", source="api",
        first_seen_at=timezone.now(),
    )  # fmt: skip
    gone = make_lead(northwind, "M.", merged_into=maya)

    assert typed("claim", "maya@home.example").exit_code == 0
    assert typed("call", gone.pk, "reached").exit_code == 0


def test_a_lead_of_another_workspace_is_as_missing_as_one_that_never_was(typed, waiting, omar, elsewhere):
    theirs = make_lead(elsewhere, "Theirs", email="theirs@acme.example")

    for name in (theirs.pk, theirs.email):
        assert "unknown-lead" in typed("claim", name, "--workspace", "northwind").stderr


def test_what_is_over_is_told_with_how_it_ended(typed, waiting, northwind, omar):
    decide(waiting["maya"].pk, "accepted", by=omar)
    fresh = make_lead(northwind, "Fred")

    assert "it was accepted by Omar" in " ".join(typed("claim", "maya@acme.example").stderr.split())
    assert "nothing was handed to sales" in " ".join(typed("claim", fresh.pk).stderr.split())


def test_of_several_open_hand_offs_one_is_chosen(typed, waiting, northwind, omar):
    first = waiting["maya"]
    HandOff.objects.create(
        workspace=northwind, lead=first.lead, qualification="pql", began_at=first.began_at, version_number=1,
        opened_at=first.opened_at,
    )  # fmt: skip
    assert "say which, mql, pql" in " ".join(typed("claim", "maya@acme.example").stderr.split())

    assert typed("claim", "maya@acme.example", "--qualification", "pql").exit_code == 0
    assert (now_of(first).state, HandOff.objects.get(qualification="pql").state) == ("waiting", "claimed")
    assert typed("undo", "maya@acme.example").exit_code == 0
    assert HandOff.objects.get(qualification="pql").state == "waiting"


def test_the_results_of_calls_are_those_of_the_app():
    assert set(CHOICES) == set(CALL_RESULTS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("30m", "2026-03-02T10:30:00+01:00"),
        ("4h", "2026-03-02T14:00:00+01:00"),
        ("2w", "2026-03-16T10:00:00+01:00"),
        ("2026-03-30", "2026-03-30T00:00:00+02:00"),
        ("2026-03-04T09:30", "2026-03-04T09:30:00+01:00"),
        ("2026-03-04T09:30Z", "2026-03-04T10:30:00+01:00"),
    ],
)
def test_until_when_is_read_as_people_write_it(now, text, found):
    assert read_until(text, now, BERLIN).astimezone(BERLIN).isoformat() == found


@pytest.mark.parametrize("text", ["", "d", "-1d", "3y", "9" * 30 + "d", "2026-02-30", "tomorrow", "²d"])
def test_what_is_no_moment_is_said(now, text):
    with pytest.raises(ProblemsError, match="is no moment"):
        read_until(text, now, BERLIN)
