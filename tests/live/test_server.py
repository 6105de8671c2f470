"""The page and its events, to whoever has the address and to nobody else."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from hearth.toolchain.live import server
from hearth.toolchain.live.feed import Feed
from hearth.toolchain.support.errors import HearthError

PAGE = "<p>here</p>"


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def address(feed: Feed) -> Iterator[str]:
    with server.running(PAGE, feed) as found:
        yield found


def asked(
    address: str, path: str, host: str | None = None, method: str = "GET"
) -> http.client.HTTPResponse:
    """The server's answer; `host` in place of the address's own."""
    place = urlsplit(address)
    link = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
    link.putrequest(method, path, skip_host=True)
    link.putheader("Host", host or place.netloc)
    link.endheaders()
    return link.getresponse()


def test_who_has_the_address_is_shown_the_page(address: str) -> None:
    answer = asked(address, urlsplit(address).path)
    assert (answer.status, answer.read().decode()) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Access-Control-Allow-Origin"] is None
    port = urlsplit(address).port
    assert asked(address, urlsplit(address).path, f"localhost:{port}").status == 200


def test_others_are_refused(address: str) -> None:
    path, port = urlsplit(address).path, urlsplit(address).port
    for other in ("/", "/events", "/x/", "/x/events", path[:-2], f"/x{path}", "/%ff/", "//"):
        assert asked(address, other).status == 403, other
    for host in ("example.org", f"example.org:{port}", "127.0.0.1", f"127.0.0.1:{port}0", ""):
        answer = asked(address, f"{path}events", host or "x")
        assert answer.status == 403, host
        assert PAGE not in answer.read().decode()
    assert asked(address, f"{path}else").status == 404
    assert asked(address, path, method="POST").status == 405


def test_addresses_differ() -> None:
    with server.running(PAGE, Feed()) as one, server.running(PAGE, Feed()) as other:
        paths = {urlsplit(address).path for address in (one, other)}
    assert len(paths) == 2
    assert all(len(path) >= 22 for path in paths)
    assert all(urlsplit(address).hostname == "127.0.0.1" for address in (one, other))


def test_events_as_they_come(address: str, feed: Feed) -> None:
    answer = asked(address, f"{urlsplit(address).path}events")
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.readline() == b": begins\n"
    feed.wait_for_a_reader()
    for text in ('{"a": "ü"}', "2"):
        feed.put(text)
        lines = iter(answer.readline, b"")
        assert (
            next(line for line in lines if line.startswith(b"data")).decode() == f"data: {text}\n"
        )
    feed.close()
    assert not [line for line in answer.read().split(b"\n") if line.startswith(b"data")]


def test_a_reader_who_leaves_stops_nobody(address: str, feed: Feed) -> None:
    path = f"{urlsplit(address).path}events"
    left, stays = asked(address, path), asked(address, path)
    left.readline()
    stays.readline()
    left.close()
    for number in range(200):  # more than a socket holds back of a reader who is gone
        feed.put(f'"{number}{"x" * 10_000}"')
    feed.put('"end"')
    assert any(line == b'data: "end"\n' for line in iter(stays.readline, b""))


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind((server.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(HearthError, match=f"--at {port}: another program has this port"),
            server.running(PAGE, Feed(), port),
        ):
            pass
