"""A page and its stream of events on 127.0.0.1: the only module that knows Bottle.

Whoever is to see it needs the token in its address, which is new each time; a page of another site
that finds the port finds nothing else. A request that names another host is refused, so that no
name that somebody points at 127.0.0.1 reads it either. Nothing is taken from a request but these.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
import socketserver
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from bottle import Bottle, HTTPResponse, request

from hearth.toolchain.live.feed import Feed
from hearth.toolchain.support.errors import HearthError

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost")
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _Threads(socketserver.ThreadingMixIn, WSGIServer):
    """A thread for each request: an event stream lasts as long as its reader."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: addresses hold the token."""


@contextlib.contextmanager
def running(page: str, feed: Feed, port: int = 0) -> Iterator[str]:
    """Serve `page` and the events of `feed`; yields its address. `port` 0: any that is free.
    HearthError where the port cannot be had."""
    token = secrets.token_urlsafe(16)
    try:
        server = make_server(HOST, port, Bottle(), _Threads, _Quiet)
    except OSError as error:
        raise HearthError(f"--at {port}: {_reason(error)}") from None
    found = server.server_address[1]
    server.set_app(_app(page, feed, token, found))
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{found}/{token}/"
    finally:
        feed.close()
        server.shutdown()
        server.server_close()
        thread.join()


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program has this port; give another, or none for any that is free"
    if error.errno == errno.EACCES:
        return "ports below 1,024 are the system's; give one above"
    return f"cannot be had ({error.strerror})"


def _app(page: str, feed: Feed, token: str, port: int) -> Any:
    app = Bottle()
    hosts = {f"{name}:{port}" for name in _NAMES}

    def check() -> None:
        """Before every request, whatever it asks for."""
        given = request.path.partition("/")[2].partition("/")[0]
        known = secrets.compare_digest(given.encode(), token.encode())
        if not known or request.get_header("Host") not in hosts:
            raise HTTPResponse(
                "This address is not for you.\n", 403, {"Content-Type": "text/plain"}
            )

    def show() -> HTTPResponse:
        return HTTPResponse(page, 200, {**_HEADERS, "Content-Type": "text/html; charset=utf-8"})

    def events() -> HTTPResponse:
        kind = {"Content-Type": "text/event-stream"}
        return HTTPResponse(_events(feed), 200, {**_HEADERS, **kind})

    app.add_hook("before_request", check)
    app.route(f"/{token}/", "GET", show)
    app.route(f"/{token}/events", "GET", events)
    return app


def _events(feed: Feed) -> Iterator[bytes]:
    """Server-sent events (HTML standard, 9.2): texts are JSON, so that they hold no line break."""
    yield b": begins\n\n"
    for text in feed.read():
        yield b": nothing new\n\n" if text is None else f"data: {text}\n\n".encode()
