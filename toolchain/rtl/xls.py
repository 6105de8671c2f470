"""DSLX to Verilog through XLS: the one place that knows the HLS compiler.

A DSLX file of a layer kind is complete by itself: constants at its top describe an example.
Compiling a job replaces the values of those constants by name (unknown names are refused) and
leaves the rest of the source as it stands, so what is compiled here can be read, linted and tested
as it is in the repository.

Where pipeline registers go is each job's own business (toolchain/ir.py, Schedule).
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import xls

from hearth.toolchain.ir import HlsJob, Schedule


def set_constants(source: str, constants: dict[str, int | str], where: str) -> str:
    """`source` with the values of the named top-level constants replaced."""
    for name, value in constants.items():
        pattern = rf"^(const {re.escape(name)} = [^:;]+:)[^;]+;"
        source, count = re.subn(pattern, rf"\g<1>{value};", source, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"{where}: no constant named {name}")
    return source


@functools.cache
def _compile(
    path: Path, constants: tuple[tuple[str, int | str], ...], module: str, schedule: Schedule
) -> str:
    source = set_constants(path.read_text(), dict(constants), path.name)
    process = path.stem
    ir = xls.convert_dslx_to_ir(source, path.name, process)
    top = re.findall(r"proc (\w+)", ir)[-1]
    package = xls.parse_ir_package(xls.optimize_ir(ir, top))
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
        clock_period_ps=schedule.period,
    )
    text = str(result.get_verilog_text())
    # XLS loads data registers while in reset, too. Nothing needs it, and it would put the reset, a
    # net across the chip, in front of the enable of every multiplier's registers.
    text = re.sub(
        r"^(  assign \w+ = p\d+_stage_done__\d+) \| rst;$", r"\1;", text, flags=re.MULTILINE
    )
    # Ports carry the process name; give them the module's, which the emitters know.
    return re.sub(rf"\b{process}__(\w+_(?:data|vld|rdy))\b", rf"{module}__\1", text)


def compile_job(job: HlsJob) -> str:
    """Verilog text of one DSLX process, its module and ports named after `job.module`."""
    return _compile(job.source, tuple(sorted(job.constants.items())), job.module, job.schedule)
