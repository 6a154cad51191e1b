"""Reading a playbook: every key arrives where it belongs, and every problem is named with its code and line."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.arithmetic import HalfLife, Linear, NoDecay, Step
from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.lines import find_lines
from leadline.engine.playbook.load import MAX_BYTES, load_playbook, read_playbook
from leadline.engine.playbook.model import EventCriterion, FactCriterion, InactivityCriterion, Limit
from leadline.engine.problems import ProblemsError

NORTHWIND = Path(__file__).parent / "northwind.toml"
HEAD = '[playbook]\nname = "p"\n[scores.s]\n'
CRITERION = HEAD + '[[criteria]]\nid = "c"\nscore = "s"\nwhy = "w"\n'


def problems_of(text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(ProblemsError) as caught:
        read_playbook(text)
    return [(problem.code, problem.line) for problem in caught.value.problems]


# -- what is read -----------------------------------------------------------------------------------------


def test_every_part_of_the_example_is_read():
    playbook, warnings = load_playbook(NORTHWIND)

    assert not warnings
    assert (playbook.name, playbook.timezone, playbook.grade) == ("northwind", "Europe/Berlin", ("fit", "engagement"))
    assert playbook.lead_fields["tags"].missing == ("Select",)
    assert playbook.events["demo_requested"].properties["path"].type == "text"
    assert playbook.source_rank == ("person", "crm", "form", "import", "enrichment")
    assert playbook.lists["core_countries"] == ("DE", "AT", "CH", "NL")
    assert playbook.get_score("total").sum_of == ("fit", "engagement")
    assert playbook.get_score("fit").grades == (("A", 750_000), ("B", 500_000), ("C", 250_000), ("D", 0))
    assert [type(criterion) for criterion in playbook.criteria] == [
        FactCriterion,
        FactCriterion,
        EventCriterion,
        InactivityCriterion,
    ]
    prices, quiet = playbook.criteria[2:]
    assert isinstance(prices, EventCriterion)
    assert (prices.points, prices.decay, prices.within_days) == (Decimal(10), HalfLife(14), 60)
    assert (prices.limit, prices.low, prices.high) == (Limit(1, "day"), None, 300_000)
    assert isinstance(quiet, InactivityCriterion)
    assert (quiet.every_days, quiet.points, quiet.activity, quiet.low) == (30, -100_000, None, -300_000)
    assert playbook.activity == ("page_viewed",)
    mql = playbook.qualifications[0]
    assert (mql.hand_raise, mql.hand_raise_stay_days, mql.cooldown_days) == (
        ("demo_requested", "contact_requested"),
        14,
        30,
    )
    assert playbook.qualifications[1].stay == playbook.qualifications[1].enter
    recycled = next(outcome for outcome in playbook.outcomes if outcome.id == "recycled")
    assert (recycled.ends, recycled.reset, recycled.quiet_days) == (True, ("engagement",), 90)
    assert recycled.reasons[0].quiet_days == 180
    assert [(stage.id, stage.while_, stage.since, stage.until) for stage in playbook.stages][1:3] == [
        ("mql", "mql", None, ()),
        ("opportunity", None, "opportunity", ("lost", "won")),
    ]
    assert playbook.handoff is not None
    assert (playbook.handoff.respond_within_hours, playbook.handoff.routes[0].to) == (4, "enterprise")


@pytest.mark.parametrize(
    ("written", "decay"),
    [
        ("", NoDecay()),
        ('decay = "none"', NoDecay()),
        ('decay = { half_life = "2w" }', HalfLife(14)),
        ('decay = { linear = "60d" }', Linear(60)),
        ('decay = { step = { drop = 0.15, every = "45d" } }', Step(Decimal("0.15"), 45)),
    ],
)
def test_decays(written, decay):
    playbook, _ = read_playbook(f'{CRITERION}event = "x"\npoints = 1\n{written}')

    assert playbook.criteria[0].decay == decay


def test_the_smallest_playbook():
    playbook, warnings = read_playbook('[playbook]\nname = "p"')

    assert not warnings
    assert (playbook.timezone, playbook.needs_consent, playbook.scores) == ("UTC", False, ())
    assert {outcome.id for outcome in playbook.outcomes if outcome.ends} == {
        "rejected",
        "recycled",
        "disqualified",
        "bad_data",
        "won",
        "lost",
    }


def test_fields_of_the_company_are_declared_with_either_spelling():
    playbook, _ = read_playbook(
        HEAD + '[fields]\n"company.size" = { type = "number" }\n[fields.company]\nsector = { type = "text" }'
    )

    assert {name: spec.type for name, spec in playbook.company_fields.items()} == {"size": "number", "sector": "text"}


def test_a_list_may_lie_in_a_file_beside_the_playbook(tmp_path):
    (tmp_path / "free.txt").write_text("\ufeffa.example\n\n b.example \na.example\n", encoding="utf-8")
    (tmp_path / "p.toml").write_text(HEAD + '[lists]\nfree = { file = "free.txt" }', encoding="utf-8")

    playbook, _ = load_playbook(tmp_path / "p.toml")

    assert playbook.lists["free"] == ("a.example", "b.example")


def test_windows_line_ends_and_a_byte_order_mark_are_no_matter(tmp_path):
    (tmp_path / "p.toml").write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())

    assert load_playbook(tmp_path / "p.toml")[0].name == "p"


def test_a_criterion_without_a_reason_is_warned_of():
    _, warnings = read_playbook(HEAD + '[[criteria]]\nid = "c"\nscore = "s"\nwhen = "a = 1"\npoints = 1')

    assert [(one.code, one.severity, one.line) for one in warnings] == [("missing-key", "warning", 4)]


# -- what is wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a = ", "toml-syntax", 1),
        ("a = 1\na = 2", "toml-syntax", 2),
        ("[playbook]\nname = 'p\n", "toml-syntax", 2),
        ("", "missing-key", None),
        ("[playbook]\n", "missing-key", 1),
        ('playbook = "p"', "wrong-type", 1),
        ("[playbook]\nname = 3", "wrong-type", 2),
        ('[playbook]\nname = ""', "bad-value", 2),
        ('[playbook]\nname = "p"\ntimezone = "Berlin"', "bad-value", 3),
        ('[playbook]\nname = "p"\nneeds_consent = "yes"', "wrong-type", 3),
        (HEAD + "[criterions]", "unknown-key", 4),
        (HEAD + "[[criterions]]\nid = 'x'", "unknown-key", 4),
        (HEAD + "[score.s]\nmin = 1", "unknown-key", 4),
        (HEAD + "minimum = 1", "unknown-key", 4),
        (HEAD + "min = 2\nmax = 1", "bad-value", 4),
        (HEAD + "min = 0.00001", "bad-value", 4),
        (HEAD + "min = 1.00000000000000000000000000000000000000001", "bad-value", 4),
        (HEAD + "max = inf", "bad-value", 4),
        (HEAD + "max = 1e999999999", "bad-value", 4),
        (HEAD + "max = 1e-999999999", "bad-value", 4),
        (HEAD + "grades = { A = 1, B = 2 }", "bad-value", 4),
        (HEAD + 'grades = ["A"]', "wrong-type", 4),
        (HEAD + "sum_of = []", "bad-value", 4),
        ('[playbook]\nname = "p"\n[scores]\ns = 3', "wrong-type", 4),
        ('[playbook]\nname = "p"\n[scores.decision]', "bad-id", 3),
        ('[playbook]\nname = "p"\n[scores."a b"]', "bad-id", 3),
        (HEAD + "[fields]\na = 'number'", "wrong-type", 5),
        (HEAD + "[fields]\na = { typ = 'number' }", "missing-key", 5),
        (HEAD + "[fields]\na = { type = 'numeric' }", "bad-value", 5),
        (HEAD + "[fields]\na = { type = 'number', separator = ',' }", "unknown-key", 5),
        (HEAD + "[events.x]\nproperties = { a = 'words' }", "bad-value", 5),
        (HEAD + "[sources]\nranks = []", "unknown-key", 5),
        (HEAD + "[lists]\na = []", "bad-value", 5),
        (HEAD + "[lists]\na = ['x', 'x']", "bad-value", 5),
        (HEAD + "[lists]\na = [1]", "wrong-type", 5),
        (HEAD + "[lists]\na = { file = 'x.txt' }", "bad-value", 5),
        (CRITERION, "missing-key", 4),
        (CRITERION + "when = 'a = 1'", "missing-key", 4),
        (CRITERION + "when = 'a = '\npoints = 1", "condition-syntax", 8),
        (CRITERION + "when = 3\npoints = 1", "wrong-type", 8),
        (CRITERION + "when = 'a = 1'\npoints = '1'", "wrong-type", 9),
        (CRITERION + "when = 'a = 1'\npoints = true", "wrong-type", 9),
        (CRITERION + "when = 'a = 1'\npoints = 1001", "bad-value", 9),
        (CRITERION + "when = 'a = 1'\npoints = nan", "bad-value", 9),
        (CRITERION + "when = 'a = 1'\npoints = 1\nmax = 3", "conflicting-keys", 10),
        (CRITERION + "when = 'a = 1'\npoints = 1\nlimit = { count = 1, per = 'day' }", "conflicting-keys", 10),
        (CRITERION + "when = 'a = 1'\nchoose = [{ when = 'a = 1', points = 1 }]", "conflicting-keys", 8),
        (CRITERION + "choose = []", "bad-value", 8),
        (CRITERION + "choose = [{ when = 'a = 1', points = 1 }]\npoints = 1", "conflicting-keys", 9),
        (CRITERION + "choose = [\n{ when = 'a = 1', points = 1 },\n{ when = 'a = 2' },\n]", "missing-key", 10),
        (CRITERION + "choose = [\n{ when = 'a = 1', points = 1, decay = 1 },\n]", "unknown-key", 9),
        (CRITERION + "event = []\npoints = 1", "bad-value", 8),
        (CRITERION + "event = 'x'", "missing-key", 4),
        (CRITERION + "event = 'x'\npoints = 1\ninactive_for = '3d'", "conflicting-keys", 10),
        (CRITERION + "event = 'x'\npoints = 1\nwithin = '12h'", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\nwithin = 30", "wrong-type", 10),
        (CRITERION + "event = 'x'\npoints = 1\nlimit = { count = 0, per = 'day' }", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\nlimit = { count = 1, per = 'hour' }", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\nlimit = { count = 1 }", "missing-key", 10),
        (CRITERION + "event = 'x'\npoints = 1\nlimit = 3", "wrong-type", 10),
        (CRITERION + "event = 'x'\npoints = 1\ndecay = 'slow'", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\ndecay = {}", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\ndecay = { half_life = '3d', linear = '3d' }", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\ndecay = { half_life = '3651d' }", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\ndecay = { step = { drop = 0, every = '3d' } }", "bad-value", 10),
        (CRITERION + "event = 'x'\npoints = 1\ndecay = { step = { drop = 0.0001, every = '3w' } }", "bad-value", 10),
        (CRITERION + "inactive_for = '3d'\npoints = -1\nwithin = '3d'", "conflicting-keys", 10),
        (HEAD + "[[criteria]]\nid = '1c'\nscore = 's'\nwhy = 'w'\nwhen = 'a = 1'\npoints = 1", "bad-id", 5),
        (
            CRITERION
            + "when = 'a = 1'\npoints = 1\n[[criteria]]\nid = 'c'\nscore = 's'\nwhy = 'w'\nwhen = 'a = 1'\npoints = 1",
            "duplicate-id",
            11,
        ),
        (HEAD + "[[resets]]\nscores = ['s']", "missing-key", 4),
        (HEAD + "[questions.reason]\nask = '?'", "bad-id", 4),
        (HEAD + "[questions.q]\nmaybe = 'a = 1'", "unknown-key", 5),
        (HEAD + "[[personas]]\nid = 'p'", "missing-key", 4),
        (HEAD + "[[exclusions]]\nid = 'consent'\nwhen = 'a = 1'", "bad-id", 5),
        (HEAD + "[[qualifications]]\nid = 'mql'", "missing-key", 4),
        (HEAD + "[[qualifications]]\nid = 'mql'\nenter = 's >= 1'\ncooldown = 'long'", "bad-value", 7),
        (HEAD + "[outcomes.recycled]\nends = 1", "wrong-type", 5),
        (HEAD + "[[outcomes.recycled.reasons]]\nid = 'x'\nreturns = 'soon'", "bad-value", 6),
        (HEAD + "[[outcomes.recycled.reasons]]\nid = 'x'\nreset = 'fit'", "wrong-type", 6),
        (HEAD + "[[outcomes.recycled.reasons]]\nid = 'x'\nreset = ['fit', 'fit']", "bad-value", 6),
        (HEAD + "[[outcomes.x.reasons]]\nid = 'a'\n[[outcomes.x.reasons]]\nid = 'a'", "duplicate-id", 7),
        (HEAD + "[[stages]]\nid = 'x'\nwhile = 'a'\nsince = 'b'", "conflicting-keys", 6),
        (HEAD + "[[stages]]\nid = 'x'\nuntil = 'b'", "missing-key", 6),
        (HEAD + "[handoff]\nrespond_within = '4h'", "missing-key", 4),
        (HEAD + "[handoff]\nqualifications = ['mql']\nrespond_within = '4x'", "bad-value", 6),
        (HEAD + "[handoff]\nqualifications = ['mql']\n[[handoff.routes]]\nto = 'x'", "missing-key", 6),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, code, line):
    assert (code, line) in problems_of(text)


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_lines():
    text = CRITERION.replace("why", "wyh") + "when = 'a = '\npoints = 1.23456\nmax = 3\n[[personas]]\nid = 'x y'\n"

    assert problems_of(text) == [
        ("missing-key", 4),
        ("unknown-key", 7),
        ("condition-syntax", 8),
        ("bad-value", 9),
        ("conflicting-keys", 10),
        ("missing-key", 11),
        ("bad-id", 12),
    ]


def test_a_message_says_where_what_and_the_nearest_right_name():
    with pytest.raises(ProblemsError) as caught:
        read_playbook(CRITERION + "event = 'x'\npoints = 1\nlimt = { count = 1, per = 'day' }", file="my.toml")

    assert str(caught.value) == (
        "my.toml:10  unknown-key  criteria.c.limt: There is no key 'limt' here. Did you mean 'limit'?"
    )


def test_files_that_cannot_be_read(tmp_path):
    def code(path: Path) -> str:
        with pytest.raises(ProblemsError) as caught:
            load_playbook(path)
        return caught.value.problems[0].code

    (tmp_path / "latin.toml").write_bytes('[playbook]\nname = "é"'.encode("latin-1"))
    (tmp_path / "large.toml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert code(tmp_path / "none.toml") == "unreadable-file"
    assert code(tmp_path) == "unreadable-file"
    assert code(tmp_path / "latin.toml") == "unreadable-file"
    assert code(tmp_path / "large.toml") == "too-large"


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "none.txt"])
def test_a_list_reads_no_file_outside_of_its_folder(tmp_path, name):
    (tmp_path / "p.toml").write_text(HEAD + f"[lists]\nfree = {{ file = '{name}' }}", encoding="utf-8")

    with pytest.raises(ProblemsError) as caught:
        load_playbook(tmp_path / "p.toml")

    assert caught.value.problems[0].code == ("unreadable-file" if name == "none.txt" else "bad-value")


LINES = NORTHWIND.read_text(encoding="utf-8").splitlines()
values = st.sampled_from(
    ["3", "-1", "1.5", "'x'", "''", "[]", "[1]", "{}", "true", "2026-01-01", "nan", "[['x']]", "{ a = 1 }"]
)


@given(st.integers(0, len(LINES) - 1), st.sampled_from(["drop", "double", "value", "key"]), values)
def test_a_broken_line_is_a_problem_and_never_a_crash(at, how, value):
    line = LINES[at]
    key, equals, _ = line.partition("=")
    broken = {
        "drop": [],
        "double": [line, line],
        "value": [f"{key}= {value}" if equals else line],
        "key": [line.replace("e", "x", 1)],
    }[how]

    try:
        playbook, _ = read_playbook("\n".join([*LINES[:at], *broken, *LINES[at + 1 :]]))
    except ProblemsError as error:
        broken_codes = [problem.code for problem in error.problems]
    else:
        broken_codes = [playbook.name]

    assert broken_codes


# -- lines ------------------------------------------------------------------------------------------------


def test_every_key_has_its_line():
    text = """\
[a]  # one
b = "x = 1"
c = [
  { d = 1, e = [2, 3] },  # [not a header]
  { d = "]" },
]
[[f]]
g.h = '''
i = 1
'''
[[f]]
"q r" = { s = { t = 1 } }
[f.u]
v = 1
"""

    lines = find_lines(text)

    wanted = {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c", 0, "e"): 4,
        ("a", "c", 1, "d"): 5,
        ("f",): 7,
        ("f", 0): 7,
        ("f", 0, "g", "h"): 8,
        ("f", 1): 11,
        ("f", 1, "q r", "s", "t"): 12,
        ("f", 1, "u", "v"): 14,
    }
    assert {path: lines.get(path) for path in wanted} == wanted


@given(st.text(max_size=200) | st.text(alphabet="[]{}=\"'.,#a1\n ", max_size=200))
def test_lines_are_looked_for_in_any_text(text):
    find_lines(text)


def test_what_one_part_gets_wrong_hides_nothing_of_the_others() -> None:
    text = """
    [playbook]
    name = "p"
    grade = ["fti"]
    [scores.fit]
    [scores.total]
    sum_of = ["total"]
    [[criteria]]
    id = "a"
    score = "fit"
    why = "a"
    when = "size > 3"
    points = "5"
    [[criteria]]
    id = "b"
    score = "fitt"
    why = "b"
    when = "size = 'large'"
    points = 5
    [[criteria]]
    id = "c"
    score = "fit"
    why = "c"
    when = "size > 5"
    points = 5
    """
    with pytest.raises(ProblemsError) as caught:
        read_playbook(text)

    assert {problem.code for problem in caught.value.problems} == {
        "wrong-type",
        "unknown-score",
        "score-cycle",
        "type-mismatch",
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('name = "p', "not closed"),
        ('name = "p"\nname = "q"', "stands twice"),
        ("name = 5,5", "decimal point"),
        ("name = p", "stands in quotes"),
    ],
)
def test_toml_mistakes_are_told_in_our_words(line: str, said: str) -> None:
    with pytest.raises(ProblemsError, match=said):
        read_playbook(f"[playbook]\n{line}\nx = 1\n")


# -- what a file may not ask of whoever reads it ---------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["a", "'a b'", '"a b"', "a "])
def test_a_key_of_very_many_parts_is_refused_before_it_costs_anything(part):
    text = '[playbook]\nname = "x"\n' + ".".join([part] * 20_000) + " = 1\n"

    with pytest.raises(ProblemsError) as refused:
        read_playbook(text)
    (problem,) = refused.value.problems
    assert (problem.code, problem.line) == ("too-large", 3)


def test_points_in_texts_are_no_parts_of_a_key():
    text = '[playbook]\nname = "' + "word. " * 100 + '"\n'
    read_playbook(text)


@pytest.mark.parametrize("number", ["0x1" + "0" * 5_000, "-9223372036854775809", "9223372036854775808"])
def test_a_whole_number_that_toml_does_not_have_is_refused_with_its_line(number):
    with pytest.raises(ProblemsError) as refused:
        read_playbook(f'[playbook]\nname = "x"\n[scores.fit]\nmax = {number}\n')
    assert [(one.code, one.line) for one in refused.value.problems] == [("toml-syntax", 4)]


@pytest.mark.parametrize("before", ["", "[", "[[", "a = { ", "a = { b = 1, "])
def test_long_keys_are_found_wherever_keys_stand(before):
    with pytest.raises(ProblemsError) as refused:
        read_playbook(before + ".".join("a" * 2_000) + " = 1")
    assert refused.value.problems[0].code == "too-large"


def test_a_reason_wipes_what_its_outcome_wipes_other_scores_or_nothing() -> None:
    written = "[outcomes.recycled]\nreset = ['fit']\n[[outcomes.recycled.reasons]]\nid = 'Not-Now'\n"
    own = "[[outcomes.recycled.reasons]]\nid = 'gone'\nreset = ['use']\n[[outcomes.recycled.reasons]]\nid = 'oops'\nreset = []\n"
    playbook, _ = read_playbook(HEAD + "[scores.use]\n" + written + own)

    wiped = {
        reason: [score for score in ("fit", "use") if playbook.is_reset_by(score, "recycled", reason)]
        for reason in (None, "not-now", "unheard of", "gone", "oops")
    }

    assert wiped == {None: ["fit"], "not-now": ["fit"], "unheard of": ["fit"], "gone": ["use"], "oops": []}
    assert not playbook.is_reset_by("use", "rejected", "gone")


def test_all_that_is_wrong_about_what_reasons_wipe_is_told_at_once() -> None:
    reasons = "[[outcomes.recycled.reasons]]\nid = 'a'\nreset = ['fitt']\n[[outcomes.rejected.reasons]]\nid = 'b'\nreset = ['all', 'x']"
    text = HEAD + "[scores.fit]\n[scores.all]\nsum_of = ['fit']\n" + reasons

    with pytest.raises(ProblemsError) as refused:
        bind_playbook(read_playbook(text)[0])

    errors = [one for one in refused.value.problems if one.severity == "error"]
    assert [(one.code, one.where) for one in errors] == [
        ("unknown-score", "outcomes.rejected.reasons.b.reset"),
        ("bad-value", "outcomes.rejected.reasons.b.reset"),
        ("unknown-score", "outcomes.recycled.reasons.a.reset"),
    ]


def test_a_field_to_put_right_that_looks_mistyped_is_warned_of() -> None:
    written = HEAD + "[[outcomes.bad_data.reasons]]\nid = 'x'\nfix = ['%s']"

    def told(name: str) -> list[str]:
        catalog = Catalog(lead={"email": FieldSpec("text")})
        _, warnings = bind_playbook(read_playbook(written % name)[0], catalog)
        return [f"{one.severity} {one.message}" for one in warnings if one.code == "unknown-field"]

    assert told("emial") == ["warning There is no field 'emial' of the lead. Did you mean 'email'?"]
    assert told("email") == told("phone") == []  # what nobody has said yet may well be wanted
