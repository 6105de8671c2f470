"""Emit what stands between a board's pins and the network: two modules and the pin constraints.

hearth_board   link and network, for any clock: what the virtual board simulates too
hearth_top     pins, PLL, reset
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.ir import Design
from hearth.toolchain.rtl.verilog import LOAD, instance
from hearth.toolchain.saved.weights_image import ID_ROM
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.targets.ecp5.pins import Pin, Pins
from hearth.toolchain.targets.ecp5.pll import Pll
from hearth.toolchain.targets.target import Board

PIXEL_BYTES = 3
"""What the link hands to the network at once (hw/link/hearth_link.sv)."""
LEDS = 4
"""Life, a frame is on its way, error, always on (configured)."""


@dataclass(frozen=True)
class Link:
    """Numbers of the link.

    timeout      cycles that a packet may pause
    hardware_id  what new weights must be made for (flow.hardware_id)
    image_bytes  of new weights; 0: the weights are fixed
    """

    clock_khz: int
    divisor: int
    timeout: int
    hardware_id: int = 0
    image_bytes: int = 0

    @property
    def live(self) -> bool:
        """Whether the weights of the running board can be changed."""
        return self.image_bytes > 0


def core(design: Design, link: Link) -> str:
    """hearth_board: clock, reset, UART and LEDs."""
    source, target = design.qgraph.input, design.qgraph.output
    if source.channels != PIXEL_BYTES:
        raise HearthError(
            f"{design.qgraph.name}: takes images of {source.channels} channel, but a board's link"
            f" carries RGB pixels of {PIXEL_BYTES} bytes; simulate it with hearth sim, or train it"
            " with colour images"
        )
    classes = design.qgraph.layers[-1].source.channels
    kernels = len(design.stages)
    parameters: dict[str, int | str] = {
        "Width": source.width,
        "Height": source.height,
        "Classes": classes,
        "Top": target.channels - classes,
        "Kernels": kernels,
        "Divisor": link.divisor,
        "ClockKhz": link.clock_khz,
        "Timeout": link.timeout,
        "ImageBytes": link.image_bytes,
        "IdFile": f"rom/{ID_ROM}.hex",
    }
    ports = dict.fromkeys(("clk", "rst", "uart_rx_line", "uart_tx_line"), "")
    ports |= {f"{s}_{part}": "" for s in ("pixel", "result") for part in ("data", "valid", "ready")}
    ports |= dict.fromkeys(("busy", "starved", "blocked", "active", "error", "load"), "")
    ports |= {"hardware_id": f"64'h{link.hardware_id:016x}"}
    linked = instance("hearth_link", "u_link", parameters, ports)
    net = {"clk": "", "rst": "", "busy": "", "starved": "", "blocked": ""}
    net |= {"load": ""} if link.live else {}
    for port, wire in (("s", "pixel"), ("m", "result")):
        net |= {f"{port}_{part}": f"{wire}_{part}" for part in ("data", "valid", "ready")}
    name = printable(design.qgraph.name)
    return f"""// {name}: network and link to a host, without any part of a board.
module hearth_board (
  input  logic clk,
  input  logic rst,
  input  logic uart_rx_line,
  output logic uart_tx_line,
  output logic [{LEDS - 1}:0] leds  // configured, error, a frame is on its way, life
);
  logic [23:0] pixel_data;
  logic [31:0] result_data;
  logic pixel_valid, pixel_ready, result_valid, result_ready;
  logic [{kernels - 1}:0] busy, starved, blocked;
  logic active, error;
  logic [{LOAD - 1}:0] load;{"" if link.live else "  // not connected: the weights are fixed"}
  logic [25:0] life_q;

  always_ff @(posedge clk) life_q <= rst ? '0 : life_q + 1'b1;
  assign leds = {{1'b1, error, active, life_q[25]}};

{linked}{instance("hearth_net", "u_net", {}, net)}endmodule
"""


def pins(board: Board, wiring: Pins, pll: Pll) -> str:
    """hearth_top: the module whose ports are the board's pins."""
    count = len(wiring.leds)
    lit = ", ".join(
        ("~" if pin.inverted else "") + (f"leds[{i}]" if i < LEDS else "1'b0")
        for i, pin in reversed(list(enumerate(wiring.leds)))
    )
    source, detector, made = wiring.clock_hz / 1e6, pll.detector_hz / 1e6, pll.hz / 1e6
    return f"""// {board.name}: pins, PLL ({source:g} to {made:g} MHz) and reset.
module hearth_top (
  input  logic clock_pin,
  input  logic uart_rx_pin,
  output logic uart_tx_pin,
  output logic [{count - 1}:0] led_pins
);
  logic clk, locked;
  logic [{LEDS - 1}:0] leds;

  // CLKOP closes the loop and drives nothing else, CLKOS is the clock (targets/ecp5/pll.py).
  logic loop;
  (* FREQUENCY_PIN_CLKI="{source:g}", FREQUENCY_PIN_CLKOP="{detector:g}",
     FREQUENCY_PIN_CLKOS="{made:g}" *)
  EHXPLLL #(
    .PLLRST_ENA("DISABLED"),
    .INTFB_WAKE("DISABLED"),
    .STDBY_ENABLE("DISABLED"),
    .DPHASE_SOURCE("DISABLED"),
    .OUTDIVIDER_MUXA("DIVA"),
    .OUTDIVIDER_MUXB("DIVB"),
    .OUTDIVIDER_MUXC("DIVC"),
    .OUTDIVIDER_MUXD("DIVD"),
    .CLKI_DIV({pll.reference}),
    .CLKFB_DIV(1),
    .CLKOP_ENABLE("ENABLED"),
    .CLKOP_DIV({pll.loop}),
    .CLKOP_CPHASE({pll.loop // 2}),
    .CLKOP_FPHASE(0),
    .CLKOS_ENABLE("ENABLED"),
    .CLKOS_DIV({pll.output}),
    .CLKOS_CPHASE({pll.output // 2}),
    .CLKOS_FPHASE(0),
    .FEEDBK_PATH("CLKOP")
  ) u_pll (
    .RST(1'b0),
    .STDBY(1'b0),
    .CLKI(clock_pin),
    .CLKOP(loop),
    .CLKOS(clk),
    .CLKFB(loop),
    .CLKINTFB(),
    .PHASESEL0(1'b0),
    .PHASESEL1(1'b0),
    .PHASEDIR(1'b1),
    .PHASESTEP(1'b1),
    .PHASELOADREG(1'b1),
    .PLLWAKESYNC(1'b0),
    .ENCLKOP(1'b0),
    .ENCLKOS(1'b0),
    .LOCK(locked)
  );

  // Reset ends 2^15 cycles after the PLL has locked.
  logic [1:0] locked_q;
  logic [15:0] awake_q;
  logic rst;
  initial awake_q = '0;
  always_ff @(posedge clk) begin
    locked_q <= {{locked_q[0], locked}};
    if (!locked_q[1]) awake_q <= '0;
    else if (!awake_q[15]) awake_q <= awake_q + 1'b1;
    rst <= !awake_q[15];
  end

  hearth_board u_board (
    .clk,
    .rst,
    .uart_rx_line(uart_rx_pin),
    .uart_tx_line(uart_tx_pin),
    .leds
  );
  assign led_pins = {{{lit}}};
endmodule
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
