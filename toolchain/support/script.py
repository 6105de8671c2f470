"""How programs run by `python -m` end: a user's mistake is one line and exit status 2."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

from hearth.toolchain.support.errors import HearthError

INTERRUPTED = 130


def run(main: Callable[[], int | None]) -> NoReturn:
    """Call `main` and leave with the status it returns."""
    try:
        status = main() or 0
    except HearthError as error:
        print(error, file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = INTERRUPTED
    sys.exit(status)
