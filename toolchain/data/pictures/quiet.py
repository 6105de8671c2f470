"""What decoders say on their own: libtiff writes to standard error, behind Python's back.

It is kept from there and handed to the caller, who can name the file it is about.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator

_STDERR = 2


@contextlib.contextmanager
def listened() -> Iterator[list[str]]:
    """Lines that appeared on standard error meanwhile, filled in when the block ends."""
    said: list[str] = []
    with contextlib.ExitStack() as stack:
        try:
            saved = os.dup(_STDERR)
        except OSError:  # there is no standard error: nothing to keep from it
            yield said
            return
        stack.callback(os.close, saved)
        sink = stack.enter_context(tempfile.TemporaryFile())
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(sink.fileno(), _STDERR)
        try:
            yield said
        finally:
            os.dup2(saved, _STDERR)
            sink.seek(0)
            lines = sink.read(1 << 16).decode(errors="replace").splitlines()
            # A progress bar that was drawn meanwhile holds escape sequences.
            said.extend(line.strip() for line in lines if line.strip() and "\x1b" not in line)


@contextlib.contextmanager
def unlogged() -> Iterator[None]:
    """Without Pillow's log messages, which repeat what its exceptions say."""
    logger = logging.getLogger("PIL")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
