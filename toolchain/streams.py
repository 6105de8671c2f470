"""Standard output and standard error as this computer has them: other letters, no space left.

Names from outside are made harmless elsewhere (toolchain/text.py); this is about a terminal whose
encoding lacks a letter of theirs, and about output that goes to a full disk.
"""

from __future__ import annotations

import errno
import io
import os
import sys

_FULL = (errno.ENOSPC, errno.EDQUOT)


def prepare() -> None:
    r"""Letters that the terminal's encoding lacks are written as \xNN or \uNNNN."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def finish() -> None:
    """Write out what was printed; OSError if it does not go."""
    if sys.stdout is not None:
        sys.stdout.flush()


def no_space(error: OSError) -> str:
    """The sentence for a full disk, be it the output's; any other error is a defect: raised."""
    if error.errno not in _FULL:
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what Python still holds when it ends
    return f"{error.filename or 'the output'}: cannot be written: {error.strerror}"
