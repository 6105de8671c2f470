"""Hardware of a convolution: which blocks, with which numbers, and what the ROMs hold.

stream -> gearbox -> line_ring <- (fifo) <- walk (addresses)   hw/core/line_ring.sv, walk.x
                         |  activations + weights
                        mac -> (fifo) -> drain -> requantize -> stream
                       mac.x          hw/core/drain.sv, requantize.x
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from hw.layers.conv import cost
from toolchain.ir import Array, Edge, Fold, HlsJob, Kernel, Memory, Products, Rom, Schedule
from toolchain.verilog import LOAD, declare, hls_stream, instance, kernel_module, part_of, stream

if TYPE_CHECKING:
    from hw.layers.conv.layer import Conv

SUM_BITS = 32
CLAIM_BITS = 5
MAC_SCHEDULE = Schedule("sky130", 1_800)
REQUANTIZE_SCHEDULE = Schedule("unit", 3)
"""An operation counts 1. In gates a multiplication takes as long as three additions and a
comparison; where it is a block of its own, they would be the longest path."""


def address_bits(words: int) -> int:
    return max(1, (words - 1).bit_length())


def weight_rom(layer: Conv, fold: Fold, name: str) -> Rom:
    """Weights, or their codebook indices, in walk order: [tile][ky][kx][input word], one word
    [pe][simd]. Padded positions hold 0: their activations are zero or their sums are dropped."""

    def part(weights: Array) -> Array:
        out, kernel, _, inputs = weights.shape
        tiles, deep = cost.ceil_div(out, fold.pe), cost.words(layer, fold)
        full = np.zeros((tiles * fold.pe, kernel, kernel, deep * fold.simd), weights.dtype)
        full[:out, :, :, :inputs] = weights
        split = full.reshape(tiles, fold.pe, kernel, kernel, deep, fold.simd)
        return split.transpose(0, 2, 3, 4, 1, 5).reshape(-1, fold.pe * fold.simd)

    parts = [part(layer.indices(layer.window))]
    if len(layer.centre):
        parts.insert(0, part(layer.indices(layer.centre)[:, None, None, :]))
    fields = np.concatenate(parts)
    payload = (layer.centre.size + layer.window.size) * layer.weight_bits
    return Rom(name, fields, (layer.weight_bits,) * fields.shape[1], payload)


def parameter_rom(layer: Conv, fold: Fold, name: str) -> Rom:
    """Per channel {multiplier, bias}, `beat` channels a word, bias in the lower bits."""
    channels = layer.target.channels
    beats = cost.ceil_div(channels, fold.beat)
    table = np.zeros((beats * fold.beat, 2), np.int64)
    table[:channels, 0] = layer.bias
    table[:channels, 1] = layer.factor
    fields = table.reshape(beats, 2 * fold.beat)
    widths = (layer.bias_bits, layer.factor_bits)
    return Rom(name, fields, widths * fold.beat, channels * sum(widths))


def walk_job(layer: Conv, fold: Fold, module: str) -> HlsJob:
    rows, columns = cost.axes(layer)
    centre, window = cost.tiles(layer, fold)
    ring_bits, rom_bits = _address_bits(layer, fold)
    return HlsJob(
        "layers/conv/walk.x",
        {
            "ROWS": rows.size,
            "COLUMNS": columns.size,
            "OUT_ROWS": rows.count,
            "OUT_COLUMNS": columns.count,
            "KERNEL": rows.kernel,
            "STRIDE": rows.stride,
            "TOP": rows.pad,
            "LEFT": columns.pad,
            "WORDS": cost.words(layer, fold),
            "CENTRE_TILES": centre,
            "WINDOW_TILES": window,
            "SLOTS": cost.slots(layer),
            "RING_BITS": ring_bits,
            "ROM_BITS": rom_bits,
            "CLAIM_BITS": CLAIM_BITS,
        },
        part_of(module, "walk"),
    )


def mac_job(layer: Conv, fold: Fold) -> HlsJob:
    """The lanes; layers with equal numbers (and codebook) share one compiled process."""
    constants: dict[str, int | str] = {
        "PE": fold.pe,
        "SIMD": fold.simd,
        "ACTIVATION_BITS": layer.source.bits,
        "WORD_BITS": layer.weight_bits,
        "WEIGHT_BITS": layer.weight_bits,
    }
    name = f"mac_{fold.pe}x{fold.simd}_a{layer.source.bits}w{layer.weight_bits}"
    if len(layer.codebook):
        entries = ", ".join(f"s8:{int(value)}" for value in layer.codebook)
        size = 1 << layer.weight_bits
        rest = ", ..." if len(layer.codebook) < size else ""
        constants |= {"WEIGHT_BITS": 8, "CODED": 1, "CODEBOOK": f"[{entries}{rest}]"}
        constants["CODEBOOK_SIZE"] = size
        name += f"_book{hashlib.sha256(layer.codebook.tobytes()).hexdigest()[:16]}"
    return HlsJob("layers/conv/mac.x", constants, name, MAC_SCHEDULE)


def requantizer(edge: Edge, beat: int, shift: int, factor_bits: int) -> HlsJob:
    """Sums to values of `edge`, `beat` a cycle; equal ones share one compiled process."""
    name = f"requantize_{beat}x{'s' if edge.signed else 'u'}{edge.bits}_shift{shift}"
    if factor_bits != 16:
        name += f"_by{factor_bits}"
    if edge.narrowed:
        name += f"_from{edge.low}to{edge.high}".replace("-", "m")
    return HlsJob(
        "layers/conv/requantize.x",
        {
            "BEAT": beat,
            "SHIFT": shift,
            "MULTIPLIER_BITS": factor_bits,
            "OUT_BITS": edge.bits,
            "LOW": edge.low,
            "HIGH": edge.high,
        },
        name,
        REQUANTIZE_SCHEDULE,
    )


NEVER_WAIT = """\
`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    if (!rst && ((step_valid && !step_ready) || (sums_valid && !sums_ready))) begin
      $error("%m: no room for a tile that was under way");
    end
  end
`endif
"""
"""Check in simulation of what the line ring promises: nothing behind it waits."""


def roms(layer: Conv, fold: Fold, module: str) -> tuple[Rom, ...]:
    """Weights, then biases and multipliers."""
    weights = weight_rom(layer, fold, part_of(module, "weights"))
    return weights, parameter_rom(layer, fold, part_of(module, "parameters"))


def memories(layer: Conv, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
    """Line ring, FIFO of commands, FIFO of tiles."""
    depth = cost.tile_fifo(layer, fold)
    if depth is None:
        raise ValueError(f"{layer.name}: {fold} is not legal (cost.folds)")
    line = cost.axes(layer)[1].size * cost.words(layer, fold)
    ring = (cost.slots(layer) * line, fold.simd * layer.source.bits)
    command = sum(_address_bits(layer, fold)) + 2 + 2 * CLAIM_BITS
    return ring, (2, command), (depth, fold.pe * SUM_BITS)


def products(layer: Conv, fold: Fold) -> Products:
    """A product per lane, and those of each value that is requantized in a cycle."""
    requantizing = products_of(layer.factor_bits) * fold.beat
    return Products(mac_job(layer, fold).module, fold.lanes, requantizing)


def products_of(factor_bits: int) -> int:
    """18 x 18 products of a requantizer: a sum is two parts, a factor one or two."""
    return 2 if factor_bits <= 16 else 4


def _address_bits(layer: Conv, fold: Fold) -> tuple[int, int]:
    """Bits of an address of the line ring and of the weight ROM."""
    deep = cost.words(layer, fold)
    ring = cost.slots(layer) * cost.axes(layer)[1].size * deep
    return address_bits(ring), address_bits(cost.rom_words(layer, fold))


def kernel(layer: Conv, fold: Fold, in_beat: int, module: str) -> Kernel:
    """Emit the kernel; `module` also names its ROM files."""
    weights, parameters = roms(layer, fold, module)
    walk = walk_job(layer, fold, module)
    mac = mac_job(layer, fold)
    requantize = requantizer(layer.target, fold.beat, layer.factor_shift, layer.factor_bits)
    source, target = layer.source, layer.target
    (ring_words, ring_width), (_, command_bits), (depth, _) = memories(layer, fold, in_beat)
    ring_bits, rom_bits = _address_bits(layer, fold)
    slots = cost.slots(layer)
    item_bits = fold.beat * (2 * SUM_BITS + layer.factor_bits)
    centre, window = cost.tiles(layer, fold)
    last = {
        "CentreLast": len(layer.centre) - max(0, centre - 1) * fold.pe,
        "WindowLast": len(layer.window) - (window - 1) * fold.pe,
    }
    body = (
        declare("word", ring_width)
        + declare("order", command_bits)
        + declare("command", command_bits)
        + declare("step", 2 + ring_width + weights.width)
        + declare("sums", fold.pe * SUM_BITS)
        + declare("tiles", fold.pe * SUM_BITS)
        + declare("items", item_bits)
        + declare("values", fold.beat * target.bits)
        + f"  logic [{LOAD - 1}:0] load;\n"
        + "\n  assign busy = command_valid && command_ready;\n\n"
        + instance(
            "gearbox",
            "u_gearbox",
            {
                "Bits": source.bits,
                "Channels": source.channels,
                "InBeat": in_beat,
                "OutBeat": fold.simd,
            },
            {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "word")},
        )
        + instance(
            walk.module,
            "u_walk",
            {},
            {"clk": "clk", "rst": "rst", **hls_stream(walk.module, "command", "order")},
        )
        # The sequencer runs ahead, so that the ring's wait does not reach it in the same cycle.
        + instance(
            "fifo",
            "u_commands",
            {"Width": command_bits, "Depth": 2},
            {"clk": "", "rst": "", **stream("s", "order"), **stream("m", "command")},
        )
        + instance(
            "line_ring",
            "u_ring",
            {
                "RingWidth": ring_width,
                "Line": ring_words // slots,
                "Slots": slots,
                "RingBits": ring_bits,
                "RomWidth": weights.width,
                "RomWords": weights.words,
                "RomBits": rom_bits,
                "ClaimBits": CLAIM_BITS,
                "TileRoom": depth,
                "RomFile": f"rom/{weights.name}.hex",
            },
            {
                "clk": "",
                "rst": "",
                **stream("s", "word"),
                **stream("command", "command"),
                "step_data": "",
                "step_valid": "",
                "tile_left": "tiles_valid && tiles_ready",
                "load_i": "",
                "load_o": "load",
            },
        )
        + instance(
            mac.module,
            "u_mac",
            {},
            {
                "clk": "clk",
                "rst": "rst",
                **hls_stream(mac.module, "steps", "step"),
                **hls_stream(mac.module, "sums", "sums"),
                f"{mac.module}__sums_rdy": "1'b1",
            },
        )
        + NEVER_WAIT
        + instance(
            "fifo",
            "u_tiles",
            {"Width": fold.pe * SUM_BITS, "Depth": depth},
            {"clk": "", "rst": "", **stream("s", "sums"), **stream("m", "tiles")},
        )
        + instance(
            "drain",
            "u_drain",
            {
                "Pe": fold.pe,
                "Beat": fold.beat,
                "CentreTiles": centre,
                "WindowTiles": window,
                **{key: cost.ceil_div(channels, fold.beat) for key, channels in last.items()},
                "PixelBeats": parameters.words,
                "BiasBits": layer.bias_bits,
                "MultiplierBits": layer.factor_bits,
                "RomFile": f"rom/{parameters.name}.hex",
            },
            {
                "clk": "",
                "rst": "",
                **stream("s", "tiles"),
                **stream("m", "items"),
                "load_i": "load",
                "load_o": "",
            },
        )
        + instance(
            requantize.module,
            "u_requantize",
            {},
            {
                "clk": "clk",
                "rst": "rst",
                **hls_stream(requantize.module, "items", "items"),
                **hls_stream(requantize.module, "values", "values"),
            },
        )
        # Seven stages of the requantizer ask each other whether they may move on.
        + instance(
            "skid",
            "u_values",
            {"Width": fold.beat * target.bits},
            {"clk": "", "rst": "", **stream("s", "values"), **stream("m", "m")},
        )
    )
    comment = f"Convolution, {fold.pe} x {fold.simd} lanes (hw/layers/conv)."
    text = kernel_module(
        module, comment, in_beat * source.bits, fold.beat * target.bits, body, True
    )
    return Kernel(module, text, (walk, mac, requantize))
