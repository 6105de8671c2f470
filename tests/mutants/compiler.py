"""Faults in the compiler (the passes of toolchain/pipeline.py) and in the golden model."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_LAYERS = "hw/layers"


def _in(bench: str, source: str, *faults: tuple[str, str, str]) -> list[Mutant]:
    """Faults (name, old, new) in one source, all for one bench."""
    return [Mutant(name, source, old, new, bench) for name, old, new in faults]


MUTANTS: tuple[Mutant, ...] = (
    *_in(
        "quantize",
        "toolchain/frontend/layers/windows.py",
        ("ceil mode: a window behind the map", "count * stride < end", "count * stride <= end"),
    ),
    *_in(
        "front",
        "toolchain/frontend/layers/windows.py",
        (
            "SAME_LOWER is SAME_UPPER",
            '(small, large) if auto == "SAME_UPPER"',
            "(small, large) if 1",
        ),
    ),
    *_in(
        "front",
        "toolchain/frontend/simplify/affine.py",
        ("default epsilon of BatchNormalization", '"epsilon", 1e-5', '"epsilon", 1e-3'),
        ("shift of BatchNormalization", "shift - mean * gain", "shift + mean * gain"),
    ),
    *_in(
        "front",
        "toolchain/frontend/layers/expand.py",
        (
            "halves of an expand stage in the file's order",
            "parts[name] for name in join.inputs",
            "parts[name] for name in parts",
        ),
        ("cap behind a Concat forgotten", "relu=True, cap=min(limit, p.cap))", "relu=True)"),
    ),
    *_in(
        "front",
        "toolchain/quantize/joins.py",
        ("multipliers of a sum swapped", "np.rint(steps / wider", "np.rint(steps[::-1] / wider"),
    ),
    *_in(
        "front",
        "toolchain/quantize/shared.py",
        (
            "a pool in front of a Concat has a scale of its own",
            "FloatMaxPool | FloatUpsample | FloatConcat)",
            "FloatUpsample | FloatConcat)",
        ),
    ),
    *_in(
        "front",
        "toolchain/frontend/simplify/linear.py",
        ("first Linear's bias forgotten", "step.weights @ bias", "step.weights @ (0 * bias)"),
        ("Gemm's alpha forgotten", '"alpha", 1.0', '"none", 1.0'),
    ),
    *_in(
        "front",
        "toolchain/frontend/simplify/expand_order.py",
        ("swapped branches, readers as before", "[:, order])", "[:, :])"),
    ),
    *_in(
        "front",
        "toolchain/frontend/simplify/pads.py",
        (
            "pads of a Pad node swapped",
            "before.get(2, 0), before.get(3, 0)",
            "before.get(3, 0), before.get(2, 0)",
        ),
    ),
    *_in(
        "front",
        "toolchain/quantize/int8.py",
        ("cap of a Relu forgotten", "shared.cap(other), ", "np.inf, "),
    ),
    *_in(
        "inputs",
        "toolchain/frontend/simplify/layout.py",
        (
            "constants of a view not turned",
            "whole.transpose(np.argsort(perm))",
            "whole.transpose(perm)",
        ),
    ),
    *_in(
        "inputs",
        "toolchain/frontend/preparation.py",
        (
            "the file's offset subtracted",
            "np.asarray(chosen.mean) - offset",
            "np.asarray(chosen.mean) + offset",
        ),
        ("two means are no contradiction", "model.entry.centred and any(chosen.mean)", "False"),
    ),
    *_in(
        "inputs",
        "toolchain/frontend/simplify/tail.py",
        ("ArgMax along any axis", "if first < 1 or extent != classes:", "if first < 0:"),
    ),
    *_in(
        "inputs",
        "toolchain/frontend/simplify/means.py",
        ("two means over any axes", "sorted([axes[0], left[axis]]) == MAP", "True"),
    ),
    *_in(
        "constants",
        "toolchain/frontend/file/fold_constants.py",
        ("computed constants of any size", "if self.left < 0:", "if self.left < -(1 << 60):"),
        ("each constant has all the room", "self.left -= size", "self.left = LIMIT_BYTES - size"),
    ),
    *_in(
        "quantize",
        f"{_LAYERS}/globalpool/layer.py",
        ("bound of the global pool's sum", "source.low) >= 1 << 31:", "source.low) > 1 << 31:"),
        (
            "bound of the global pool's sum doubled",
            "source.low) >= 1 << 31:",
            "source.low) >= 1 << 32:",
        ),
    ),
    *_in(
        "quantize",
        "toolchain/quantize/int8.py",
        (
            "mean of the global pool is a sum",
            "scale=source.scale / source.pixels",
            "scale=source.scale",
        ),
        (
            "pads of a padded border swapped",
            "top, left, bottom, right = conv.pads\n        name =",
            "left, top, bottom, right = conv.pads\n        name =",
        ),
        (
            "no headroom for the last layer",
            "headroom if edge.bits > 8 else 1.0",
            "headroom if edge.bits > 16 else 1.0",
        ),
        (
            "inputs taken for seven bits",
            "largest_input=max(self.edge.high, -self.edge.low)",
            "largest_input=127",
        ),
        (
            "blue and red of the mean swapped",
            "return self.preprocessing.exchanged(mean)\n\n",
            "return mean\n\n",
        ),
    ),
    *_in(
        "quantize",
        "toolchain/quantize/requantize.py",
        ("bias rounded down", "np.rint(bias / (", "np.floor(bias / ("),
        (
            "bias corrected the wrong way",
            "part.weights - rounded.values",
            "rounded.values - part.weights",
        ),
        ("accumulator's bound without the bias", "np.abs(b) + np.abs(r", "np.abs(r"),
        (
            "multiplier of seventeen bits",
            "LARGEST_MULTIPLIER = (1 << 16) - 1",
            "LARGEST_MULTIPLIER = 1 << 16",
        ),
        (
            "scale below the weight's",
            "np.ceil(scale / self.step * (1 - 1e-12))",
            "np.floor(scale / self.step)",
        ),
    ),
    *_in(
        "quantize",
        "toolchain/quantize/rounding.py",
        ("weights rounded down", "np.rint(weights /", "np.floor(weights /"),
    ),
    *_in(
        "quantize",
        "toolchain/quantize/ranges.py",
        ("percentile a bin too low", "(index + 1) * statistics.width", "index * statistics.width"),
        (
            "mse without clipping",
            "np.minimum(np.rint(values / steps), levels) * steps",
            "np.rint(values / steps) * steps",
        ),
    ),
    *_in(
        "quantize",
        "toolchain/quantize/calibration.py",
        (
            "histogram forgets when it grows",
            "np.concatenate([merged, np.zeros_like(merged)])",
            "np.concatenate([self.counts[: len(merged)], np.zeros_like(merged)])",
        ),
    ),
    *_in(
        "golden",
        f"{_LAYERS}/conv/golden.py",
        ("golden model rounds down", "bias * layer.factor + half", "bias * layer.factor"),
        (
            "golden model's groups side by side",
            ".transpose(2, 0, 1, 3)",
            "[:, :, ::-1].transpose(2, 0, 1, 3)",
        ),
        ("golden model's sums in numbers too short", "1 << 24, 1 << 53", "1 << 25, 1 << 53"),
        ("golden model's products in numbers too short", "1 << 24, 1 << 53", "1 << 24, 1 << 55"),
    ),
    *_in(
        "golden",
        "toolchain/ir/window.py",
        (
            "golden model's pads swapped",
            "((0, 0), (top, bottom), (left, right), (0, 0))",
            "((0, 0), (left, bottom), (top, right), (0, 0))",
        ),
        ("golden model's taps beside each other", "(y * down, x * across)", "(y, x)"),
        ("golden model repeats its first rows", "rows[0] * down", "0"),
    ),
    *_in(
        "coding",
        "toolchain/ir/coding.py",
        (
            "window slides the other way",
            "np.roll(circles, j, axis=1)",
            "np.roll(circles, -j, axis=1)",
        ),
        ("circle need not close", "reach[-1] & start, axis=2) > 0", "reach[-1], axis=2) > 0"),
        (
            "missing channels are zeros",
            "np.full((rows, columns), 256)",
            "np.full((rows, columns), 128)",
        ),
        (
            "codebook from above",
            "np.searchsorted(self.table, weights)",
            "np.searchsorted(self.table, weights, side='right')",
        ),
    ),
    *_in(
        "golden",
        f"{_LAYERS}/topk/layer.py",
        ("golden model's ties in any order", 'axis=-1, kind="stable"', "axis=-1"),
    ),
    *_in(
        "golden",
        f"{_LAYERS}/maxpool/layer.py",
        (
            "golden pool one window too few",
            "np.ndindex(*self.kernel_size)",
            "np.ndindex(self.kernel_size[0], self.kernel_size[1] - 1)",
        ),
    ),
    *_in(
        "fold",
        f"{_LAYERS}/conv/cost.py",
        ("beats across tiles", "fold.pe % fold.beat == 0 and len", "len"),
        ("beats across ring words", "wide % narrow == 0 and aligned", "aligned"),
        ("circles across tiles", "{ceil_div(size, unit) * unit for", "{size for"),
        (
            "groups read as dense layers",
            "ceil_div(layer.window.shape[3], fold",
            "ceil_div(layer.source.channels, fold",
        ),
    ),
    *_in(
        "fold",
        "toolchain/mapping/schedule.py",
        ("FIFO depth in pixels", "room * channel.beats(stages))", "room)"),
        ("FIFO without the pixel in the making", "int(waiting.max()) + 1", "int(waiting.max())"),
        ("FIFO's pixel freed early", 'side="right")\n    return', 'side="left")\n    return'),
    ),
    *_in(
        "fold",
        "toolchain/mapping/selftimed.py",
        (
            "an edge with a pixel more than it has",
            "else self.rooms[channel])",
            "else self.rooms[channel] + 1)",
        ),
        ("beats that wait to leave forgotten", "LATENCY + timing.lag", "LATENCY"),
        (
            "a frame that need not wait for the last",
            "+ kernel.cycles - self.period",
            "- self.period",
        ),
    ),
    *_in(
        "fold",
        "toolchain/mapping/prices.py",
        (
            "ROMs priced in blocks alone",
            "min(self.block * blocks(words, bits), self.lut * luts)\n\n",
            "self.block * blocks(words, bits)\n\n",
        ),
    ),
    *_in(
        "fold",
        "toolchain/mapping/fold.py",
        ("a lane of the budget unused", "candidate.lanes <= lanes", "candidate.lanes < lanes"),
    ),
    *_in(
        "fold",
        f"{_LAYERS}/conv/kernel.py",
        (
            "weights of a word in the order of inputs",
            "transpose(0, 2, 3, 1, 4)",
            "transpose(0, 2, 3, 4, 1)",
        ),
        (
            "taps backwards in the ROM",
            "= codes.reshape(len(codes), taps, -1)",
            "= codes.reshape(len(codes), taps, -1)[:, ::-1]",
        ),
        (
            "bias and multiplier swapped",
            "table[:channels, 0] = layer.bias\n    table[:channels, 1] = layer.factor",
            "table[:channels, 1] = layer.bias\n    table[:channels, 0] = layer.factor",
        ),
    ),
    *_in(
        "fold",
        f"{_LAYERS}/conv/layer.py",
        ("bias of twenty-one bits in twenty", "high < 1 << 19", "high < 1 << 20"),
    ),
    *_in(
        "rom",
        "toolchain/rtl/rom.py",
        (
            "odd bits of the ROMs not counted",
            "-(-sum(rom.bits for rom in roms) // 8)",
            "sum(rom.bits for rom in roms) // 8",
        ),
    ),
)
