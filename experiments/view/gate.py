"""Who may talk to the live view: nobody but the browser that was given the printed address.

A server on localhost is open to every page that the browser shows: a page can send it requests, open its websockets,
and, with a name of its own that points to this machine, pass for it.  :class:`Gate` stands around the server's ASGI app
and lets through what names this server (``Host``), comes from its own page (``Origin``, ``Sec-Fetch-Site``) and carries
the token of the printed address, first in the address, then in a cookie that scripts cannot read.  What comes through
is bounded: paths that the page needs, text messages of some kilobytes, so many connections and worlds.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
MOST_MESSAGE_BYTES = 64 * 1024
"""Largest websocket message taken; the page's own have some hundred bytes, a refresh of all widgets some thousand."""
MOST_SOCKETS = 16
"""Websockets open at once: two for each world, as when a page connects again before its old connection is gone."""
MOST_WORLDS = 8
TOKEN = "token"
"""Name of the token in the address."""

_READS = ("GET", "HEAD")
_PARTS = ("/static/", "/_solara/cdn/", "/jupyter/nbextensions/")
_CLOSE = "/_solara/api/close/"
_KERNELS = "/jupyter/api/kernels/"
_NOT_TEXT, _TOO_BIG = 1003, 1009
_UNKNOWN_PATH = "There is nothing here."


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let through.

    Attributes
    ----------
    status : of HTTP.
    reason : a sentence for the person in front of the browser.
    """

    status: int
    reason: str


class Gate:
    """ASGI middleware around the app of the live view.

    Parameters
    ----------
    app : what is guarded.
    token : the secret of the printed address.
    cookie : name of the cookie that keeps the token.
    names : names by which the server may be called, as they stand in ``Host`` without the port; IPv6 in brackets.
    worlds : gives the ids of the worlds that are kept.
    """

    def __init__(
        self,
        app: App,
        token: str,
        cookie: str,
        names: Iterable[str] = LOCAL_NAMES,
        worlds: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._app, self._token, self._cookie, self._worlds = app, token.encode(), cookie, worlds
        self._names = frozenset(name.lower() for name in names)
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let a connection through to the app, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        headers, host = _headers(scope), _first(scope, b"host")
        refusal = self._refused_name(scope) or self._refused_request(scope, host)
        if refusal is None and scope["path"] == "/" and self._token_in_address(scope):
            await _answer(
                send, 200, _HOP, "text/html", [(b"set-cookie", self._set_cookie()), *_guards(host, b"no-referrer")]
            )
            return
        if refusal is None and not self._has_cookie(headers):
            refusal = Refusal(403, "Open the address that `itcho view` printed when it started: it holds the key.")
        if refusal is None and scope["path"] == "/" and len(self._taken()) >= MOST_WORLDS:
            refusal = Refusal(
                503, f"{MOST_WORLDS} worlds are open, which is the most: close a tab and reload this one."
            )
        if refusal is not None:
            await _answer(
                send, refusal.status, refusal.reason, "text/plain", [*_guards(host), (b"connection", b"close")]
            )
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_guards(host)]
            await send(message)

        await self._app(scope, receive, guarded)

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        world, _, channel = scope["path"].removeprefix(_KERNELS).partition("/")
        known = scope["path"].startswith(_KERNELS) and world and channel == "channels"
        own = _values(scope, b"origin") == [_origin(scope)]
        allowed = known and own and not self._refused_name(scope) and self._has_cookie(_headers(scope))
        full = self._open.total() >= MOST_SOCKETS or (world not in self._taken() and len(self._taken()) >= MOST_WORLDS)
        if not allowed or full:
            await receive()
            await send({"type": "websocket.close"})
            return
        self._open[world] += 1
        try:
            await _bounded(self._app, scope, receive, send)
        finally:
            self._open -= Counter([world])

    def _refused_name(self, scope: Message) -> Refusal | None:
        hosts = _values(scope, b"host")
        if len(hosts) == 1 and _name(hosts[0]) in self._names:
            return None
        return Refusal(421, "This server does not go by that name.")

    def _refused_request(self, scope: Message, host: str) -> Refusal | None:
        """A request from elsewhere, or for what the page does not need."""
        method, path = scope["method"], scope["path"]
        origins = _values(scope, b"origin")
        if origins not in ([], [f"http://{host}"]) or (method not in _READS and not origins):
            return Refusal(403, "Only the page of this server may ask that.")
        if _first(scope, b"sec-fetch-site") in ("cross-site", "same-site") and not (
            # An address that is clicked somewhere, such as in a terminal in the browser, brings its token along.
            _first(scope, b"sec-fetch-mode") == "navigate" and path == "/" and self._token_in_address(scope)
        ):
            return Refusal(403, "Only the page of this server may ask that.")
        if method in _READS and (path == "/" or path.startswith(_PARTS)):
            return None
        if method == "POST" and path.startswith(_CLOSE):
            return None
        return Refusal(404, _UNKNOWN_PATH)

    def _token_in_address(self, scope: Message) -> bool:
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get(TOKEN, [])
        return len(given) == 1 and self._is_token(given[0])

    def _has_cookie(self, headers: list[tuple[bytes, bytes]]) -> bool:
        pairs = (
            pair.strip().partition("=")
            for name, value in headers
            if name == b"cookie"
            for pair in value.decode("latin-1").split(";")
        )
        return any(self._is_token(value) for name, _, value in pairs if name == self._cookie)

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token)

    def _set_cookie(self) -> bytes:
        return b"%b=%b; Path=/; HttpOnly; SameSite=Strict" % (self._cookie.encode(), self._token)

    def _taken(self) -> set[str]:
        """Ids of worlds that are kept or about to be built."""
        return {*self._worlds(), *self._open}


async def _bounded(app: App, scope: Message, receive: Receive, send: Send) -> None:
    """Run the app on a websocket that takes text of a bounded length and nothing else."""
    closed = False

    async def taken() -> Message:
        nonlocal closed
        message = await receive()
        text = message.get("text")
        wrong = 0
        if message["type"] == "websocket.receive" and text is None:
            wrong = _NOT_TEXT
        elif text is not None and (len(text) > MOST_MESSAGE_BYTES or len(text.encode()) > MOST_MESSAGE_BYTES):
            wrong = _TOO_BIG
        if wrong and not closed:
            closed = True
            await send({"type": "websocket.close", "code": wrong})
        return {"type": "websocket.disconnect", "code": wrong} if wrong else message

    async def sent(message: Message) -> None:
        if not closed:
            await send(message)

    await app(scope, taken, sent)


async def _answer(send: Send, status: int, text: str, kind: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
    body = text.encode()
    plain = [(b"content-type", f"{kind}; charset=utf-8".encode()), (b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": status}
    await send(start | {"headers": [*plain, (b"cache-control", b"no-store"), *headers]})
    await send({"type": "http.response.body", "body": body})


_HOP = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">
<link rel="icon" href="data:,"><title>itcho</title>
<p><a href="/">Open the view</a></p>
"""
"""Leads to the page without the token in its address.  The step is the page's own, so that the browser sends the cookie
also where the address was clicked on another site; after a redirect it would not."""


def _guards(host: str, referrer: bytes = b"same-origin") -> list[tuple[bytes, bytes]]:
    """Headers that keep pages of other origins from embedding, framing or reading what is served."""
    policy = (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
        f"connect-src 'self' ws://{host}; frame-ancestors 'none'; base-uri 'self'; form-action 'none'"
    )
    return [
        (b"content-security-policy", policy.encode("latin-1", "ignore")),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"referrer-policy", referrer),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
    ]


def _headers(scope: Message) -> list[tuple[bytes, bytes]]:
    return [(bytes(name).lower(), bytes(value)) for name, value in scope["headers"]]


def _values(scope: Message, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in _headers(scope) if name == wanted]


def _first(scope: Message, wanted: bytes) -> str:
    return next(iter(_values(scope, wanted)), "")


def _origin(scope: Message) -> str:
    return f"http://{_first(scope, b'host')}"


def _name(host: str) -> str:
    """Name or address in a ``Host`` header, without the port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()
