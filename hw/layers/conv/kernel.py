"""Hardware of a convolution: parameters of hearth_conv.sv, the processes, what the ROMs hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from hearth.hw.layers.conv import cost, lanes, requantizer, sums
from hearth.toolchain.ir import (
    Array,
    Block,
    Coding,
    Fold,
    HlsJob,
    Kernel,
    Memory,
    Products,
    Rom,
)
from hearth.toolchain.rtl.verilog import (
    declare,
    instance,
    kernel_module,
    part_of,
    process,
    ram_place,
    rom_place,
    stream,
)

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv

SOURCES = Path(__file__).parent
FEWEST_CLAIM_BITS = 5


def address_bits(words: int) -> int:
    return max(1, (words - 1).bit_length())


def weight_roms(layer: Conv, fold: Fold, module: str) -> tuple[Rom, ...]:
    """Codes of the weights in walk order: [tile][ky][kx][input word], one word [pe][simd]. Padded
    positions hold 0: their activations are zero or their sums are dropped. The two parts of an
    expand stage share a ROM, the 1x1 part first, unless their codes have different widths."""

    def part(matrix: Array, coding: Coding) -> Array:
        codes = coding.codes(matrix)
        inputs = layer.window.shape[3]
        taps = codes.shape[1] // inputs
        tiles, deep = cost.ceil_div(len(codes), fold.pe), cost.tap_words(layer, fold)
        full = np.zeros((tiles * fold.pe, taps, deep * fold.simd), np.uint8)
        full[: len(codes), :, :inputs] = codes.reshape(len(codes), taps, -1)
        split = full.reshape(tiles, fold.pe, taps, deep, fold.simd)
        return split.transpose(0, 2, 3, 1, 4).reshape(-1, fold.lanes)

    parts = [part(*pair) for pair in zip(layer.matrices, layer.codings, strict=True)]
    bits = [coding.bits for coding in layer.codings]
    payloads = [
        m.size * coding.bits for m, coding in zip(layer.matrices, layer.codings, strict=True)
    ]
    name = part_of(module, "weights")
    if not layer.split:
        return (Rom(name, np.concatenate(parts), (bits[0],) * fold.lanes, sum(payloads)),)
    names = (part_of(module, "centre_weights"), name)
    return tuple(
        Rom(name, fields, (width,) * fold.lanes, payload)
        for name, fields, width, payload in zip(names, parts, bits, payloads, strict=True)
    )


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


def claim_bits(layer: Conv) -> int:
    """Bits of rows that a step claims or frees, or that lie from tap to tap."""
    most = max(cost.slots(layer), cost.axes(layer)[0].dilation)
    return max(FEWEST_CLAIM_BITS, most.bit_length())


def walk_job(layer: Conv, fold: Fold, module: str) -> HlsJob:
    rows, columns = cost.axes(layer)
    centre, window = cost.tiles(layer, fold)
    ring_bits, rom_bits = _address_bits(layer, fold)
    return HlsJob(
        SOURCES / "walk.x",
        {
            "ROWS": rows.size,
            "COLUMNS": columns.size,
            "OUT_ROWS": rows.count,
            "OUT_COLUMNS": columns.count,
            "KERNEL_ROWS": rows.kernel,
            "KERNEL_COLUMNS": columns.kernel,
            "STRIDE_ROWS": rows.stride,
            "STRIDE_COLUMNS": columns.stride,
            "DILATION_ROWS": rows.dilation,
            "DILATION_COLUMNS": columns.dilation,
            "TOP": rows.pad,
            "LEFT": columns.pad,
            "WORDS": cost.words(layer, fold),
            "TAP_WORDS": cost.tap_words(layer, fold),
            "GROUP_TILES": 1 if cost.together(layer, fold) else window // layer.groups,
            "CENTRE_TILES": centre,
            "WINDOW_TILES": window,
            "CENTRE_ROM": int(layer.split),
            "SLOTS": cost.slots(layer),
            "RING_BITS": ring_bits,
            "ROM_BITS": rom_bits,
            "CLAIM_BITS": claim_bits(layer),
        },
        part_of(module, "walk"),
    )


def roms(layer: Conv, fold: Fold, module: str) -> tuple[Rom, ...]:
    """Weights, then biases and multipliers."""
    parameters = parameter_rom(layer, fold, part_of(module, "parameters"))
    return *weight_roms(layer, fold, module), parameters


def rom_shapes(layer: Conv, fold: Fold) -> tuple[Memory, ...]:
    """Words and bits of `roms`."""
    beats = cost.ceil_div(layer.target.channels, fold.beat)
    parameters = (beats, fold.beat * (layer.bias_bits + layer.factor_bits))
    bits = [coding.bits for coding in layer.codings]  # one entry where both parts share a ROM
    weights = zip(cost.rom_words(layer, fold), bits, strict=False)
    return *((words, fold.lanes * width) for words, width in weights), parameters


def memories(layer: Conv, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
    """Line ring, FIFO of commands, FIFO of tiles."""
    depth = cost.tile_fifo(layer, fold)
    if depth is None:
        raise ValueError(f"{layer.name}: {fold} is not legal (cost.folds)")
    line = cost.axes(layer)[1].size * cost.words(layer, fold)
    ring = (cost.slots(layer) * line, cost.word(layer, fold) * layer.source.bits)
    command = sum(_address_bits(layer, fold)) + 3 + 2 * claim_bits(layer)
    return ring, (2, command), (depth, fold.pe * sums.of(layer, fold).bits)


def products(layer: Conv, fold: Fold) -> Products:
    """A product per lane, and those of each value that is requantized in a cycle."""
    module, pairs = lanes.job(layer, fold).module, lanes.pairs(layer, fold)
    scaling = requantizer.scaling(fold.beat, sums.of(layer, fold), layer.factor_bits)
    return Products(module, fold.lanes, 0, pairs, lanes.factors(layer), scaling)


def requantize(layer: Conv, fold: Fold, block: Block | None = None) -> HlsJob:
    """The requantizer, for any chip or for one with such multiplier blocks."""
    return requantizer.job(
        *(layer.target, fold.beat, layer.factor_shift, layer.factor_bits),
        *(sums.of(layer, fold), layer.bias_bits, block),
    )


def special(layer: Conv, fold: Fold, block: Block) -> tuple[HlsJob, ...]:
    """The processes that are others where multiplier blocks are such: lanes, requantizer."""
    pairs = [(make(layer, fold), make(layer, fold, block)) for make in (lanes.job, requantize)]
    return tuple(there for plain, there in pairs if there != plain)


def _address_bits(layer: Conv, fold: Fold) -> tuple[int, int]:
    """Bits of an address of the line ring and of the weight ROM."""
    deep = cost.words(layer, fold)
    ring = cost.slots(layer) * cost.axes(layer)[1].size * deep
    return address_bits(ring), address_bits(max(cost.rom_words(layer, fold)))


def kernel(layer: Conv, fold: Fold, in_beat: int, module: str) -> Kernel:
    """The hardware of a convolution as cost.py describes it."""
    body, jobs = dense(layer, fold, in_beat, module)
    comment = f"Convolution, {fold.pe} x {fold.simd} lanes (hw/layers/conv)."
    in_bits, out_bits = in_beat * layer.source.bits, fold.beat * layer.target.bits
    roms = 1 + len(rom_shapes(layer, fold)[:-1])
    text = kernel_module(module, comment, in_bits, out_bits, body, roms, memories=3)
    return Kernel(module, text, jobs)


def dense(
    layer: Conv, fold: Fold, in_beat: int, module: str, source: str = "s"
) -> tuple[str, tuple[HlsJob, ...]]:
    """hearth_conv.sv that reads the stream `source`, and the three processes on its ports: text and
    processes. `module` also names the ROM files."""
    walk = walk_job(layer, fold, module)
    *weights, parameters = roms(layer, fold, module)
    (_, ring_width), (_, order_bits), _ = memories(layer, fold, in_beat)
    step = 3 + ring_width + sum(rom.width for rom in weights)
    numbers = _numbers(layer, fold, in_beat, weights, parameters)
    body, jobs = behind("hearth_conv", numbers, layer, fold, step, {"order": order_bits}, source)
    body += process(walk, "u_walk", {"command": "order"})
    return body, (walk, *jobs)


def behind(
    block: str,
    numbers: Mapping[str, int | str],
    layer: Conv,
    fold: Fold,
    step_bits: int,
    orders: Mapping[str, int] = MappingProxyType({}),
    source: str = "s",
) -> tuple[str, tuple[HlsJob, ...]]:
    """The hand-written `block` with its parameters, and the lanes and the requantizer that hang on
    it: the text of the module's body, and the processes. `orders`: further streams of the block,
    and their bits. `source`: the stream that it reads."""
    mac, scale, widths = lanes.job(layer, fold), requantize(layer, fold), sums.of(layer, fold)
    streams = {
        **orders,
        "step": step_bits,
        "sums": fold.pe * widths.bits,
        "items": fold.beat * (widths.bits + layer.bias_bits + layer.factor_bits),
        "values": fold.beat * layer.target.bits,
    }
    ports = {"clk": "", "rst": "", **stream("s", source), **stream("m", "m"), "busy": ""}
    ports |= {"load_i": "", "load_o": ""}
    for name in streams:
        ports |= stream(name, name)
    body = "".join(declare(name, width) for name, width in streams.items())
    body += "\n"
    body += instance(block, "u_conv", numbers, ports)
    body += process(mac, "u_mac", {"steps": "step", "sums": "sums"})
    body += process(scale, "u_requantize", {"items": "items", "values": "values"})
    return body, (mac, scale)


def _numbers(
    layer: Conv, fold: Fold, in_beat: int, weights: Sequence[Rom], parameters: Rom
) -> dict[str, int | str]:
    """The parameters of hearth_conv.sv."""
    centre, window = cost.tiles(layer, fold)
    centre_last = len(layer.centre) - max(0, centre - 1) * fold.pe
    window_last = len(layer.window) - (window - 1) * fold.pe
    (ring_words, _), _, (room, _) = memories(layer, fold, in_beat)
    return {
        "Bits": layer.source.bits,
        "Channels": layer.source.channels,
        "InBeat": in_beat,
        "Simd": cost.word(layer, fold),
        "Pe": fold.pe,
        "Beat": fold.beat,
        "OutBits": layer.target.bits,
        "SumBits": sums.of(layer, fold).bits,
        "Line": ring_words // cost.slots(layer),
        "Slots": cost.slots(layer),
        "ClaimBits": claim_bits(layer),
        "TileRoom": room,
        "WeightWidth": weights[-1].width,
        "WeightWords": weights[-1].words,
        "WeightFile": f"rom/{weights[-1].name}.hex",
        **_centre_rom(weights[:-1]),
        "CentreTiles": centre,
        "CentreLast": cost.ceil_div(centre_last, fold.beat),
        "WindowTiles": window,
        "WindowLast": cost.ceil_div(window_last, fold.beat),
        "PixelBeats": parameters.words,
        "BiasBits": layer.bias_bits,
        "MultiplierBits": layer.factor_bits,
        "ParameterFile": f"rom/{parameters.name}.hex",
        "WeightBlock": rom_place(len(weights) - 1),
        "ParameterBlock": rom_place(len(weights)),
        "RingBlock": ram_place(0),
        "CommandBlock": ram_place(1),
        "TileBlock": ram_place(2),
    }


def _centre_rom(weights: Sequence[Rom]) -> dict[str, int | str]:
    """The parameters of a ROM of the 1x1 part's own, if there is one."""
    return {
        key: value
        for rom in weights
        for key, value in (
            ("CentreWidth", rom.width),
            ("CentreWords", rom.words),
            ("CentreFile", f"rom/{rom.name}.hex"),
            ("CentreBlock", rom_place(0)),
        )
    }
