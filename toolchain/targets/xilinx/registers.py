"""The AXI4-Lite register map: one table, read by the RTL, the host and the documentation.

`package` writes it as SystemVerilog constants for hw/axi, `table` as Markdown
(docs/design/xilinx.md), and hosts use `OFFSET`.
Registers are 32 bits wide; register i lies at byte address 4 i.
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.ir import Design, golden
from hearth.toolchain.rtl import header

ID = 0x48525448
"""'HRTH': what register id reads."""
VERSION = 3
ADDRESS_BITS = 8

ENABLE, RESTART = 1, 2
"""Bits of register control."""
FAULTS = ("short_line", "long_line", "truncated", "stray", "stalled")
"""Bits of register flags, lowest first; hw/axi/hearth_axi_video.sv says what each means."""


@dataclass(frozen=True)
class Register:
    """access: read (r), read and write (rw), or write ones to clear (rc)."""

    name: str
    access: str
    meaning: str


REGISTERS = (
    Register("id", "r", f"0x{ID:08x}"),
    Register("version", "r", f"version of this map, {VERSION}"),
    Register("build_low", "r", "build id, bits 31:0: names network, weights and folding"),
    Register("build_high", "r", "build id, bits 63:32"),
    Register("geometry", "r", "pixels per line, bits 15:0; lines, bits 31:16"),
    Register("classes", "r", "number of logits, bits 15:0; of ranked classes, bits 31:16"),
    Register("clock", "r", "clock that the project asks for, in kHz"),
    Register(
        "control",
        "rw",
        "bit 0: frames may start (1 after reset); bit 1: write 1 to restart network, counters and"
        " flags, reads 1 meanwhile",
    ),
    Register("status", "r", "bit 0: inside a frame"),
    Register("flags", "rc", ", ".join(f"bit {bit}: {name}" for bit, name in enumerate(FAULTS))),
    Register("timeout", "rw", "cycles without a pixel that end a frame; 0 (after reset): never"),
    Register("frames", "r", "frames handed to the network"),
    Register("results", "r", "frames whose results have left"),
    Register("damaged", "r", "frames that were mended because the source broke the format"),
    Register("period", "r", "cycles between the ends of the last two results"),
    Register(
        "latency",
        "r",
        "cycles from start of frame to the first result, of the latest frame that entered while no"
        " other was inside",
    ),
    Register("top", "r", "best class of the latest result"),
    Register("colours", "r", "bytes of a pixel"),
    Register("load_bytes", "r", "bytes that the ROMs in UltraRAM wait for; 0: there are none"),
    Register(
        "loaded",
        "rw",
        "bytes that have come, and no frame starts before all have; any write begins anew and"
        " restarts the network",
    ),
    Register("load", "rw", "write the next four bytes, lowest first; reads 0"),
    Register("load_crc", "r", "CRC-32, as zlib's, of the bytes that have come"),
)
OFFSET = {register.name: 4 * index for index, register in enumerate(REGISTERS)}


def constants(design: Design, load_bytes: int = 0) -> dict[str, int]:
    """Sizes of a network's buses, and of what its ROMs wait for, by their names in
    hearth_axi_pkg."""
    source, results = design.qgraph.input, design.qgraph.output
    classes = golden.classes(design.qgraph, "an AXI border")
    first, last = design.beats[0], design.beats[-1]
    return {
        "Width": source.width,
        "Height": source.height,
        "InBits": source.bits * first,
        "OutBits": results.bits * last,
        "Classes": classes,
        "Best": results.channels - classes,
        "ResultBeats": -(-results.channels // last),
        "TopBeat": classes // last,
        "TopLane": classes % last,
        "LoadBytes": load_bytes,
    }


def package(sizes: dict[str, int], build_id: int, clock_khz: int) -> str:
    """hearth_axi_pkg: sizes of the buses, what the build is called, and the register map."""
    writable = sum(1 << i for i, register in enumerate(REGISTERS) if register.access != "r")
    count = len(REGISTERS)
    numbers = {**sizes, "AddressBits": ADDRESS_BITS, "RegisterCount": count}
    numbers |= {f"Reg{r.name.title().replace('_', '')}": index for index, r in enumerate(REGISTERS)}
    lines = [f"  localparam int unsigned {name} = {value};" for name, value in numbers.items()]
    words = {"Id": ID, "Version": VERSION, "ClockKhz": clock_khz}
    words |= {"BuildLow": build_id & 0xFFFFFFFF, "BuildHigh": build_id >> 32}
    lines += [f"  localparam logic [31:0] {name} = 32'h{word:08x};" for name, word in words.items()]
    mask = f"{count}'b{writable:0{count}b}"
    lines.append(f"  localparam logic [RegisterCount-1:0] Writable = {mask};")
    head = "// Sizes of the AXI buses and the register map of hw/axi (targets/xilinx).\n"
    return f"{head}{header.signed()}package hearth_axi_pkg;\n" + "\n".join(lines) + "\nendpackage\n"


def table() -> str:
    """The register map as a Markdown table."""
    rows = [
        f"| 0x{OFFSET[register.name]:02x} | {register.name} | {register.access} |"
        f" {register.meaning} |"
        for register in REGISTERS
    ]
    return (
        "\n".join(["| address | register | access | meaning |", "|---|---|---|---|", *rows]) + "\n"
    )


if __name__ == "__main__":
    print(table(), end="")
