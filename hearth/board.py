"""A network on a board, reached over its serial port; or on the virtual board, which needs none."""

from __future__ import annotations

import contextlib
import os
import weakref
from types import TracebackType

from hearth.api import Build, load
from hearth.classification import Classification, Images, classification, prepared, told
from hearth.toolchain.cli.connect import Connection, connect
from hearth.toolchain.host import compare
from hearth.toolchain.host.accelerator import Info
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import progress as reports
from hearth.toolchain.support.errors import HearthError


class Board:
    """An open connection to a board; closed by `close`, at the end of a `with`, or when dropped.

        with hearth.Board("/dev/ttyUSB0", build) as board:
            for answer in board.classify("photos"):
                print(answer.label, answer.cycles)

    The build gives answers their names and scores, and lets image files be prepared; a board that
    runs another one is refused. Without it frames must be ready and classes are numbers.
    """

    def __init__(
        self,
        port: str,
        build: Build | str | os.PathLike[str] | None = None,
        *,
        baud: int | None = None,
        progress: reports.Report = reports.silent,
    ) -> None:
        """Open `port`: a serial device, or "virtual", which builds a simulator of `build` on first
        use (minutes for a large network) and runs it in a process of its own.

        baud      bits per second, as board.json says; default 3,000,000
        progress  called with what is being done, steps done, and steps in all (0: unknown)

        HearthError when the port cannot be opened, nobody answers, or the board runs another build.
        """
        self._build = load(build) if isinstance(build, str | os.PathLike) else build
        saved = None if self._build is None else self._build.saved
        stack = contextlib.ExitStack()
        with told(), contextlib.ExitStack() as until_open:
            until_open.enter_context(stack)
            self._board = stack.enter_context(connect(saved, Connection(port, baud), progress))
            if saved is not None:
                compare.check_build(self._board, build_id(saved))
            until_open.pop_all()
        self._closing = weakref.finalize(self, stack.close)

    @property
    def info(self) -> Info:
        """What the board says about itself: size of its frames, classes, clock in kHz, build."""
        return self._board.info

    @property
    def faults(self) -> dict[str, int]:
        """Refusals and losses on the link since it was opened, all mended by sending again."""
        return dict(self._board.faults)

    def classify(self, images: Images) -> tuple[Classification, ...]:
        """Results of frames uint8 [n, height, width, 3], or of image files, in order.

        HearthError for frames of another size than the network's, when the board stays silent, and
        after `close`.
        """
        if not self._closing.alive:
            raise HearthError("the board was closed; open it again with hearth.Board(port)")
        network = None if self._build is None else self._build.saved.qgraph
        with told():
            results = list(self._board.results(prepared(images, network)))
        return tuple(classification(network, r.logits, r.top, r.cycles) for r in results)

    def close(self) -> None:
        """Free the port; ends a virtual board. May be called twice."""
        self._closing()

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
