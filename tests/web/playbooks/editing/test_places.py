"""Where a value is put that was not there, what goes with one that is emptied, and what is refused; each in the text itself."""

from difflib import SequenceMatcher

import pytest
from tests.web.playbooks.editing.texts import ODD, STARTER

from leadline.engine.problems import ProblemsError
from leadline.web.playbooks.editing.edits import apply_edits


def lines_changed(text, edits):
    """Return the lines that edits take out, each after a minus, those that they put in, after a plus, and the one above these."""
    before, after = text.split("\n"), apply_edits(text, edits).split("\n")
    found = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            above = [f" {before[start - 1]}"] if tag == "insert" else []
            removed, added = before[start:end], after[new_start:new_end]
            found += [*above, *(f"-{line}" for line in removed), *(f"+{line}" for line in added)]
    return found


@pytest.mark.parametrize(
    ("path", "answer", "changed"),
    [
        # a value in the place of another: its quotes, what is around it and behind it stay
        (
            "scores.fit.title",
            "New",
            [
                "-	title	=	'Fit: \"who\" they are'	# quotes in quotes",
                "+	title	=	'New'	# quotes in quotes",
            ],
        ),
        (
            "scores.fit.title",
            "it's",
            [
                "-	title	=	'Fit: \"who\" they are'	# quotes in quotes",
                '+	title	=	"it\'s"	# quotes in quotes',
            ],
        ),
        (
            "scores.fit.grades.B",
            "55",
            [
                '-	grades = { "A+" = 7_5, B = +50.0,C=0 } # no blanks',
                '+	grades = { "A+" = 7_5, B = 55,C=0 } # no blanks',
            ],
        ),
        ("criteria.prices.decay.half_life", "2w", ['-decay.half_life = "14d"', '+decay.half_life = "2w"']),
        ("criteria.trial.points", "31", ["-points = 0x1E", "+points = 31"]),
        (
            "qualifications.mql.enter",
            "fit >= 50\r\nand engagement >= 45",
            ["-and engagement >= 40", "+and engagement >= 45"],
        ),
        (
            "criteria.size.choose[1].when",
            "company.employees < 4",
            [
                "-  , { when = '''company.employees < 5",
                "-and company.country is not null''', points = -1.0, source = \"x\" },",
                "+  , { when = '''company.employees < 4''', points = -1.0, source = \"x\" },",
            ],
        ),
        ("criteria.fair.decay.half_life", "3d", ['-decay = "none"', '+decay = { half_life = "3d" }']),
        # a value that was not there: behind those that the documentation writes before it
        ("scores.fit.min", "0", [" 	title	=	'Fit: \"who\" they are'	# quotes in quotes", "+	min = 0"]),
        ("scores.product.max", "50", [' product.title = "Product"', "+product.max = 50"]),
        (
            "scores.engagement.min",
            "1",
            [
                '-engagement = { title = "Engagement # no comment", max = 100 }',
                '+engagement = { title = "Engagement # no comment", min = 1, max = 100 }',
            ],
        ),
        (
            "criteria.size.choose[0].source",
            "deals",
            [
                '-  { when = "company.employees > 50", points = 25 }   # and behind',
                '+  { when = "company.employees > 50", points = 25, source = "deals" }   # and behind',
            ],
        ),
        ("criteria.prices.within", "60d", [' decay.half_life = "14d"', '+within = "60d"']),
        ("criteria.trial.max", "40", [" points = 0x1E", "+max = 40"]),
        (
            "outcomes.recycled.quiet",
            "90d",
            [" # Between two criteria, on purpose.", "+[outcomes.recycled]", '+quiet = "90d"'],
        ),
        ("outcomes.lost.title", "Lost it", [" [outcomes]", '+lost.title = "Lost it"']),
        ("handoff.respond_within", "4h", [" ]", '+respond_within = "4h"']),
        ("qualifications.mql.title", "MQL", [' id = "mql"', '+title = "MQL"']),
        # an emptied value: its line, its pair, or the whole of which it is the sense
        ("criteria.prices.max", "", ["-max = 30"]),
        ("criteria.prices.decay.half_life", "", ['-decay.half_life = "14d"']),
        ("criteria.prices.limit.count", "", ['-limit.per = "day" # before its count', "-limit.count = 1"]),
        ("criteria.trial.decay.linear", "", ["-[criteria.decay] # under a header of its own", '-linear = "60d"']),
        (
            "criteria.size.choose[1].source",
            "",
            [
                "-and company.country is not null''', points = -1.0, source = \"x\" },",
                "+and company.country is not null''', points = -1.0 },",
            ],
        ),
        (
            "scores.engagement.title",
            "",
            ['-engagement = { title = "Engagement # no comment", max = 100 }', "+engagement = { max = 100 }"],
        ),
        ("outcomes.lost.quiet", "", ['-lost.quiet = "30d"', "+lost = {}"]),
    ],
)
def test_an_odd_playbook_changes_where_it_should(path, answer, changed):
    assert lines_changed(ODD, {path: answer}) == changed


def test_a_limit_begins_with_both_its_values_and_ends_with_its_count():
    both = {"criteria.webinar-attended.limit.per": "week", "criteria.webinar-attended.limit.count": "2"}

    assert lines_changed(STARTER, both) == [' within = "365d"', '+limit = { count = 2, per = "week" }']
    for path in both:
        (other,) = both.keys() - {path}
        with pytest.raises(ProblemsError) as refused:
            apply_edits(STARTER, {path: both[path]})
        assert [(one.code, one.where) for one in refused.value.problems] == [("missing-key", other)]
    emptied = {"criteria.booth.limit.count": "", "criteria.booth.limit.per": ""}
    assert lines_changed(STARTER, emptied) == ['-limit = { count = 1, per = "quarter" }']


def test_several_values_of_one_table_stand_in_the_order_of_the_language():
    edits = {"criteria.revenue.why": "", "questions.timeline.no": "b", "questions.timeline.yes": "a"}

    after = apply_edits(STARTER, edits)

    assert 'tells this: only people can answer\nyes = "a"\nno = "b"\n' in after
    assert 'score = "fit"\nwhen = "company.revenue' in after


def test_where_somebody_has_an_order_of_their_own_a_value_comes_behind_its_neighbour():
    text = '[[criteria]]\nid = "a"\ndecay = { half_life = "3d" }\nscore = "fit"\nevent = "e"\npoints = 1\n'

    after = apply_edits(text, {"criteria.a.max": "9", "criteria.a.within": "9d"})

    assert after == text.replace('"3d" }\n', '"3d" }\nwithin = "9d"\nmax = 9\n')


def test_a_file_that_does_not_end_its_last_line_does_not_end_it_afterwards():
    text = '[playbook]\nname = "x"\n[scores.fit]\nmax = 3'

    assert apply_edits(text, {"scores.fit.source": "us"}) == text + '\nsource = "us"'


def test_what_is_a_word_of_the_language_may_be_the_name_of_anything():
    text = (
        '[playbook]\nname = "x"\n[outcomes.criteria]\nends = true\n[scores.limit]\nmin = 0\n[scores.choose]\nmax = 3\n'
    )

    after = apply_edits(text, {"outcomes.criteria.quiet": "3d", "scores.limit.max": "9", "scores.choose.title": "C"})

    assert after == (
        '[playbook]\nname = "x"\n[outcomes.criteria]\nends = true\nquiet = "3d"\n[scores.limit]\nmin = 0\nmax = 9\n'
        '[scores.choose]\ntitle = "C"\nmax = 3\n'
    )


def test_all_that_cannot_be_is_told_at_once_and_where():
    edits = {
        "criteria.gone.points": "3",
        "criteria.industry.choose[0].points": "1e3",
        "criteria.revenue.points": "1001",
        "criteria.sessions.points": "",
        "criteria.function.points": "0.00001",
        "criteria.booth.decay.step.drop": "0",
        "criteria.booth.limit.count": "0.5",
        "criteria.booth.limit.per": "days",
        "criteria.demo-request.decay.half_life": "4000d",
        "criteria.demo-request.within": "12h",
        "criteria.revenue.when": "company.revenue >=",
        "criteria.trial.why": "a\x1bb",
        "scores.fit.max": "1000001",
        "handoff.respond_within": "soon",
        "criteria.pricing-page.points": "11",
    }

    with pytest.raises(ProblemsError) as refused:
        apply_edits(STARTER, edits)

    assert [(one.where, one.code) for one in refused.value.problems] == [
        ("criteria.gone.points", "unknown-key"),
        ("criteria.industry.choose[0].points", "wrong-type"),
        ("criteria.revenue.points", "bad-value"),
        ("criteria.sessions.points", "missing-key"),
        ("criteria.function.points", "bad-value"),
        ("criteria.booth.decay.step.drop", "bad-value"),
        ("criteria.booth.limit.count", "wrong-type"),
        ("criteria.booth.limit.per", "bad-value"),
        ("criteria.demo-request.decay.half_life", "bad-value"),
        ("criteria.demo-request.within", "bad-value"),
        ("criteria.revenue.when", "condition-syntax"),
        ("criteria.trial.why", "bad-value"),
        ("scores.fit.max", "bad-value"),
        ("handoff.respond_within", "bad-value"),
    ]
    lines = STARTER.split("\n")
    assert [lines[one.line - 1].split(" ")[0] for one in refused.value.problems[2:4]] == ["points", "points"]


def test_a_number_that_is_no_number_elsewhere_in_the_file_is_borne():
    text = '[playbook]\nname = "x"\nversion = nan\n[scores.fit]\nmax = 3\n'

    assert apply_edits(text, {"scores.fit.max": "4"}) == text.replace("3", "4")


@pytest.mark.parametrize("parts", [20, 1_500])
def test_a_key_of_very_many_parts_is_borne_or_refused(parts):
    text = f'[playbook]\nname = "x"\n[scores.fit]\nmax = 3\n{"a." * parts}b = 3\n'
    try:
        after = apply_edits(text, {"scores.fit.max": "4"})
    except ProblemsError as error:
        after = str(error)

    assert after == text.replace("3", "4", 1) or "only a change of the text" in after or "too-large" in after
