"""Where the command `hearth` begins: while the program loads, Ctrl-C is quiet too.

Nothing has been made by then, so the process ends at once. The command line itself is main.py.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Load the command line and run it."""
    listening = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    try:
        if listening:
            signal.signal(signal.SIGINT, _stop)
        cli = importlib.import_module("hearth.toolchain.cli.main")
        if listening:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main()
    except KeyboardInterrupt:  # in cli.main, but outside what it guards
        _stop(signal.SIGINT, None)
    finally:
        if listening:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the end is a matter of milliseconds


def _stop(number: int, frame: FrameType | None) -> None:
    """End now: an exception could be swallowed by a module that is being loaded."""
    print("hearth: interrupted", file=sys.stderr, flush=True)
    os._exit(INTERRUPTED)
