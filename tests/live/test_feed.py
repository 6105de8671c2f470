"""The newest text for every reader, and nothing kept for the slow."""

from __future__ import annotations

import contextlib
import random
import signal
import threading

from hearth.toolchain.live.feed import Feed


def test_a_slow_reader_is_given_the_newest() -> None:
    feed = Feed()
    reader = feed.read(0.001)
    assert next(reader) is None  # nothing yet
    feed.put("a")
    assert next(reader) == "a"
    for text in "bcd":
        feed.put(text)
    assert next(reader) == "d"
    assert next(reader) is None
    late = feed.read(0.001)
    assert next(late) == "d"
    feed.put("e")
    feed.close()
    assert list(reader) == []
    assert list(late) == []


def test_readers_in_threads_end_with_the_feed() -> None:
    feed = Feed()
    seen: list[list[str | None]] = [[], []]

    def collect(place: int) -> None:
        seen[place].extend(feed.read())

    threads = [threading.Thread(target=collect, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    feed.wait_for_a_reader()
    feed.put("last")
    while not all(seen):
        pass
    feed.close()
    for thread in threads:
        thread.join()
    assert seen == [["last"], ["last"]]


def test_an_interrupt_leaves_nothing_locked() -> None:
    """Ctrl-C at any moment of `put`: the feed can be closed, and readers end."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    moments = random.Random(1)
    try:
        for _ in range(200):
            feed = Feed()
            with contextlib.suppress(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(2e-5, 2e-4))
                while True:
                    feed.put("told")
            closing = threading.Thread(target=feed.close, daemon=True)
            closing.start()
            closing.join(10)
            assert not closing.is_alive()
    finally:
        signal.signal(signal.SIGALRM, before)
