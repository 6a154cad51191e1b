"""`leadline worker`: the work behind the pages."""

import click

from leadline.cli.app import data_option, setup_app
from leadline.cli.command import Command


@click.command(cls=Command, short_help="Do the work behind the pages; more of them on PostgreSQL share it.")
@data_option
def worker(data: str | None) -> None:
    """Take in what was sent, assess leads, run imports, prepare versions: all that pages do not wait for.

    \b
    Examples:
      leadline worker
      DATABASE_URL=postgresql://leadline@localhost/leadline leadline worker

    `leadline up` has one already. On PostgreSQL, more share the work, also from other machines. Stopped by Ctrl-C or SIGTERM, after
    what is being done; killed, it loses nothing. Its log goes to stderr.
    """
    setup_app(data)
    from leadline.web.operations.worker import run_worker

    run_worker()
