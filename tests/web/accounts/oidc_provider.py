"""A small OpenID Connect provider on loopback, which can be told to lie: discovery, keys, authorize, token."""

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "leadline", "a secret of the test"
KEY = RSAKey.generate_key(2048, {"kid": "of-the-test", "use": "sig", "alg": "RS256"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "of-the-test"}, private=True)


class Provider:
    """Vouches for one person at a time.

    claims:     what it says in the ID token beside what every token has; None leaves a claim out.
    metadata:   what it says of itself beside what is so.
    userinfo:   what it tells beside the token.
    """

    def __init__(self):
        self.claims, self.metadata, self.userinfo = {}, {}, {}
        self.key, self.header, self.sends_id_token = KEY, {"alg": "RS256", "kid": "of-the-test"}, True
        self.asked, self.codes = [], {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": self}))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def discover(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }

    def authorize(self, query):
        """Sign the person in without asking; return where the browser goes."""
        self.asked.append(query)
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form):
        query = self.codes.pop(form["code"])
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "person-1",
            "iat": now,
            "exp": now + 300,
            "nonce": query["nonce"],
            "email_verified": True,
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        answer = {"access_token": "opens nothing", "token_type": "Bearer", "expires_in": 300}
        if self.sends_id_token:
            answer["id_token"] = jwt.encode(self.header, told, self.key, algorithms=[self.header["alg"]])
        return answer


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                self.answer(self.provider.discover())
            case "/keys":
                self.answer({"keys": [KEY.as_dict(private=False)]})
            case "/userinfo":
                self.answer(self.provider.userinfo)
            case "/authorize":
                self.send_response(302)
                self.send_header("Location", self.provider.authorize(query))
                self.end_headers()
            case _:
                self.send_error(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(self.provider.token({name: values[0] for name, values in parse_qs(body).items()}))

    def answer(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
