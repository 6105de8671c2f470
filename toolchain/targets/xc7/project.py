"""Every file that Yosys and nextpnr read for a network on a board.

rtl/ rom/   the network, its link, the board; the ROMs are random here (serial/contents.py)
synth.ys    Yosys's script
pins.xdc    balls, I/O standards, the oscillator
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.targets import lanes
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial import contents
from hearth.toolchain.targets.serial.pins import Pins
from hearth.toolchain.targets.serial.pll import Pll
from hearth.toolchain.targets.target import Board, Wish
from hearth.toolchain.targets.xc7 import border, estimate, pins, pll, synthesis

SCRIPT, CONSTRAINTS, NETLIST = "synth.ys", "pins.xdc", "hearth.json"
DEFINES = ("HEARTH_OBSERVED",)
"""Macros of the RTL."""


@dataclass(frozen=True)
class Plan:
    """What was decided about a build on a board: wiring and clock."""

    board: Board
    wiring: Pins
    clock: Pll


def plan(build: Build, board: Board, wish: Wish) -> Plan:
    """Decide. HearthError for an impossible clock, or when the board's pins are not known here."""
    wiring = pins.of(board)
    return Plan(board, wiring, pll.design(wiring.clock_hz, (wish.mhz or board.mhz) * 1e6))


def files(build: Build, plan: Plan) -> dict[str, str]:
    """The project by path."""
    link = serial.link_of(build, plan.clock.hz)
    texts = {
        **lanes.on(build, estimate.BLOCK).rtl(),
        **serial.texts((*serial.LINK, serial.BOARD, *border.WRAPPERS)),
        f"rtl/{serial.PACKAGE}.sv": serial.package(build.design, link),
        f"rtl/{serial.TOP}.sv": border.top(plan.board, plan.wiring, plan.clock),
    }
    random = contents.scrambled(build, live=False)
    return {
        **texts,
        **{f"rom/{name}.hex": text for name, text in random.items()},
        CONSTRAINTS: constraints(plan.wiring),
        SCRIPT: script(texts),
    }


def script(sources: Iterable[str]) -> str:
    """Yosys's script over these sources. The netlist is flat, as nextpnr wants it, and keeps the
    names of the ROMs' cells."""
    names = " ".join(sorted(sources, key=packages_first))
    flags = " ".join(f"-D{define}" for define in DEFINES)
    return f"""read_verilog -sv -defer {flags} {names}
{synthesis.commands(serial.TOP, NETLIST).rstrip()}
tee -q -o cells.txt stat
"""


def constraints(wiring: Pins) -> str:
    """Pin constraints (XDC)."""
    ports = {
        "clock_pin": wiring.clock,
        "uart_rx_pin": wiring.uart_rx,
        "uart_tx_pin": wiring.uart_tx,
        **{f"{{led_pins[{index}]}}": pin for index, pin in enumerate(wiring.leds)},
    }
    lines = [f"create_clock -period {1e9 / wiring.clock_hz:.3f} [get_ports clock_pin]"]
    for port, pin in ports.items():
        for name, value in (("LOC", pin.ball), *pin.attributes):
            lines.append(f"set_property {name} {value} [get_ports {port}]")
    return "\n".join(lines) + "\n"
