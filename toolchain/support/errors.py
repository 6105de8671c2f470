"""The one exception a user's mistake raises.

Every check on input from outside (a model file, an image, an option) raises `HearthError` with one
sentence that names the file, node or option, what was expected, what was found and what to do. The
command line prints that sentence and exits with status 2; any other exception is a defect of ours.
What a sentence quotes may come from a hostile file: it is made printable and kept short here.
"""

from hearth.toolchain.support.text import printable, shortened

LONGEST = 1000
"""Characters of a sentence."""


class HearthError(Exception):
    """A mistake in what the user gave us, told in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(shortened(printable(" ".join(message.split())), LONGEST))
