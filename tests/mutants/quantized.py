"""Faults in the import of quantized files (frontend/quantized, adopt) and in its kernel."""

from __future__ import annotations

from tests.mutants.kinds import Mutant


def _in(source: str, *faults: tuple[str, str, str]) -> list[Mutant]:
    """Faults (name, old, new) in one source."""
    return [Mutant(name, source, old, new, "quantized") for name, old, new in faults]


MUTANTS: tuple[Mutant, ...] = (
    *_in(
        "toolchain/adopt/segments.py",
        (
            "the first quantizer of a segment ignores the ReLU before it",
            "step.levels(np.array([self.low, self.high]))",
            "step.levels(np.array([-np.inf, self.high]))",
        ),
        (
            "a table that only changes the scale is left out",
            "abs(grid.scale - scale) <= CLOSE * scale",
            "grid.scale > 0",
        ),
        (
            "a table that clips one half is left out",
            "(int(r.min()), int(r.max())) == (low, high)",
            "int(r.min()) == low",
        ),
    ),
    *_in(
        "toolchain/adopt/network.py",
        ("both halves of an expand stage use one table", "len(lookup.maps) - 1", "0"),
        (
            "the border of a quantized input is black",
            "self.offset if self.entry is not None else None",
            "0 * self.offset if self.entry is not None else None",
        ),
        (
            "quantizers of a max-pool beside other readers",
            "return None if same else made",
            "return None",
        ),
    ),
    *_in(
        "toolchain/adopt/scores.py",
        ("scores are not rounded", "    if made is None:", "    if True:"),
    ),
    *_in(
        "toolchain/adopt/places.py",
        (
            "branches are rounded twice",
            "if made is not None or not isinstance(join, FloatConcat):",
            "if True:",
        ),
        (
            "sums of wide results",
            "isinstance(x, FloatAdd | FloatGlobalPool)",
            "isinstance(x, FloatGlobalPool)",
        ),
    ),
    *_in(
        "toolchain/adopt/convolution.py",
        ("the input's offset stays in the sums", "np.rint(bias) - offsets", "np.rint(bias)"),
        ("multipliers of 16 bits for any scale", "if further > WIDE - NARROW", "if False"),
    ),
    *_in(
        "toolchain/adopt/entry.py",
        (
            "colours of the input's tables turned",
            "preprocessing.exchanged(integers, axis=0)",
            "integers",
        ),
    ),
    *_in(
        "toolchain/frontend/quantized/normalise.py",
        ("Clip between a pair ignored", "np.floor(high) - held.zero)", "np.inf)"),
    ),
    *_in(
        "toolchain/frontend/quantized/constants.py",
        ("narrow range of Quant ignored", "-(1 << (bits - 1)) + narrow", "-(1 << (bits - 1))"),
    ),
    *_in(
        "toolchain/adopt/links.py",
        ("readers with quantizers of their own", "        if not same:", "        if False:"),
    ),
    *_in(
        "toolchain/frontend/quantized/trace.py",
        (
            "batch normalization behind a quantizer folded",
            "        if affine is not None:\n            raise",
            "        if False:\n            raise",
        ),
    ),
    *_in(
        "toolchain/evaluate/fidelity.py",
        (
            "an imported file measured against its float network",
            "runnable(model.original) if model.kept.quantized else None",
            "None",
        ),
    ),
    Mutant(
        "rescale takes its values for positive",
        "hw/layers/rescale/kernel.py",
        '"Signed": int(source.signed)',
        '"Signed": 0',
        "rescale",
    ),
)
