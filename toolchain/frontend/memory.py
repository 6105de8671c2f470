"""How much memory a network's activations take, so that too large an input is refused beforehand.

A photograph of 4096x4096 pixels makes two thousand million numbers in a SqueezeNet. What is free is
the least of what the machine, the control group and the process's own limit leave.
"""

from __future__ import annotations

import math
import resource
from pathlib import Path

from hearth.toolchain.data.images import FRAME_BATCH
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.support.errors import HearthError

BATCH_VALUES = 1 << 27
"""Numbers that a batch of frames may make; a frame of SqueezeNet v1.0 makes 12 million."""
FLOAT_BYTES = 8
"""Per number and frame of a batch while calibrating: measured as 7 (v1.1 at 512x512)."""
GOLDEN_BYTES = 16
"""The same for the golden model, whose integers and columns are wider: measured as 15."""
MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def values(model: OnnxModel) -> int:
    """Numbers in all tensors of one frame."""
    shapes = ((max(1, extent) for extent in shape) for shape in model.shapes.values())
    return sum(math.prod(shape) for shape in shapes) // max(1, model.batch)


def batch(model: OnnxModel, most: int = FRAME_BATCH) -> int:
    """Frames that are prepared at once; depends on the network alone, not on the machine."""
    return max(1, min(most, BATCH_VALUES // max(1, values(model))))


def check(model: OnnxModel, free: int | None = None) -> None:
    """Raise HearthError when calibration or golden model would need more than is free."""
    free = available() if free is None else free
    count = values(model)
    frames = max(batch(model), model.batch)
    need = max(frames * FLOAT_BYTES, batch(model, 2) * GOLDEN_BYTES) * count
    if free is not None and need > free:
        raise HearthError(
            f"{model.file}: photographs of {model.height}x{model.width} pixels need about"
            f" {_text(need)} of memory on their way through this network, {_text(free)} are free;"
            " choose a smaller --input-size"
        )


def available() -> int | None:
    """Bytes that this process may still take; None where the system does not tell."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    limit = None if soft == resource.RLIM_INFINITY else soft - _own()
    found = [size for size in (_machine(), _group(), limit) if size is not None]
    return max(0, min(found)) if found else None


def _machine() -> int | None:
    lines = _lines(MEMINFO)
    kib = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return int(kib) << 10 if kib else None


def _group() -> int | None:
    """What the control group leaves; file caches can be given up, so they count as free."""
    most, taken = _lines(GROUP / "memory.max"), _lines(GROUP / "memory.current")
    if not most or not taken or not most[0].isdigit():
        return None
    caches = (line.split()[1] for line in _lines(GROUP / "memory.stat") if line.startswith("file "))
    return int(most[0]) - int(taken[0]) + int(next(caches, 0))


def _own() -> int:
    pages = _lines(Path("/proc/self/statm"))
    return int(pages[0].split()[0]) * resource.getpagesize() if pages else 0


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _text(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
