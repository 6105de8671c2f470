"""What is proved: each block with its sources, its parameters and the depth of the induction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Proof:
    """One block with one choice of parameters.

    block       its module: hw/formal/<block>_proof.sv holds the properties
    sources     files below hw/ that the proof module needs, the block's own first
    parameters  of the proof module
    depth       most steps of the induction; the property must follow from as many earlier ones
    words       memories whose words, one memory after another, the proof module reads in `words`,
                and their numbers
    clocks      how many it has; of several each has its edges whenever the solver likes
    """

    block: str
    sources: tuple[str, ...]
    parameters: Mapping[str, int] = field(default_factory=dict)
    depth: int = 2
    words: tuple[tuple[str, int], ...] = ()
    clocks: int = 1

    @property
    def name(self) -> str:
        """Block and parameters, as printed and as a test's id."""
        numbers = ", ".join(f"{name} {value}" for name, value in self.parameters.items())
        return " ".join(part for part in (self.block, numbers) if part)


def _rams() -> list[Proof]:
    """Words of flip-flops, of LUT RAM, by the block's own rule too, of block RAM, and of both."""
    few, many = ((2, 1), (8, 1)), ((2, 2), (3, 5), (8, 16))
    kinds = (("gen_registers", few), ("gen_distributed", many))
    parts = [
        *(
            (width, words, place, ((f"{kind}.memory", words),))
            for kind, sizes in kinds
            for width, words in sizes
            for place in ({}, {"BlockWords": 0})
        ),
        *(
            (width, words, {"BlockWords": words}, (("gen_block.memory", words),))
            for width, words in (*few, *many)
        ),
        (3, 5, {"BlockWords": 4}, (("gen_split.memory", 4), ("gen_split.rest", 1))),
        (8, 15, {"BlockWords": 8}, (("gen_split.memory", 8), ("gen_split.rest", 7))),
        (2, 20, {"BlockWords": 16}, (("gen_split.memory", 16), ("gen_split.rest", 4))),
    ]
    return [
        Proof(
            "ram",
            ("memory/hearth_ram.sv",),
            {"Width": width, "Words": words} | within,
            words=tuple((f"dut.{memory}", count) for memory, count in memories),
        )
        for width, words, within, memories in parts
    ]


def _skids() -> list[Proof]:
    sources = ("stream/hearth_skid.sv", "formal/hearth_stream_follow.sv")
    return [Proof("skid", sources, {"Width": width}) for width in (1, 8, 64)]


def _fifos() -> list[Proof]:
    """Shallow and deep, even and odd, and the link's own; edges are FIFOs with nothing added."""
    sources = (
        "stream/hearth_fifo.sv",
        "formal/hearth_stream_follow.sv",
        "formal/hearth_ram.sv",
        "stream/hearth_edge_fifo.sv",
    )
    sizes = [(8, 1), (8, 2), (8, 3), (32, 31), (1, 32), (8, 33), (9, 2048)]
    fifos = [Proof("fifo", sources, {"Width": w, "Depth": d}) for w, d in sizes]
    edges = [(8, 1), (8, 2), (16, 7), (8, 64)]
    return fifos + [Proof("fifo", sources, {"Width": w, "Depth": d, "Edge": 1}) for w, d in edges]


def _gearboxes() -> list[Proof]:
    """Wider, narrower, both with pixels that fill their last beats and that do not; wires."""
    return [
        Proof(
            "gearbox",
            ("stream/hearth_gearbox.sv",),
            {"Bits": bits, "Channels": channels, "InBeat": into, "OutBeat": out},
        )
        for bits, channels, into, out in (
            *((8, 1, 1, 2), (8, 8, 1, 4), (2, 6, 1, 4), (3, 6, 2, 4), (2, 20, 3, 9)),
            *((2, 64, 1, 16), (8, 10, 4, 16)),
            *((8, 1, 2, 1), (8, 8, 4, 1), (2, 7, 4, 1), (3, 6, 4, 2), (2, 20, 9, 3)),
            *((2, 64, 16, 1), (8, 10, 16, 4)),
            (8, 5, 2, 2),
        )
    ]


def _axi() -> list[Proof]:
    """Frames down to a single pixel; register banks that fill their addresses, and that do not."""
    sizes = [(3, 2, 2), (1, 1, 1), (4, 1, 8), (1, 3, 8), (224, 224, 24)]
    names = ("Width", "Height", "DataWidth")
    videos = [dict(zip(names, size, strict=True)) for size in sizes]
    banks = [
        {"AddressBits": bits, "Count": count, "Writable": writable}
        for bits, count, writable in ((5, 5, 0b10110), (4, 4, 0b0001), (6, 16, 0b101010))
    ]
    return [
        *(Proof("axi_video", ("axi/hearth_axi_video.sv",), video, depth=3) for video in videos),
        *(Proof("axi_lite", ("axi/hearth_axi_lite.sv",), bank) for bank in banks),
    ]


def _crossings() -> list[Proof]:
    """The FIFO and the register between two clocks."""
    clocks = ("formal/hearth_sync.sv", "formal/hearth_two_resets.sv")
    fifo = ("video/hearth_async_fifo.sv", *clocks)
    latest = ("video/hearth_latest.sv", *clocks)
    return [
        *(
            Proof(
                "async_fifo",
                fifo,
                {"Width": width, "AddressBits": bits},
                depth=3,
                words=(("dut.memory", 2**bits),),
                clocks=2,
            )
            for width, bits in ((1, 2), (1, 3))
        ),
        *(Proof("latest", latest, {"Width": width}, depth=3, clocks=2) for width in (1, 16)),
    ]


def _arbiters() -> list[Proof]:
    """Frames of two pixels and more, results of one word and more, few inside and many."""
    sources = ("video/hearth_frame_arbiter.sv", "formal/hearth_frame_follow.sv")
    names = ("Pixels", "Words", "DataWidth", "InsideBits")
    sizes = [(2, 1, 1, 1), (3, 2, 2, 1), (4, 3, 8, 2), (1024, 15, 24, 5)]
    return [Proof("frame_arbiter", sources, dict(zip(names, s, strict=True))) for s in sizes]


PROOFS: tuple[Proof, ...] = (
    *_rams(),
    *_skids(),
    *_fifos(),
    *_gearboxes(),
    *_axi(),
    *_crossings(),
    *_arbiters(),
)
