"""Playbooks on real leads: prepare the inputs, learn points from the earlier half, measure on the later one.

    python tests/real/real_data.py learn FOLDER       the rates that the points of the two playbooks were taken from
    python tests/real/real_data.py measure FOLDER     score the later leads and write docs/real-data.md

FOLDER holds `x_education_leads.csv`, `bpic12_cases.csv` and `bpic12_events.csv.gz` (docs/real-data.md says what they
are). Only the standard library is used here; the scores come from the command line, as a user would get them.
"""

import csv
import gzip
import math
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).parents[2]
PLAYBOOKS = Path(__file__).parent / "playbooks"
PAGE = PROJECT / "docs" / "real-data.md"
SHARES = (10, 20, 30, 40, 50)

# -- X Education: what is known at first touch ----------------------------------------------------------------

# Everything else in the file is left out: filled in after the first talk (tags, quality, profile, occupation, what
# matters most, the two indices), a total as of the export (visits, time, last activity), or a wish that can come late
# (do not mail, do not call). An empty answer is left out too: see docs/real-data.md.
FIRST_TOUCH = ("Lead Origin", "Lead Source", "Specialization", "City", "How did you hear about X Education")
LEAST_LEADS = 50
LEAST_POINTS = 2


@dataclass(frozen=True, slots=True)
class Learned:
    """What one value of a field was worth among the earlier leads: ten times its log odds against all of them."""

    field: str
    value: str
    leads: int
    converted: int
    points: int


def read_x_education(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the earlier and the later half of the leads, by their rising number."""
    with (folder / "x_education_leads.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["Lead Number"]))
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def learn_x_education(earlier: Sequence[dict[str, str]]) -> list[Learned]:
    """Return the values of the fields that are worth points; each field is looked at alone, which counts some twice."""
    converted = sum(row["Converted"] == "1" for row in earlier)
    all_odds = math.log(converted / (len(earlier) - converted))
    learned = []
    for field in FIRST_TOUCH:
        leads = Counter(row[field].strip() for row in earlier)
        good = Counter(row[field].strip() for row in earlier if row["Converted"] == "1")
        for value, count in leads.most_common():
            odds = math.log((good[value] + 0.5) / (count - good[value] + 0.5))
            points = round(10 * (odds - all_odds))
            if value not in ("", "Select") and count >= LEAST_LEADS and abs(points) >= LEAST_POINTS:
                learned.append(Learned(field, value, count, good[value], points))
    return learned


def write_x_education(rows: Iterable[dict[str, str]], folder: Path) -> Path:
    """Write leads.csv with the number as the id and the fields of the first touch; the outcome stays outside."""
    path = folder / "leads.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("lead_id", *FIRST_TOUCH))
        writer.writerows((row["Lead Number"], *(row[field] for field in FIRST_TOUCH)) for row in rows)
    return path


# -- BPI 2012: what had happened by a day ---------------------------------------------------------------------

ZONE = ZoneInfo("Europe/Amsterdam")
CONVERTED = "A_ACTIVATED"
# Approval, registration and activation come together, and the offer is accepted or declined with them: all outcome.
OUTCOME_STEPS = ("A_APPROVED", "A_REGISTERED", "A_ACTIVATED", "O_ACCEPTED", "O_DECLINED", "A_DECLINED", "A_CANCELLED")
DECISIONS = {
    "A_ACTIVATED": "won",
    "A_APPROVED": "won",
    "A_REGISTERED": "won",
    "A_DECLINED": "lost",
    "A_CANCELLED": "lost",
}
SPLIT = date(2011, 12, 1)
LEARNING_DAYS = tuple(date(2011, 10, 17) + timedelta(days=7 * week) for week in range(7))
MEASURED_DAYS = (date(2012, 1, 9), date(2012, 1, 23), date(2012, 2, 6))
LEARNING_ENDS = MEASURED_DAYS[0]  # what happened later than this was not known when the points were chosen


@dataclass(slots=True)
class Loans:
    """The log in memory: (case, step, lifecycle, moment) in the order of the file, and the cases' own columns."""

    steps: list[tuple[str, str, str, datetime]]
    cases: dict[str, tuple[float, datetime]]

    def first(self, names: Iterable[str]) -> dict[str, datetime]:
        """Return when each case first came to one of the steps *names*."""
        wanted, found = set(names), dict[str, datetime]()
        for case, step, _, moment in self.steps:
            if step in wanted and (case not in found or moment < found[case]):
                found[case] = moment
        return found


def end_of(day: date) -> datetime:
    """Return the instant at which the local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZONE).astimezone(UTC)


def read_loans(folder: Path) -> Loans:
    with (folder / "bpic12_cases.csv").open(encoding="utf-8", newline="") as file:
        cases = {
            row["case_id"]: (float(row["amount_req"]), datetime.fromisoformat(row["reg_date"]))
            for row in csv.DictReader(file)
        }
    with gzip.open(folder / "bpic12_events.csv.gz", "rt", encoding="utf-8", newline="") as file:
        steps = [
            (row["case_id"], row["activity"], row["lifecycle"], datetime.fromisoformat(row["timestamp"]))
            for row in csv.DictReader(file)
        ]
    return Loans(steps, cases)


def write_loans(loans: Loans, cases: Iterable[str], folder: Path) -> dict[str, Path]:
    """Write leads.csv, events.csv and outcomes.csv of *cases*: all that ever happened to them, dated.

    What lies after the day of a score is left to Leadline to leave out: that is part of what is tried here.
    """
    chosen = set(cases)
    paths = {name: folder / f"{name}.csv" for name in ("leads", "events", "outcomes")}
    with paths["leads"].open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("lead_id", "amount_req", "created_at"))
        writer.writerows(
            (case, amount, registered.isoformat())
            for case, (amount, registered) in loans.cases.items()
            if case in chosen
        )
    with (
        paths["events"].open("w", encoding="utf-8", newline="") as events_file,
        paths["outcomes"].open("w", encoding="utf-8", newline="") as outcomes_file,
    ):
        events, outcomes = csv.writer(events_file), csv.writer(outcomes_file)
        events.writerow(("lead_id", "event", "lifecycle", "occurred_at"))
        outcomes.writerow(("lead_id", "outcome", "at"))
        for case, step, lifecycle, moment in loans.steps:
            if case not in chosen:
                continue
            if step in DECISIONS:
                outcomes.writerow((case, DECISIONS[step], moment.isoformat()))
            elif step not in OUTCOME_STEPS:
                events.writerow((case, step, lifecycle, moment.isoformat()))
    return paths


def open_on(loans: Loans, day: date) -> set[str]:
    """Return the cases that were registered and not decided when *day* was over."""
    decided = loans.first(DECISIONS)
    instant = end_of(day)
    return {
        case
        for case, (_, registered) in loans.cases.items()
        if registered < instant and not (case in decided and decided[case] < instant)
    }


def later_cases(loans: Loans) -> list[str]:
    """Return the cases that no number was chosen from: registered in December 2011 or later."""
    return [case for case, (_, registered) in loans.cases.items() if registered.astimezone(ZONE).date() >= SPLIT]


def learn_loans(loans: Loans) -> list[tuple[str, str, int, int]]:
    """Return (sign, value, leads, converted) among the open earlier cases, on seven Mondays together.

    The points of the playbook were chosen by a person who looked at these rates, and at nothing of the later cases.
    """
    activated = loans.first([CONVERTED])
    later = set(later_cases(loans))
    history: dict[str, list[tuple[str, str, datetime]]] = {}
    for case, step, lifecycle, moment in loans.steps:
        history.setdefault(case, []).append((step, lifecycle, moment))
    leads, good = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for day in LEARNING_DAYS:
        instant = end_of(day)
        for case in open_on(loans, day) - later:
            converts = case in activated and activated[case] < end_of(LEARNING_ENDS)
            past = [entry for entry in history[case] if entry[2] < instant]
            for sign in _signs(past, loans.cases[case][0], day):
                leads[sign] += 1
                good[sign] += converts
    return [(sign, value, leads[sign, value], good[sign, value]) for sign, value in sorted(leads)]


def _signs(past: list[tuple[str, str, datetime]], amount: float, day: date) -> list[tuple[str, str]]:
    """Return what a person would look at in the history of one case."""

    def age(step: str) -> int | None:
        moments = [moment for name, _, moment in past if name == step]
        return (day - max(moments).astimezone(ZONE).date()).days if moments else None

    def done(step: str) -> int:
        return sum(name == step and lifecycle == "COMPLETE" for name, lifecycle, _ in past)

    sent, back, accepted = age("O_SENT"), age("O_SENT_BACK"), age("A_PREACCEPTED")
    quiet = (day - max(moment for _, _, moment in past).astimezone(ZONE).date()).days
    bounds = [bound for bound in (0, 5000, 10000, 20000, 40000) if amount >= bound]
    signs = [
        ("all", ""),
        ("days since the last step", f"{min(quiet // 3 * 3, 12):02}"),
        ("amount from", f"{bounds[-1]:05}"),
        ("came by the lead desk", "yes" if done("W_Afhandelen leads") else "no"),
    ]
    if back is not None:
        signs.append(("offer came back, days ago", f"{min(back // 7 * 7, 28):02}"))
        signs.append(("… and a missing paper was asked for", "yes" if done("W_Nabellen incomplete dossiers") else "no"))
    elif sent is not None:
        signs.append(("offer is out, days ago", f"{min(sent // 7 * 7, 28):02}"))
        signs.append(("… and calls about it", f"{min(done('W_Nabellen offertes'), 6)}"))
        signs.append(("… and an earlier offer was withdrawn", "yes" if done("O_CANCELLED") else "no"))
    elif accepted is not None:
        signs.append(("no offer yet, accepted days ago", f"{min(accepted // 5 * 5, 20):02}"))
        signs.append(("… and calls to complete it", f"{min(done('W_Completeren aanvraag'), 6)}"))
    return signs


# -- scoring and the lift table -------------------------------------------------------------------------------


def run_leadline(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line of this checkout; raise with what it said when it fails."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "leadline", *map(str, arguments)], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        raise RuntimeError(f"leadline {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
    return done


def read_scores(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def score_x_education(rows: Sequence[dict[str, str]], folder: Path) -> list[dict[str, str]]:
    """Return the scored leads; the day is any day, since nothing here is dated."""
    leads, out = write_x_education(rows, folder), folder / "scores.csv"
    run_leadline("score", PLAYBOOKS / "x_education.toml", "--leads", leads, "--as-of", "2020-01-01", "--out", out)
    return read_scores(out)


def score_loans(paths: dict[str, Path], day: date, folder: Path) -> list[dict[str, str]]:
    out = folder / f"scores-{day}.csv"
    inputs = [part for name, path in paths.items() for part in (f"--{name}", path)]
    run_leadline("score", PLAYBOOKS / "bpic12.toml", *inputs, "--as-of", day, "--out", out)
    return read_scores(out)


@dataclass(frozen=True, slots=True)
class Step:
    """The best *share* percent of a ranking: how many leads, how many of them converted later, of how many in all."""

    share: int
    leads: int
    converted: int
    all_leads: int
    all_converted: int

    @property
    def lift(self) -> float:
        """How many times more often they converted than all leads together."""
        return (self.converted / self.leads) / (self.all_converted / self.all_leads)


def rank(scores: Iterable[dict[str, str]], column: str) -> list[str]:
    """Return lead ids, best score first, ties by id."""
    return [row["lead_id"] for row in sorted(scores, key=lambda row: (-float(row[column]), row["lead_id"]))]


def lift_table(ranking: Sequence[str], converted: set[str]) -> list[Step]:
    """Return the steps of `SHARES`; a share is rounded to whole leads.

    >>> [step.lift for step in lift_table([str(n) for n in range(10)], {"0", "4"})]
    [5.0, 2.5, 1.6666666666666665, 1.25, 2.0]
    """
    total = sum(lead in converted for lead in ranking)
    steps = []
    for share in SHARES:
        best = ranking[: round(len(ranking) * share / 100)]
        steps.append(Step(share, len(best), sum(lead in converted for lead in best), len(ranking), total))
    return steps


def measure_x_education(folder: Path, scratch: Path) -> dict[str, list[Step]]:
    """Return the lift among the later half, and among those of them who did not come by the Lead Add Form."""
    _, later = read_x_education(folder)
    ranking = rank(score_x_education(later, scratch), "promise")
    converted = {row["Lead Number"] for row in later if row["Converted"] == "1"}
    added = {row["Lead Number"] for row in later if row["Lead Origin"] == "Lead Add Form"}
    return {
        "All later leads": lift_table(ranking, converted),
        "Later leads that did not come by the Lead Add Form": lift_table(
            [lead for lead in ranking if lead not in added], converted
        ),
    }


def measure_loans(folder: Path, scratch: Path) -> dict[date, list[Step]]:
    """Return the lift on each measured day, among the later cases open on that day; converted is activated after it."""
    loans = read_loans(folder)
    activated = loans.first([CONVERTED])
    later = set(later_cases(loans))
    tables = {}
    for day in MEASURED_DAYS:
        there = {case for case in later if loans.cases[case][1] < end_of(day)}
        scores = score_loans(write_loans(loans, there, scratch), day, scratch)
        undecided = [row for row in scores if row["excluded_by"] != "decided"]
        converted = {case for case, moment in activated.items() if moment >= end_of(day)}
        tables[day] = lift_table(rank(undecided, "progress"), converted)
    return tables


# -- the page -------------------------------------------------------------------------------------------------


def _table(steps: Sequence[Step]) -> str:
    whole = steps[0]
    lines = [
        "| the best | leads | of them converted later | rate | of all later converters | lift |",
        "|---|---|---|---|---|---|",
        *(
            f"| {step.share} % | {step.leads:,} | {step.converted:,} | {step.converted / step.leads:.1%} "
            f"| {step.converted / step.all_converted:.1%} | {step.lift:.2f} |"
            for step in steps
        ),
        f"| all | {whole.all_leads:,} | {whole.all_converted:,} | {whole.all_converted / whole.all_leads:.1%} "
        "| 100.0% | 1.00 |",
    ]
    return "\n".join(lines)


def write_page(x_education: dict[str, list[Step]], loans: dict[date, list[Step]], rates: str) -> str:
    """Return docs/real-data.md, with the numbers measured."""
    template = (Path(__file__).parent / "page.txt").read_text(encoding="utf-8")
    parts = {
        "{x_education}": [f"**{title}**\n\n{_table(steps)}" for title, steps in x_education.items()],
        "{loans}": [f"**As of {day}**\n\n{_table(steps)}" for day, steps in loans.items()],
        "{rates}": [rates],
    }
    for place, texts in parts.items():
        template = template.replace(place, "\n\n".join(texts))
    return template


def loan_rates(loans: Loans) -> str:
    """Return the rates that the points of bpic12.toml were chosen from, as a table."""
    lines = ["| sign | value | leads | converted | rate |", "|---|---|---|---|---|"]
    for sign, value, leads, converted in learn_loans(loans):
        lines.append(f"| {sign} | {value} | {leads:,} | {converted:,} | {converted / leads:.1%} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """Print what the points were learned from, or measure and write the page."""
    verb, folder = arguments[0], Path(arguments[1])
    if verb == "learn":
        for learned in learn_x_education(read_x_education(folder)[0]):
            rate = f"{learned.converted} of {learned.leads}"
            sys.stdout.write(f"{learned.field} = {learned.value}: {rate}, {learned.points:+} points\n")
        sys.stdout.write(loan_rates(read_loans(folder)) + "\n")
    elif verb == "measure":
        with tempfile.TemporaryDirectory() as scratch:
            x_education = measure_x_education(folder, Path(scratch))
            loans = measure_loans(folder, Path(scratch))
        PAGE.write_text(write_page(x_education, loans, loan_rates(read_loans(folder))), encoding="utf-8")
        sys.stdout.write(f"wrote {PAGE}\n")
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
