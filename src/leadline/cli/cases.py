"""`leadline test`: the cases beside a playbook."""

import click

from leadline.cli import show
from leadline.cli.command import FOUND, Command, wants_json
from leadline.cli.options import playbook_argument


@click.command(cls=Command, short_help="Run the cases of a playbook: leads that everybody agrees on.")
@playbook_argument
@click.argument("cases", metavar="[CASES]", required=False, type=click.Path())
def test(playbook: str, cases: str | None) -> None:
    """Run the cases of a playbook: leads that everybody agrees on, each with what must come out.

    \b
    Examples:
      leadline test playbook.toml
      leadline test playbook.toml more-cases.toml
      leadline test playbook.toml --json

    CASES is cases.toml beside the playbook when left out. A case that fails shows what was expected, what was found and
    why. Exits with 1 when one fails, with 2 when the playbook or the cases cannot be read.
    """
    from leadline.engine.cases.run import run_cases

    results = run_cases(playbook, cases)
    failed = [one for one in results if not one.passed]
    if wants_json():
        records = [one.to_dict() for one in results]
        show.record({"passed": len(results) - len(failed), "failed": len(failed), "cases": records})
    else:
        for result in results:
            first, *more = result.lines()
            show.line(first, fg="green" if result.passed else "red")
            for text in more:
                show.line(text)
        summary = f"{show.counted(len(results), 'case')}: "
        summary += f"{len(failed)} failed" if failed else "all passed"
        show.line(summary, bold=True, fg="red" if failed else "green")
    click.get_current_context().exit(FOUND if failed else 0)
