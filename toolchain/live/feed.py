"""The newest result, for as many readers as there are: who is slow sees fewer, and none is kept.

writer: put(a) put(b) put(c)        one place, always the newest
reader: a ............... c         b was gone before this reader asked again
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

BEAT = 5.0
"""Seconds of silence after which a reader is told that nothing is new."""


class Feed:
    """One text at a time from one writer to many readers, each in a thread of its own."""

    def __init__(self) -> None:
        # The lock itself is held below, never the condition: Ctrl-C between the steps of the
        # condition's __exit__, which is Python, would leave it locked for ever.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._text = ""
        self._count = 0
        self._closed = False
        self._read = False

    def put(self, text: str) -> None:
        """In place of what was before, whether anybody read it or not."""
        with self._lock:
            self._text, self._count = text, self._count + 1
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more comes: every reader ends."""
        with self._lock:
            self._closed = True
            self._changed.notify_all()

    def wait_for_a_reader(self) -> None:
        """Returns once somebody reads."""
        with self._lock:
            while not self._read:
                self._changed.wait(BEAT)

    def read(self, beat: float = BEAT) -> Iterator[str | None]:
        """The newest text, then each time a newer one; None after `beat` seconds without."""
        seen = 0
        while not self._closed:
            text, count = self._newer(seen, beat)
            if not self._closed:
                yield text if count > seen else None
            seen = count

    def _newer(self, seen: int, beat: float) -> tuple[str, int]:
        """What there is, and its number, once that is above `seen` or `beat` seconds are over."""
        with self._lock:
            self._read = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or self._count > seen, beat)
            return self._text, self._count
