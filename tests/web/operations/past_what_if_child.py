"""What `test_past_what_ifs.py` runs in place of the child: it writes a file, and waits, ends or dies as it is told."""

import os
import signal
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    _, _, folder = sys.argv[1:]
    (Path(folder) / "events.jsonl").write_text("{}\n", encoding="utf-8")
    match os.environ["PAST_WHAT_IF_CHILD"]:
        case "wait":
            time.sleep(60)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
