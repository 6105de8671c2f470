"""The packet codec: what is encoded is decoded, and nothing damaged gets through."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.toolchain.host.packets import END, REPLY, Decoder, Kind, Packet, decode, encode

PACKETS = st.builds(
    Packet,
    st.integers(0, 255),
    st.integers(0, 65535),
    st.integers(0, 255),
    st.binary(max_size=40),
)


@given(st.lists(PACKETS, max_size=4), st.integers(1, 7))
def test_stream_of_packets_in_pieces(packets: list[Packet], piece: int) -> None:
    wire = b"".join(encode(packet) for packet in packets)
    decoder = Decoder()
    parts = (wire[i : i + piece] for i in range(0, len(wire), piece))
    assert [packet for part in parts for packet in decoder.feed(part)] == packets
    assert decoder.damaged == 0


@given(PACKETS, st.integers(0), st.integers(0, 7))
def test_flipped_bit_never_gets_through(packet: Packet, place: int, bit: int) -> None:
    wire = bytearray(encode(packet))
    wire[place % len(wire)] ^= 1 << bit
    assert packet not in list(Decoder().feed(bytes(wire))) or wire[0] != END or wire[-1] != END


@given(PACKETS, st.integers(0))
def test_dropped_byte_is_noticed_and_the_next_packet_is_right(packet: Packet, place: int) -> None:
    wire = bytearray(encode(packet))
    del wire[1 + place % (len(wire) - 2)]
    after = Packet(Kind.INFO, 7)
    assert list(Decoder().feed(bytes(wire) + encode(after))) == [after]


@pytest.mark.parametrize("raw", [b"", b"\xdb", b"\xdb\x00" * 8, bytes(11), bytes(40)])
def test_rubbish_is_no_packet(raw: bytes) -> None:
    assert decode(raw) is None


def test_known_bytes() -> None:
    """The example of docs/design/link.md."""
    assert encode(Packet(Kind.INFO, 1)).hex() == "c00200010000000000b10b5becc0"


@pytest.mark.parametrize("length", [0, 3, 5, 1 << 20, (1 << 32) - 1])
def test_length_in_the_header_must_be_that_of_the_payload(length: int) -> None:
    """Also when the CRC is right: who sends a wrong length computes it over that."""
    body = struct.pack("<BBHI", Kind.INFO | REPLY, 0, 1, length) + bytes(4)
    assert decode(body + struct.pack("<I", zlib.crc32(body))) is None


@pytest.mark.parametrize("piece", [1000, 65536])
def test_endless_rubbish_is_not_kept(piece: int) -> None:
    """Nor does it take the packet behind it along, or much time."""
    decoder, after = Decoder(), Packet(Kind.INFO, 7)
    for _ in range((3 << 20) // piece):
        assert not list(decoder.feed(bytes(piece)))
    assert len(decoder._rest) <= 1 << 20
    assert list(decoder.feed(encode(after))) == [after]
    assert decoder.damaged == 1
