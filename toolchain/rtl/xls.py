"""DSLX to Verilog through XLS: the one place that knows the HLS compiler.

A DSLX file of a layer kind is complete with the files of its folder that it imports: constants at
the top describe an example. Compiling a job replaces the values of those constants by name, each in
the one file that has it (unknown names are refused), and leaves the rest of the sources as they
stand, so what is compiled here can be read, linted and tested as it is in the repository.

A process compiled once is kept (support/kept.py) under its sources with their constants set, its
schedule, XLS's version and this file, which holds all other options.

Where pipeline registers go is each job's own business (toolchain/ir/kernel.py, Schedule).
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
import tempfile
from pathlib import Path

import xls

from hearth.toolchain.ir import HlsJob, Schedule
from hearth.toolchain.support.kept import Kept

_PACKAGE = "xls-python"
_KEPT = Kept("hls", 128 << 20)
_FOLDER = ("hearth_dslx", "hearth_sources")
"""Where XLS reads imported files. It looks in the working directory first, for the whole path and
for the path without its first part, and a place.x may well lie there."""


def sources(path: Path) -> dict[str, str]:
    """Text of a DSLX file and of every file beside it that it imports, by file name."""
    found: dict[str, str] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file.name not in found:
            text = found[file.name] = file.read_text()
            imports = re.findall(r"^import (\w+);", text, flags=re.MULTILINE)
            beside = [file.with_name(f"{name}.x") for name in imports]
            waiting += [other for other in beside if other.is_file()]  # others are XLS's own
    return found


def set_constants(texts: dict[str, str], constants: dict[str, int | str]) -> dict[str, str]:
    """`texts` with the values of the named top-level constants replaced."""
    texts = dict(texts)
    for name, value in constants.items():
        pattern = re.compile(rf"^((?:pub )?const {re.escape(name)} = [^:;]+:)[^;]+;", re.MULTILINE)
        places = [file for file, text in texts.items() for _ in pattern.findall(text)]
        if len(places) != 1:
            raise ValueError(f"{next(iter(texts))}: {len(places)} constants are named {name}")
        texts[places[0]] = pattern.sub(rf"\g<1>{value};", texts[places[0]])
    return texts


def _intermediate(name: str, texts: dict[str, str]) -> str:
    """XLS's intermediate form of the file `name`, which may import the others."""
    own = "|".join(Path(other).stem for other in texts)
    imports = re.compile(rf"^import ({own});", re.MULTILINE)
    there = rf"import {'.'.join(_FOLDER)}.\1;"
    joined = {other: imports.sub(there, text) for other, text in texts.items()}
    with tempfile.TemporaryDirectory() as search:
        folder = Path(search, *_FOLDER)
        folder.mkdir(parents=True)
        for other, text in joined.items():
            (folder / other).write_text(text)
        ir = xls.convert_dslx_to_ir(
            joined[name], name, Path(name).stem, additional_search_paths=[search]
        )
    return str(ir)


def _compile(name: str, texts: dict[str, str], module: str, schedule: Schedule) -> str:
    process = Path(name).stem
    ir = _intermediate(name, texts)
    top = re.findall(r"proc (\w+)", ir)[-1]
    optimized = xls.optimize_ir(ir, top)
    text = _scheduled(optimized, module, schedule)
    # XLS loads data registers while in reset, too. Nothing needs it, and it would put the reset, a
    # net across the chip, in front of the enable of every multiplier's registers.
    text = re.sub(
        r"^(  assign \w+ = p\d+_stage_done__\d+) \| rst;$", r"\1;", text, flags=re.MULTILINE
    )
    # Ports carry the process name; give them the module's, which the emitters know.
    return re.sub(rf"\b{process}__(\w+_(?:data|vld|rdy))\b", rf"{module}__\1", text)


_LONGER = (1.0, 1.15, 1.3, 1.6, 2.0)
"""Times the period of a schedule that are tried: what feeds back in a cycle must fit one stage."""
_TOO_SHORT = "cannot achieve full throughput"


def _scheduled(optimized: str, module: str, schedule: Schedule) -> str:
    """Verilog, with stages as long as the schedule says, or as the loop through the state needs."""
    *periods, longest = (int(schedule.period * longer) for longer in _LONGER)
    for period in periods:
        try:
            return _pipelined(optimized, module, schedule, period)
        except RuntimeError as error:
            if _TOO_SHORT not in str(error):
                raise
    return _pipelined(optimized, module, schedule, longest)


def _pipelined(optimized: str, module: str, schedule: Schedule, period: int) -> str:
    package = xls.parse_ir_package(optimized)
    result = package.schedule_and_codegen(
        generator="pipeline",
        with_delay_model=True,
        worst_case_throughput=1,
        module_name=module,
        reset="rst",
        use_system_verilog=False,
        flop_inputs=False,
        flop_outputs=False,
        gate_recvs=True,  # a receive that does not happen yields its default, as DSLX says
        streaming_channel_data_suffix="_data",
        streaming_channel_valid_suffix="_vld",
        streaming_channel_ready_suffix="_rdy",
        delay_model=schedule.delay_model,
        clock_period_ps=period,
        ffi_fallback_delay_ps=period,
    )
    return str(result.get_verilog_text())


def compile_job(job: HlsJob) -> str:
    """Verilog text of one DSLX process, its module and ports named after `job.module`."""
    return _known(job.source, tuple(sorted(job.constants.items())), job.module, job.schedule)


@functools.cache
def _known(
    path: Path, constants: tuple[tuple[str, int | str], ...], module: str, schedule: Schedule
) -> str:
    texts = set_constants(sources(path), dict(constants))
    decisive = [
        *(importlib.metadata.version(_PACKAGE), Path(__file__).read_text()),
        *(path.name, module, schedule.delay_model, str(schedule.period)),
        *(part for file in sorted(texts.items()) for part in file),
    ]
    return _KEPT.get(decisive, lambda: _compile(path.name, texts, module, schedule))
