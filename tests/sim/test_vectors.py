"""Golden values to beats and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hearth.sim.vectors import beats_per_frame, encode, locate, unpack
from hearth.toolchain.ir import Edge

EDGES = st.builds(
    Edge,
    st.just("edge"),
    height=st.integers(1, 4),
    width=st.integers(1, 4),
    channels=st.integers(1, 9),
    bits=st.sampled_from([1, 4, 7, 8, 12, 16, 20, 32]),
    signed=st.booleans(),
)


@given(EDGES, st.integers(1, 5), st.integers(0, 1 << 30))
def test_every_value_is_found_again(edge: Edge, beat: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = rng.integers(edge.low, edge.high, (2, *edge.shape), endpoint=True).astype(edge.dtype)
    octets = -(-beat * edge.bits // 8)
    data = encode(frames, edge, beat)
    assert len(data) == 2 * beats_per_frame(edge, beat) * octets
    found = np.zeros_like(frames)
    for index in range(2 * beats_per_frame(edge, beat)):
        word = int.from_bytes(data[index * octets : (index + 1) * octets], "big")
        frame, row, column, channel = locate(index, edge, beat)
        for offset, value in enumerate(unpack(word, edge, beat)):
            if channel + offset < edge.channels:
                found[frame, row, column, channel + offset] = value
            else:
                assert value == 0
    assert (found == frames).all()
