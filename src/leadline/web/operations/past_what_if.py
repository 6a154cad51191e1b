"""The child that finds out one what-if over the past: ``python -m leadline.web.operations.past_what_if PK LEASE FOLDER``."""

import logging
import os
import sys
from pathlib import Path


def main() -> None:
    """Find it out, and store it while it is wanted."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.web.config.settings")
    django.setup()
    from leadline.web.assessments.past.run import TakenError, find_out

    pk, lease, folder = sys.argv[1:]
    try:
        find_out(int(pk), lease, Path(folder))
    except TakenError:
        logging.getLogger("leadline.past_what_ifs").info("Past what-if %s was taken away", pk)


if __name__ == "__main__":
    main()
