"""How a line of the log is written: what a visitor did is one line, whatever they sent; what we did wrong has its stack trace.

A refused role, a stale form, an address that is not there, a body that cannot be read, a foreign host: nothing of it is to be mended in
the program. Guarded by tests/web/test_log_lines.py.
"""

import copy
import logging
import re

_ENDS_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SERVER_ERROR = 500


class LineFormatter(logging.Formatter):
    """Leaves the stack trace out of the record of an answer below 500, and never calls it an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record. Control characters of what a visitor sent are written as escapes."""
        if getattr(record, "status_code", _SERVER_ERROR) >= _SERVER_ERROR:
            return super().format(record)
        told = copy.copy(record)
        told.msg = _ENDS_A_LINE.sub(lambda sign: ascii(sign[0])[1:-1], record.getMessage())
        told.args = told.exc_info = told.exc_text = told.stack_info = None
        if told.levelno > logging.WARNING:
            told.levelno, told.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return super().format(told)
