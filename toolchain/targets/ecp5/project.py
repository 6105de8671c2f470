"""Every file that Yosys and nextpnr read for a network on a board.

rtl/ rom/       the network, its link, the board; the ROMs are random here (brams.py)
synth.ys        Yosys's script
pins.lpf        balls, buffers, the oscillator
multiply_map.v  lanes that are made of LUTs
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.ecp5 import border, brams, estimate, multipliers, pins, pll
from hearth.toolchain.targets.ecp5.pins import Pin, Pins
from hearth.toolchain.targets.target import Board, Wish

SCRIPT, CONSTRAINTS, NETLIST = "synth.ys", "pins.lpf", "hearth.json"
_MAP = "multiply_map.v"


@dataclass(frozen=True)
class Plan:
    """What was decided about a build on a board.

    clock    the PLL
    share    lanes in DSP blocks and in LUTs
    defines  macros of the RTL
    live     two banks per ROM, so that the running board takes new weights over its link
    """

    board: Board
    wiring: Pins
    clock: pll.Pll
    share: multipliers.Multipliers
    defines: tuple[str, ...]
    live: bool


def plan(build: Build, board: Board, wish: Wish) -> Plan:
    """Decide. HearthError for an impossible clock, or when the board's pins are not known here."""
    wiring = pins.of(board)
    clock = pll.design(wiring.clock_hz, (wish.mhz or board.mhz) * 1e6)
    share = multipliers.assign(build.design.products, board.limits.dsp)
    choice = estimate.cells_per_block(build.design, board, wish.live)
    live = ("HEARTH_LIVE",) if wish.live else ()
    defines = ("HEARTH_OBSERVED", f"HEARTH_CELLS_PER_BLOCK={choice}", *live)
    return Plan(board, wiring, clock, share, defines, wish.live)


def files(build: Build, plan: Plan) -> dict[str, str]:
    """The project by path."""
    link = border.link_of(build, plan.clock.hz, plan.live)
    texts = {
        **build.rtl(),
        **border.texts((*border.LINK, border.BOARD, *border.WRAPPERS)),
        f"rtl/{border.PACKAGE}.sv": border.package(build.design, link),
        f"rtl/{border.TOP}.sv": border.top(plan.board, plan.wiring, plan.clock),
    }
    roms = {f"rom/{name}.hex": text for name, text in scrambled(build, plan.live).items()}
    return texts | {
        **roms,
        _MAP: (HARDWARE / "boards/ecp5" / _MAP).read_text(),
        CONSTRAINTS: constraints(plan.wiring),
        SCRIPT: script(texts, plan),
    }


def script(sources: Iterable[str], plan: Plan) -> str:
    """Yosys's script over these sources."""
    names = " ".join(sorted(sources, key=packages_first))
    soft = "".join(
        f"techmap -autoproc -map {_MAP} {module}/t:$mul\n" for module in plan.share.soft_modules
    )
    flags = " ".join(f"-D{define}" for define in plan.defines)
    return f"""read_verilog -sv -defer {flags} {names}
hierarchy -top {border.TOP}
proc
opt_expr
opt_clean
{soft}synth_ecp5 -top {border.TOP} -json {NETLIST}
tee -q -o cells.txt stat
"""


def constraints(wiring: Pins) -> str:
    """Pin constraints (LPF)."""
    lines = [f'FREQUENCY PORT "clock_pin" {wiring.clock_hz / 1e6:g} MHZ;']
    ports = {
        "clock_pin": wiring.clock,
        "uart_rx_pin": wiring.uart_rx,
        "uart_tx_pin": wiring.uart_tx,
        **{f"led_pins[{index}]": pin for index, pin in enumerate(wiring.leds)},
    }
    for port, pin in ports.items():
        lines.append(f'LOCATE COMP "{port}" SITE "{pin.ball}";')
        lines.append(f'IOBUF PORT "{port}" {_buffer(pin)};')
    return "\n".join(lines) + "\n"


def _buffer(pin: Pin) -> str:
    return " ".join(f"{key}={value}" for key, value in pin.attributes)


def images(build: Build) -> dict[str, str]:
    """Every ROM image by name, the build id's too."""
    inner = {name: text for name, text in build.content.items() if name.startswith("rom/")}
    named = {name.removeprefix("rom/").removesuffix(".hex"): text for name, text in inner.items()}
    return {**named, weights_image.ID_ROM: weights_image.id_image(build_id(build))}


def widths(build: Build) -> dict[str, int]:
    """Bits of a word of each."""
    found = {rom.name: rom.width for rom in build.design.roms}
    return {**found, weights_image.ID_ROM: weights_image.ID_BITS}


def banked(images: Mapping[str, str], live: bool) -> dict[str, str]:
    """Images of the memories as they are built: with `live` two banks of a power of two words, the
    weights in the first (hw/memory/hearth_rom.sv)."""
    return {name: _two_banks(text) if live else text for name, text in images.items()}


def _two_banks(text: str) -> str:
    words = text.split()
    depth = 2 * weights_image.bank_words(len(words))
    return "\n".join([*words, *["0" * len(words[0])] * (depth - len(words))]) + "\n"


def scrambled(build: Build, live: bool) -> dict[str, str]:
    """Random contents for every memory, always the same for the same shapes."""
    bits = widths(build)
    return {
        name: brams.scrambled(text, bits[name], seed)
        for seed, (name, text) in enumerate(sorted(banked(images(build), live).items()))
    }
