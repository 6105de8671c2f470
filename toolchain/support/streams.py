"""Standard output and error as this computer has them, and what its system refuses.

Names from outside are made harmless elsewhere (text.py); this is about a terminal whose
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


def refused(error: OSError) -> str:
    """The sentence for what the system refuses: a file by name (its folder may not be entered, its
    name may be too long), or the output, when the disk is full. Others are defects: raised again.
    """
    if error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror or error}"
    if error.errno not in _FULL:
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what Python still holds when it ends
    return f"the output: cannot be written: {error.strerror}"
