"""Runs one program in a process of its own and says what it took: wall clock, processor time and peak memory.

TRICKY: the peak that Linux tells of a process begins with what its parent had in memory, so whoever measures stays small.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run took.

    wall_s, cpu_s: seconds, processor time of all threads together. peak_mb: the most memory that was resident at once.
    outcome: ok, too slow (it was ended after the limit), or failed.
    """

    wall_s: float
    cpu_s: float
    peak_mb: int
    outcome: str
    output: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def measure(module: str, *arguments: object, limit_s: float = 600) -> Measured:
    """Run ``python -m module arguments`` and end it after *limit_s* seconds."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    root = Path(__file__).parent.parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    with tempfile.TemporaryFile("w+") as output:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
        is_late = False
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - start > limit_s and not is_late:
                os.killpg(process.pid, signal.SIGKILL)
                is_late = True
            time.sleep(0.02)
        wall_s = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().strip()
    outcome = "too slow" if is_late else "ok" if process.returncode == 0 else "failed"
    return Measured(
        wall_s=round(wall_s, 2),
        cpu_s=round(usage.ru_utime + usage.ru_stime, 2),
        peak_mb=usage.ru_maxrss // 1024,
        outcome=outcome,
        output=text[-2000:],
    )
