"""The review of criteria on real leads: prepares the inputs, reviews the two playbooks, and says what was found.

    python tests/real/review_real_data.py FOLDER          print the reviews
    python tests/real/review_real_data.py FOLDER write    write docs/real-data-review.md

FOLDER is that of real_data.py, which prepares the leads; this one adds the outcomes of X Education, which have no time.
"""

import csv
import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from leadline.engine.review.model import HalfLives, Review
from leadline.engine.review.run import review
from leadline.engine.review.words import say_days, say_interval, say_left_out, say_observed, say_share
from leadline.engine.run import Inputs

HERE = Path(__file__).resolve().parent
PLAYBOOKS = HERE / "playbooks"
PAGE = HERE.parents[1] / "docs" / "real-data-review.md"
HORIZON_DAYS = 30
LAST_DAY = "2012-03-14"

# Columns that are filled in after the first talk: what a review must notice when a playbook reads them.
AFTERWARDS = (
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Asymmetrique Activity Index",
    "What is your current occupation",
    "What matters most to you in choosing a course",
)
HONEST = ("Lead Origin", "Lead Source", "City")


def _real_data() -> ModuleType:
    """Load the script beside this file."""
    spec = importlib.util.spec_from_file_location("real_data", HERE / "real_data.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("real_data", module)
    spec.loader.exec_module(module)
    return module


real_data = _real_data()


def write_won(rows: Sequence[dict[str, str]], folder: Path) -> Path:
    """Write who enrolled, without a time: the data has none."""
    path = folder / "outcomes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("lead_id", "outcome"))
        writer.writerows((row["Lead Number"], "won") for row in rows if row["Converted"] == "1")
    return path


def review_x_education(folder: Path, scratch: Path, *, earlier: bool = False) -> Review:
    """Review the playbook of the first touch on the later half, which nothing was learned from, or on the earlier."""
    rows = real_data.read_x_education(folder)[0 if earlier else 1]
    inputs = Inputs(leads=real_data.write_x_education(rows, scratch), outcomes=write_won(rows, scratch))
    return review(PLAYBOOKS / "x_education.toml", inputs, end="2020-01-01")


def review_leaks(folder: Path, scratch: Path) -> Review:
    """Review a playbook that reads what is filled in afterwards, on all leads, as somebody would who knows no better."""
    rows = [*real_data.read_x_education(folder)[0], *real_data.read_x_education(folder)[1]]
    names = (*HONEST, *AFTERWARDS)
    with (scratch / "leads.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("lead_id", *names))
        writer.writerows((row["Lead Number"], *(row[name] for name in names)) for row in rows)
    playbook = ['[playbook]\nname = "leaky"\n\n[scores.fit]\ntitle = "Fit"\n\n[fields]\n']
    playbook += [f'"{name}" = {{ type = "text", missing = ["Select"] }}\n' for name in names]
    playbook += [
        f'\n[[criteria]]\nid = "c{number}"\nscore = "fit"\nwhy = "{name}"\nwhen = "\\"{name}\\" is not null"\npoints = 1\n'
        for number, name in enumerate(names)
    ]
    (scratch / "leaky.toml").write_text("".join(playbook), encoding="utf-8")
    return review(
        scratch / "leaky.toml", Inputs(leads=scratch / "leads.csv", outcomes=write_won(rows, scratch)), end="2020-01-01"
    )


def review_loans(folder: Path, scratch: Path, *, later: bool = True) -> Review:
    """Review the playbook of the loans, week by week, on the cases that no number was chosen from, or on all."""
    loans = real_data.read_loans(folder)
    cases = real_data.later_cases(loans) if later else list(loans.cases)
    inputs = Inputs(**real_data.write_loans(loans, cases, scratch))
    return review(PLAYBOOKS / "bpic12.toml", inputs, end=LAST_DAY, every="week", horizon_days=HORIZON_DAYS)


# -- the tables of the page --------------------------------------------------------------------------------------


def criteria_table(found: Review) -> str:
    """Return the criteria with their sides as a table."""
    lines = [
        "| criterion | points | fires | of all points | lift | odds given the others | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found.criteria:
        for number, side in enumerate(one.sides):
            head = (one.id, say_share(one.share_of_all), one.verdict) if number == 0 else ("", "", "")
            lines.append(
                f"| {head[0]} | {side.usual_points / 10_000:.1f} | {say_share(side.fires)} | {head[1]} | {say_interval(side.lift)} "
                f"| {say_interval(side.odds_given_others)} | {head[2]} |"
            )
    return "\n".join(lines)


def half_life_table(compared: Sequence[HalfLives]) -> str:
    """Return how well each half-life ranks as a table."""
    days = [say_days(trial.days) for trial in compared[0].trials]
    lines = [f"| | as written | {' | '.join(days)} |", "|---" * (len(days) + 2) + "|"]
    for one in compared:
        cells = [
            f"**{trial.area.value:.3f}**" if trial.days == one.best else f"{trial.area.value:.3f}"
            for trial in one.trials
        ]
        lines.append(f"| {one.id} | {one.area_as_written.value:.3f} ({one.written}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def fill_table(found: Review) -> str:
    """Return the fill rates as a table."""
    lines = ["| field | known of those who enrolled | of the others | finding |", "|---|---|---|---|"]
    lines += [
        f"| {one.field} | {say_share(one.reached)} | {say_share(one.open)} | {one.finding} |" for one in found.fields
    ]
    return "\n".join(lines)


def say_review(found: Review) -> str:
    """Return a review in short: what was looked at, the table, and the reasons of what is not fine."""
    parts = [say_observed(found), *(f"Left out: {text}" for text in say_left_out(found)), "", criteria_table(found), ""]
    parts += [
        f"- `{one.id}`, {one.verdict}: {' '.join((one.reason, *one.cautions))}"
        for one in found.criteria
        if one.verdict != "fine"
    ]
    if found.half_lives:
        parts += [
            "",
            half_life_table(found.half_lives),
            "",
            *(f"- `{one.id}`: {one.sentence}" for one in found.half_lives),
        ]
    if found.fields:
        parts += ["", fill_table(found)]
    return "\n".join(parts)


def reviews(folder: Path) -> dict[str, Review]:
    """Return all that is reviewed, by name."""
    with tempfile.TemporaryDirectory() as scratch:
        return {
            "x_earlier": review_x_education(folder, Path(scratch), earlier=True),
            "x_later": review_x_education(folder, Path(scratch)),
            "x_leaks": review_leaks(folder, Path(scratch)),
            "loans_later": review_loans(folder, Path(scratch)),
            "loans_all": review_loans(folder, Path(scratch), later=False),
        }


def write_section(found: dict[str, Review]) -> str:
    """Return docs/real-data-review.md, with the numbers found."""
    text = (HERE / "review_page.txt").read_text(encoding="utf-8")
    for name, one in found.items():
        said = [
            f"- `{criterion.id}`, {criterion.verdict}: {' '.join((criterion.reason, *criterion.cautions))}"
            for criterion in one.criteria
            if criterion.verdict != "fine"
        ]
        parts = {
            "observed": say_observed(one),
            "criteria": criteria_table(one),
            "reasons": "\n".join(said),
            "fields": fill_table(one),
            "half_lives": half_life_table(one.half_lives) if one.half_lives else "",
            "half_lives_said": "\n".join(f"- `{life.id}`: {life.sentence}" for life in one.half_lives),
        }
        for part, value in parts.items():
            text = text.replace(f"{{{name}.{part}}}", value)
    return text


def main(arguments: Sequence[str]) -> None:
    """Print the reviews, or write the section of the documents."""
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["write"]):
        raise SystemExit(__doc__)
    found = reviews(Path(arguments[0]))
    if arguments[1:]:
        PAGE.write_text(write_section(found), encoding="utf-8")
        sys.stdout.write(f"wrote {PAGE}\n")
    else:
        for name, one in found.items():
            sys.stdout.write(f"## {name}\n\n{say_review(one)}\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
