"""Tables for people: the folding of a build, its accuracy per layer, what a simulation showed.

Everything returns rich renderables; printing is output.py's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from hearth.toolchain.saved.build_folder import PICTURE
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable

KIB = 1024


def whole(
    figures: Mapping[str, Any], folder: Path, chips: Iterable[Table | list[str]] = ()
) -> list[Table | list[str]]:
    """All that is known of a build, what it takes of `chips` behind the summary. HearthError when
    its figures are not those of a compilation."""
    try:
        return [
            summary(figures),
            [""],
            *chips,
            folding(figures),
            [""],
            memories(figures),
            weights(figures["notes"]),
            *codings(figures.get("codings", ())),
            [""],
            noise(figures["notes"]),
            picture(folder),
        ]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise no_figures(folder, error) from None


def no_figures(folder: Path, error: Exception) -> HearthError:
    """What to say of a build whose figures cannot be shown."""
    return HearthError(
        f"{folder}: its figures are not those of a compilation ({type(error).__name__}:"
        f" {str(error)[:80]}); compile the model again"
    )


def folding(figures: Mapping[str, Any]) -> Table:
    """One row per kernel: its work in millions of MACs, lanes, cycles, the ROM of its weights."""
    table = plain_table(
        "kernel", "kind", "M MACs", "PE", "SIMD", "beat", "lanes", "cycles", "ROM KiB"
    )
    rows: Sequence[Mapping[str, Any]] = figures["kernels"]
    for row in rows:
        table.add_row(
            name(row["kernel"]),
            name(row["kind"]),
            _part(row["macs"], 1e6),
            *(count(row[key]) for key in ("pe", "simd", "beat", "lanes", "cycles")),
            _part(row["rom_bits"] / 8, KIB),
        )
    table.add_section()
    table.add_row(
        "together",
        "",
        _part(_sum(rows, "macs"), 1e6),
        *[""] * 3,
        count(_sum(rows, "lanes")),
        count(figures["model_cycles_per_frame"]),
        _part(_sum(rows, "rom_bits") / 8, KIB),
    )
    return table


def memories(figures: Mapping[str, Any]) -> Table:
    """One row per kernel: words x bits of its weight ROM, KiB of its ROMs, buffers and FIFO."""
    table = plain_table("kernel", "weight ROM", *(f"{title} KiB" for title in _MEMORIES))
    rows: Sequence[Mapping[str, Any]] = figures["kernels"]
    for row in rows:
        sizes = (_part(row[key] / 8, KIB) for key in _MEMORIES.values())
        table.add_row(name(row["kernel"]), name(row["rom_shape"]), *sizes)
    table.add_section()
    sums = (_part(_sum(rows, key) / 8, KIB) for key in _MEMORIES.values())
    table.add_row("together", "", *sums)
    return table


def codings(rows: Sequence[Mapping[str, Any]]) -> list[Table | list[str]]:
    """One row per matrix of weights, where any takes fewer than 8 bits."""
    if all(row["bits"] == 8 for row in rows):
        return []
    columns = ("taps", "bits", "window", "group", "index_bytes", "table_bytes")
    table = plain_table("weights of", *(column.replace("_", " ") for column in columns))
    for row in rows:
        table.add_row(name(row["kernel"]), *(count(row[column]) for column in columns))
    table.add_section()
    sums = (count(_sum(rows, column)) for column in columns[-2:])
    table.add_row("together", *[""] * 4, *sums)
    return [[""], table]


_MEMORIES = {"ROM": "rom_bits", "buffers": "buffer_bits", "FIFO": "fifo_bits"}


def noise(notes: Mapping[str, Any]) -> Table:
    """Signal-to-noise ratio of every layer's result against the user's file."""
    against = notes.get("snr_reference", "float")
    table = plain_table("layer", f"signal to noise against the {against}, dB")
    for layer, decibels in notes.get("snr_db", {}).items():
        table.add_row(name(layer), f"{decibels:.1f}")
    return table


def weights(notes: Mapping[str, Any]) -> list[str]:
    """Bytes of few-bit weights in every encoding, and how bits were shared out."""
    sizes: Mapping[str, float] = notes.get("weight_kilobytes", {})
    if not sizes:
        return []
    figures = ", ".join(
        f"{name.replace('_', '+')} {kib(size * 1000)}" for name, size in sizes.items()
    )
    lines = [
        f"weights in KiB: {figures}",
        f"biases and multipliers {kib(notes['channel_bytes'])} KiB",
    ]
    mixed: Mapping[str, Any] = notes.get("mixed", {})
    if mixed:
        bits = ", ".join(f"{printable(layer)} {count}" for layer, count in mixed["bits"].items())
        lines += [f"bits per weight: {bits}", "expected loss by size:"]
        lines += [
            f"  {kib(point['bytes']):>9} KiB {point['expected_loss_nats']:9.5f} nats"
            for point in mixed["curve"]
        ]
    return lines


def kernels(rows: Sequence[Mapping[str, Any]]) -> Table:
    """How every kernel spent a simulation."""
    table = plain_table("kernel", "lanes", "cycles (model)", "busy", "starved", "blocked")
    for row in rows:
        shares = (f"{100 * row[key]:.1f} %" for key in ("busy", "starved", "blocked"))
        table.add_row(name(row["name"]), count(row["lanes"]), count(row["model_cycles"]), *shares)
    return table


def summary(figures: Mapping[str, Any]) -> list[str]:
    """The figures of a compilation as lines of text."""
    notes = figures["notes"]
    return [
        f"{printable(figures['name'])}: {len(figures['kernels'])} kernels,"
        f" {figures['mac_lanes']:,} MAC lanes, {figures['macs']:,} MACs per frame",
        *pace(figures),
        *skipping(figures),
        f"ROM {kib(figures['rom_bytes'])} KiB of {kib(figures['rom_budget_bytes'])} KiB allowed",
        f"calibrated on {notes['calibration_images']} images of"
        f" {printable(notes['calibration_source'])},"
        f" activation range by {notes['activation_range']}",
        *kept_classes(notes),
        *outputs(notes),
        *around(notes),
        *quantized_file(notes),
    ]


def pace(figures: Mapping[str, Any]) -> list[str]:
    """Cycles per frame, the kernel that sets them, frames per second where a clock was given."""
    slowest = max(figures["kernels"], key=lambda row: int(row["cycles"]))
    cycles, clock = figures["model_cycles_per_frame"], figures.get("clock_mhz")
    rate = f", {clock * 1e6 / cycles:,.1f} a second at {clock:g} MHz" if clock else ""
    return [
        f"{cycles:,} cycles per frame{rate}, set by {printable(slowest['kernel'])}"
        f" ({slowest['kind']}); {100 * figures['mac_utilisation']:.1f} % of the lanes at work"
    ]


def skipping(figures: Mapping[str, Any]) -> list[str]:
    """What kernels that skip zeros take, where there are some."""
    return [
        f"{printable(row['kernel'])} skips zeros: {100 * row['live']:.1f} % of its input is not"
        f" zero in {row['photographs']:,} photographs; {row['mean']:,} cycles on average,"
        f" {row['p95']:,} in 95 % of them, {row['most']:,} at most; {row['dense']:,} without a zero"
        for row in figures.get("skipping", ())
    ]


def kept_classes(notes: Mapping[str, Any]) -> list[str]:
    """How many of the file's classes are kept, where some are not."""
    kept: Mapping[str, Any] | None = notes.get("classes")
    if kept is None:
        return []
    return [f"keeps {len(kept['numbers']):,} of the file's {kept['of']:,} classes"]


def around(notes: Mapping[str, Any]) -> list[str]:
    """What the file does in front of the first layer and behind the scores."""
    host: Sequence[str] = notes.get("left_to_the_host", ())
    made = "results" if "outputs" in notes else "scores"
    own = notes.get("own_normalization", False)
    return [
        *(["the file's own normalization of its images is part of the first layer"] if own else []),
        *([f"left to the host, after the {made}: {', '.join(host)}"] if host else []),
    ]


def outputs(notes: Mapping[str, Any]) -> list[str]:
    """What leaves a network that does not end in one vector of class scores."""
    return [
        f"output '{printable(row['output'])}': {row['height']}x{row['width']} pixels,"
        f" {row['channels']} channels, {'int' if row['signed'] else 'uint'}{row['bits']} in steps"
        f" of {row['scale']:.6g}; stream {row['stream']}"
        for row in notes.get("outputs", ())
    ]


def quantized_file(notes: Mapping[str, Any]) -> list[str]:
    """What was kept of an already quantized file, and what was not."""
    changed: Sequence[str] | None = notes.get("quantized_file")
    if changed is None:
        return []
    return [
        "already quantized: weights, scales and every rounding are the file's"
        + (", except:" if changed else ""),
        *(f"  {printable(line)}" for line in changed),
    ]


def picture(folder: Path) -> list[str]:
    """Where the picture of the dataflow is; builds of earlier versions have none."""
    path = folder / PICTURE
    return ["", f"the dataflow as a picture: {printable(str(path))}"] if path.is_file() else []


def name(text: str) -> str:
    """A name from the model, safe for the terminal and for rich's markup."""
    return escape(printable(text))


def count(number: int) -> str:
    return f"{number:,}" if number else "-"


def kib(size: float) -> str:
    """A number of bytes in units of 1,024."""
    return f"{size / KIB:,.1f}"


def _part(number: float, unit: float) -> str:
    """A number in larger units; what is there is never shown as nothing."""
    if not number:
        return "-"
    return f"{number / unit:,.2f}" if number >= unit / 200 else "<0.01"


def _sum(rows: Sequence[Mapping[str, Any]], key: str) -> int:
    return sum(row[key] for row in rows)


def plain_table(first: str, *others: str) -> Table:
    """A table without lines; names in the first column are folded where they are too long."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(first, overflow="fold")
    for other in others:
        left = other == "kind"
        table.add_column(other, justify="left" if left else "right", no_wrap=True)
    return table
