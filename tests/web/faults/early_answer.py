"""A control that must be caught: a server that acknowledges at once, and commits a moment later, if it lives so long."""

import io
import threading
import time

from leadline.web.config.wsgi import application as honest

DELAY_S = 0.3


def application(environ, start_response):
    """Answer 200 before anything was done; hand the request to the real application a little later."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    later = {**environ, "wsgi.input": io.BytesIO(body)}

    def work():
        time.sleep(DELAY_S)
        for _ in honest(later, lambda *_: None):
            pass

    threading.Thread(target=work, daemon=True).start()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"success": true}']
