"""Small pieces of SystemVerilog text. Emitters use these and return text; nothing here writes
files."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from hearth.toolchain.ir import HlsJob

MODEL_PREFIX = "hearth_layer_"
"""Begins the name of every module, process and ROM that is called after a layer of a model, and no
name of ours: a layer may be called fifo, always or harness (tests/rtl/test_names.py)."""
_LONGEST = 48


def identifier(name: str, taken: set[str], prefix: str = MODEL_PREFIX) -> str:
    """A legal, unique identifier that resembles `name`, behind `prefix`; adds it to `taken`.

    Only ASCII letters in lower case, digits and single underscores survive, so nothing from a model
    file can reach Verilog, Tcl, C++, a shell or a path with a meaning of its own, and no two names
    are one file where capitals do not count.
    """
    base = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()[:_LONGEST].strip("_")
    base = f"{prefix}{base or 'unnamed'}"
    result, count = base, 1
    while result in taken:
        count += 1
        result = f"{base}_{count}"
    taken.add(result)
    return result


class Literal(str):
    """A constant in Verilog's own form, such as 40'h1f: written as it stands, not as a string."""


def part_of(module: str, part: str) -> str:
    """Name of something inside or behind a layer's module, such as a process or a ROM. Identifiers
    never hold two underscores in a row, so it is no other layer's name."""
    return f"{module}__{part}"


def instance(
    module: str, name: str, parameters: Mapping[str, int | str], ports: Mapping[str, str]
) -> str:
    """One module instance with named connections; an empty connection means a port of that name."""

    def value(item: int | str) -> str:
        quoted = isinstance(item, str) and not isinstance(item, Literal)
        return f'"{item}"' if quoted else str(item)

    def block(items: Sequence[str]) -> str:
        return "".join(f"\n    {item}," for item in items).rstrip(",") + "\n  "

    head = f"  {module}"
    if parameters:
        head += f" #({block([f'.{key}({value(item)})' for key, item in parameters.items()])})"
    wires = [f".{port}({wire})" if wire else f".{port}" for port, wire in ports.items()]
    return f"{head} {name} ({block(wires)});\n"


def bound(
    target: str,
    module: str,
    name: str,
    parameters: Mapping[str, int | str],
    ports: Mapping[str, str],
) -> str:
    """The same instance, but bound to module `target`, in whose scope its wires are."""
    return f"bind {target} {instance(module, name, parameters, ports).lstrip()}"


def connected(wires: Iterable[str]) -> str:
    """Several wires as one vector, the first in bit 0, a line for every few of them."""
    names = [f"{wire}," for wire in reversed(list(wires))]
    text = "\n".join(textwrap.wrap(" ".join(names).rstrip(","), 92, break_on_hyphens=False))
    return "{\n" + textwrap.indent(text, " " * 6) + "\n    }"


def stream(port: str, wire: str) -> dict[str, str]:
    """Connections of a valid/ready stream: {port}_data to {wire}_data and so on."""
    return {f"{port}_{part}": f"{wire}_{part}" for part in ("data", "valid", "ready")}


def busy_with(wire: str) -> str:
    """A kernel's busy is high whenever a beat of the stream `wire` moves."""
    ports = {"valid": f"{wire}_valid", "ready": f"{wire}_ready", "moves": "busy"}
    return instance("hearth_moves", "u_busy", {}, ports)


def hls_stream(module: str, channel: str, wire: str) -> dict[str, str]:
    """Connections of a DSLX channel of a compiled process to the stream `wire`."""
    suffixes = {"data": "data", "vld": "valid", "rdy": "ready"}
    return {f"{module}__{channel}_{ours}": f"{wire}_{theirs}" for ours, theirs in suffixes.items()}


def process(job: HlsJob, name: str, channels: Mapping[str, str]) -> str:
    """One instance of a compiled process; `channels` says which stream each of its channels is."""
    ports = {"clk": "", "rst": ""}
    for channel, wire in channels.items():
        ports |= hls_stream(job.module, channel, wire)
    return instance(job.module, name, {}, ports)


def wire(name: str, width: int) -> str:
    """Declaration of a bundle of `width` wires."""
    return f"  logic [{width - 1}:0] {name};\n"


def declare(wire: str, width: int) -> str:
    """Declaration of a stream's wires, `width` data bits."""
    return f"  logic [{width - 1}:0] {wire}_data;\n  logic {wire}_valid, {wire}_ready;\n"


LOAD = "hearth_load_pkg::load_t"
"""Type of the load chain: new weights go past every ROM (hw/memory/hearth_rom_loader.sv)."""


def packages_first(path: str) -> tuple[bool, str]:
    """Order of source files, as a key for sorting: packages are read before what uses them."""
    return (not path.endswith("_pkg.sv"), path)


def rom_place(index: int) -> Literal:
    """Parameter of a kernel's module: words of its ROM number `index` in block RAM (BlockWords of
    hw/memory/hearth_rom.sv)."""
    return Literal(f"Rom{index}Block")


def ram_place(index: int) -> Literal:
    """The same of its data memory number `index` (hw/memory/hearth_ram.sv)."""
    return Literal(f"Ram{index}Block")


def sources(count: int) -> list[str]:
    """Streams that a kernel with so many sources reads: s, or s0, s1, ..."""
    return ["s"] if count == 1 else [f"s{port}" for port in range(count)]


def _read(widths: Sequence[int]) -> str:
    """Ports of a kernel's sources."""
    return "\n".join(
        f"""  input  logic [{width - 1}:0] {port}_data,
  input  logic {port}_valid,
  output logic {port}_ready,"""
        for port, width in zip(sources(len(widths)), widths, strict=True)
    )


def kernel_module(
    name: str,
    comment: str,
    in_bits: int | Sequence[int],
    out_bits: int,
    body: str,
    roms: int = 0,
    memories: int = 0,
) -> str:
    """A kernel with the fixed stream contract of hw/README.md around `body`, which connects the
    load chain if the kernel has ROMs.

    in_bits          data bits of its source, or of each of several (`sources`)
    roms, memories   how many it has: their places are parameters of the module (rom_place,
                     ram_place), which `body` hands on
    """
    chain = "" if roms else "\n  assign load_o = load_i;\n"
    names = [*map(rom_place, range(roms)), *map(ram_place, range(memories))]
    places = ",\n".join(f"  parameter int {name} = -1" for name in names)
    head = f" #(\n{places}\n)" if places else ""
    return f"""// {comment}
module {name}{head} (
  input  logic clk,
  input  logic rst,
{_read([in_bits] if isinstance(in_bits, int) else in_bits)}
  output logic [{out_bits - 1}:0] m_data,
  output logic m_valid,
  input  logic m_ready,
  output logic busy,
  input  {LOAD} load_i,
  output {LOAD} load_o
);
{body}{chain}endmodule
"""
