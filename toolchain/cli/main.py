"""The command line `hearth`: its list of commands, one file each, and what a mistake looks like.

Results go to standard output, progress and the next command to standard error; with --json
standard output carries one JSON object and nothing else. A mistake in the input is one line on
standard error and exit status 2; a simulation that finds wrong hardware exits with 1.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Annotated, TextIO

import typer

from hearth.toolchain.cli.bitstream import bitstream
from hearth.toolchain.cli.boards import boards
from hearth.toolchain.cli.compare import compare
from hearth.toolchain.cli.compile import compile_
from hearth.toolchain.cli.eval import evaluate
from hearth.toolchain.cli.export_hls import export_hls
from hearth.toolchain.cli.groups import spread
from hearth.toolchain.cli.help import Command, Commands
from hearth.toolchain.cli.live import live
from hearth.toolchain.cli.program import program
from hearth.toolchain.cli.report import report
from hearth.toolchain.cli.run import run
from hearth.toolchain.cli.sim import sim
from hearth.toolchain.cli.summary import summary
from hearth.toolchain.cli.update import update
from hearth.toolchain.cli.video import video
from hearth.toolchain.support import advice, streams
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.script import INTERRUPTED
from hearth.toolchain.support.text import printable

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(advice.version())
        raise typer.Exit


@app.callback()
def hearth(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Compiles trained SqueezeNets (ONNX) into FPGA hardware that keeps every weight on chip."""


def _add(title: str, name: str, command: Callable[..., None], example: str) -> None:
    """List a command under a title."""
    epilog = f"Example: hearth {name} {example}"
    add = app.command(name, cls=Command, epilog=epilog, rich_help_panel=title)
    add(spread(command))


COMPILE, CHECK, BOARDS, TOOLS = "Compile", "Check", "Boards", "Other tools"
_add(COMPILE, "compile", compile_, "weights/default/*.onnx -o build/default")
_add(COMPILE, "report", report, "build/default")
_add(COMPILE, "summary", summary, "build/default")
_add(CHECK, "run", run, "build/default photo.jpg")
_add(CHECK, "video", video, "build/default clip.mp4 -o labelled.mp4")
_add(CHECK, "live", live, "build/default build/video")
_add(CHECK, "sim", sim, "build/default photo1.jpg photo2.jpg --stall 20")
_add(CHECK, "eval", evaluate, "build/x --labels photos/labels.csv")
_add(BOARDS, "boards", boards, "--json")
_add(BOARDS, "bitstream", bitstream, "build/default --board ulx3s-85f")
_add(BOARDS, "program", program, "build/default")
_add(BOARDS, "compare", compare, "build/default photos --port /dev/ttyUSB0")
_add(BOARDS, "update", update, "build/new --port /dev/ttyUSB0")
_add(TOOLS, "export-hls", export_hls, "build/default --layers fire2 -o build/fire2-hls")


def main() -> None:
    """Entry point: prints a mistake as one line and turns it into an exit status."""
    warnings.showwarning = _warn
    streams.prepare()
    try:
        status = app(standalone_mode=False)
        streams.finish()
    except HearthError as error:
        status = _fail(str(error))
    except typer.TyperException as error:
        status = _usage(error)
    except typer.Exit as error:
        status = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except MemoryError:
        status = _fail("there is not enough memory; choose a smaller input or fewer images")
    except BrokenPipeError:
        sys.stderr.close()
        status = 1
    except OSError as error:
        status = _fail(streams.refused(error))
    if status == INTERRUPTED:  # typer makes its Exit of a KeyboardInterrupt
        _fail("interrupted")
    sys.exit(status if isinstance(status, int) else 0)


def _usage(error: typer.TyperException) -> int:
    """A mistake in the options; `hearth` alone shows the help."""
    if len(sys.argv) == 1:
        print(error)
        return 2
    message: str = getattr(error, "format_message", error.__str__)()
    return _fail(f"{message.rstrip('.')}; see {advice.command('--help')}")


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning as one line, without the place in the program that it came from."""
    print(f"warning: {printable(' '.join(str(message).split()))}", file=sys.stderr)


def _fail(message: str, status: int = 2) -> int:
    print(f"hearth: {printable(' '.join(message.split()))}", file=sys.stderr)
    return status
