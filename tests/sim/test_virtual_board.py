"""The virtual board: the complete board top behind a pseudo-terminal, with faults on the wire.

One small network with a layer of every kind is built once and kept; each test talks to a board of
its own through the very program that talks to a real one.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import serial

from hearth.sim.virtual_board import virtual
from hearth.toolchain.cli.connect import Connection, connect
from hearth.toolchain.host import compare
from hearth.toolchain.host.packets import REPLY, Decoder, Kind, Packet, Status, encode
from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.saved import build_folder, weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.progress import silent
from tests.conftest import kinds_build

PATIENCE = 60.0
"""Seconds that a simulated board may take for an answer: only a hang takes longer."""
SHORT = 2.0
"""The same where an answer is lost for certain; a longer one only makes the test slower."""

Fault = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def build(virtual_build: Build) -> Build:
    return virtual_build


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The same hardware with other weights."""
    return kinds_build(tmp_path_factory.mktemp("board") / "other", 4)


@pytest.fixture
def port(build: Build) -> Iterator[str]:
    with virtual.running(build) as name:
        yield name


@pytest.fixture
def wire(port: str) -> Iterator[serial.Serial]:
    with serial.Serial(port, 3_000_000, timeout=0.005) as opened:
        yield opened


@pytest.fixture
def frames(build: Build) -> Array:
    rng = np.random.default_rng(5)
    return rng.integers(0, 256, (4, *build.qgraph.input.shape), dtype=np.uint8)


class Faulty:
    """A wire that does `fault` to the packet of write number `number`."""

    def __init__(self, wire: serial.Serial, number: int, fault: Fault) -> None:
        self._wire, self._left, self._fault = wire, number, fault

    def read(self, size: int = 1) -> bytes:
        return bytes(self._wire.read(size))

    def write(self, data: bytes) -> int | None:
        self._left -= 1
        written: int = self._wire.write(self._fault(data) if self._left == 0 else data)
        return written


def _flip(data: bytes) -> bytes:
    return data[:100] + bytes([data[100] ^ 4]) + data[101:]


FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "flipped bit": (_flip, {"WRONG_CRC", "WRONG_LENGTH", "BAD_ESCAPE"}),
    "dropped byte": (lambda data: data[:200] + data[201:], {"WRONG_LENGTH", "BAD_ESCAPE"}),
    "truncated": (lambda data: data[:300] + data[-1:], {"WRONG_LENGTH", "BAD_ESCAPE"}),
    "header only": (lambda data: data[:9] + data[-1:], {"WRONG_LENGTH"}),
    "over-long": (lambda data: data[:-1] + b"more" + data[-1:], {"WRONG_LENGTH"}),
    "stalled for ever": (lambda data: data[:150], {"TIMED_OUT", "WRONG_LENGTH"}),
    "interleaved": (lambda data: data[:50] + encode(Packet(Kind.INFO, 9)) + data[50:], set()),
    "rubbish in front": (lambda data: b"\x55\xdb\x00" * 9 + data, set()),
    "nothing": (lambda _: b"", {"NO_ANSWER"}),
}


def _same(build: Build, board: SerialBoard, frames: Array) -> None:
    wanted = golden.outputs(build.qgraph, frames)[:, 0, 0]
    got = [[*result.logits, *result.top] for result in board.results(frames)]
    assert np.array_equal(np.array(got), wanted)


def test_board_equals_golden_model(build: Build, wire: serial.Serial, frames: Array) -> None:
    board = SerialBoard(wire, PATIENCE)
    compare.check_build(board, build_id(build))
    result = compare.compare(board, build.qgraph, frames)
    assert result.verdict == "4 frames: board and golden model are equal"
    assert not result.faults
    counters = board.counters()
    assert counters.packets["FINE"] == 7  # info, four frames, bench, this
    assert all(kernel.busy > 0 for kernel in counters.kernels)
    board.counters(clear=True)
    assert board.counters().packets["FINE"] == 1
    assert result.cycles_per_frame < 1.05 * build.design.cycles


def test_two_boards_at_once(build: Build, wire: serial.Serial, frames: Array) -> None:
    """Of one build; the second leaves and the first goes on."""
    with virtual.running(build) as name, serial.Serial(name, 3_000_000, timeout=0.005) as second:
        for each in (wire, second):
            _same(build, SerialBoard(each, PATIENCE), frames[:1])
    _same(build, SerialBoard(wire, PATIENCE), frames[:1])


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_reported_and_every_frame_right(
    build: Build, wire: serial.Serial, frames: Array, name: str
) -> None:
    fault, reported = FAULTS[name]
    patience = SHORT if name in ("nothing", "stalled for ever") else PATIENCE
    board = SerialBoard(Faulty(wire, 3, fault), patience)
    _same(build, board, frames)
    assert board.faults
    assert not reported or reported & set(board.faults)


def test_answer_damaged_on_its_way_back(build: Build, wire: serial.Serial, frames: Array) -> None:
    class Deaf(Faulty):
        def read(self, size: int = 1) -> bytes:
            data = super().read(size)
            if -50 < self._left < 0 and len(data) > 4:
                self._left -= 100
                return data[:2] + data[3:]
            return data

    board = SerialBoard(Deaf(wire, 1, lambda data: data), SHORT)
    _same(build, board, frames)
    assert board.faults["DAMAGED_ANSWER"]


def test_unplugged_in_mid_frame(build: Build, port: str, frames: Array) -> None:
    with serial.Serial(port, 3_000_000, timeout=0.005) as wire:
        SerialBoard(wire, PATIENCE)
        wire.write(encode(Packet(Kind.FRAME, 1, 1, frames[0].tobytes()))[:333])
    with serial.Serial(port, 3_000_000, timeout=0.005) as wire:
        _same(build, SerialBoard(wire, PATIENCE), frames)


@pytest.mark.parametrize(
    ("packet", "status"),
    [
        (Packet(0x55, 1), Status.UNKNOWN_TYPE),
        (Packet(Kind.INFO, 2, 0, b"1234"), Status.WRONG_PAYLOAD),
        (Packet(Kind.FRAME, 3, 0, bytes(12)), Status.WRONG_PAYLOAD),
        (Packet(Kind.BENCH, 4, 0, bytes(4)), Status.WRONG_PAYLOAD),
    ],
)
def test_refusal(wire: serial.Serial, packet: Packet, status: Status) -> None:
    wire.timeout = PATIENCE
    wire.write(encode(packet))
    raw = wire.read(1) + wire.read_until(b"\xc0")
    (answer,) = Decoder().feed(raw)
    assert (answer.kind, answer.sequence) == (Kind.ERROR | REPLY, packet.sequence)
    assert (answer.flags, answer.words) == (status, (packet.kind,))


def test_result_without_logits(build: Build, wire: serial.Serial, frames: Array) -> None:
    wire.timeout = PATIENCE
    wire.write(encode(Packet(Kind.FRAME, 3, 0, frames[0].tobytes())))
    (answer,) = Decoder().feed(wire.read(1) + wire.read_until(b"\xc0"))
    wanted = golden.top(build.qgraph, golden.outputs(build.qgraph, frames[:1]))
    assert list(answer.words[2:]) == list(wanted[0])


def test_other_build_is_refused(wire: serial.Serial) -> None:
    board = SerialBoard(wire, PATIENCE)
    with pytest.raises(HearthError, match="this folder is build 0000000000000001"):
        compare.check_build(board, 1)


def test_frames_of_another_size(wire: serial.Serial) -> None:
    board = SerialBoard(wire, PATIENCE)
    with pytest.raises(HearthError, match="the board takes frames of"):
        next(board.results(np.zeros((1, 5, 5, 3), np.uint8)))


def test_silent_port() -> None:
    class Silent:
        def read(self, size: int = 1) -> bytes:
            return b""

        def write(self, data: bytes) -> int:
            return len(data)

    with pytest.raises(HearthError, match=r"no answer to INFO after 2 attempt\(s\)"):
        SerialBoard(Silent(), timeout=0.0, attempts=2)


def test_missing_port(build: Build) -> None:
    nowhere = Connection("/dev/ttyNONE")
    with (
        pytest.raises(HearthError, match="--port /dev/ttyNONE: cannot be opened"),
        connect(build, nowhere, silent),
    ):
        pass


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match="not a Hearth build folder"):
        build_folder.load(tmp_path)


def test_bench_of_one_frame(wire: serial.Serial) -> None:
    board = SerialBoard(wire, PATIENCE)
    assert board.bench(1).frames == 1


def test_new_weights_while_frames_are_on_their_way(
    build: Build, other: Build, wire: serial.Serial, frames: Array
) -> None:
    board = SerialBoard(wire, PATIENCE)
    _same(build, board, frames)
    stream = board.results(frames)
    wanted = golden.outputs(build.qgraph, frames)[:, 0, 0]
    assert [*(first := next(stream)).logits, *first.top] == list(wanted[0])
    # One more frame is inside: its result is still that of the old weights.
    assert board.update(hardware_id(other), weights_image.image(other)) == build_id(other)
    assert [*(second := next(stream)).logits, *second.top] == list(wanted[1])
    newer = golden.outputs(other.qgraph, frames)[:, 0, 0]
    assert [[*result.logits, *result.top] for result in stream] == newer[2:].tolist()
    compare.check_build(board, build_id(other))
    _same(other, board, frames)
    assert board.update(hardware_id(build), weights_image.image(build)) == build_id(build)
    assert compare.compare(board, build.qgraph, frames).ok
    assert not board.faults


SPOILED: dict[str, tuple[Fault, set[str]]] = {
    **{name: FAULTS[name] for name in ("flipped bit", "dropped byte", "truncated", "over-long")},
    "cut off": (lambda data: data[:-700], {"TIMED_OUT"}),
    "flipped at the end": (
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        {"WRONG_CRC", "BAD_ESCAPE", "WRONG_LENGTH"},
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_weights_are_refused_and_the_old_go_on(
    build: Build, other: Build, wire: serial.Serial, frames: Array, name: str
) -> None:
    fault, reported = SPOILED[name]
    board = SerialBoard(Faulty(wire, 2, fault), PATIENCE, attempts=1)
    with pytest.raises(HearthError, match=r"refused UPDATE 1 time\(s\), at last with [A-Z]+_"):
        board.update(hardware_id(other), weights_image.image(other))
    assert reported & set(board.faults)
    _same(build, board, frames)
    assert board.update(hardware_id(other), weights_image.image(other)) == build_id(other)
    _same(other, board, frames)


def test_weights_for_other_hardware_are_refused(
    build: Build, other: Build, wire: serial.Serial, frames: Array
) -> None:
    board = SerialBoard(wire, PATIENCE)
    image = weights_image.image(other)
    assert len(image) == board.info.image_bytes
    with pytest.raises(HearthError, match="these weights are for 0000000000000001"):
        board.update(1, image)
    usual, wire.timeout = wire.timeout, PATIENCE
    packets = {
        Status.WRONG_MODEL: (1).to_bytes(8, "little") + image,
        Status.WRONG_PAYLOAD: hardware_id(other).to_bytes(8, "little") + image[:-1],
    }
    for status, payload in packets.items():
        wire.write(encode(Packet(Kind.UPDATE, 7, 0, payload)))
        (answer,) = Decoder().feed(wire.read(1) + wire.read_until(b"\xc0"))
        assert (answer.kind, answer.flags) == (Kind.ERROR | REPLY, status)
    wire.timeout = usual
    _same(build, board, frames)


def test_no_pseudo_terminal_is_said_before_anything_is_built(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left() -> tuple[int, int]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "openpty", none_left)
    monkeypatch.setattr(virtual, "compile_board", lambda *_: pytest.fail("built first"))
    wanted = r"virtual board: no pseudo-terminal can be opened \(No space left on device\)"
    with pytest.raises(HearthError, match=wanted), virtual.running(build):
        pass


def test_port_of_others_names_the_group(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port: Permission denied")

    monkeypatch.setattr(serial, "Serial", denied)
    with (
        pytest.raises(HearthError, match=r"sudo usermod -aG dialout \$USER"),
        connect(build, Connection("/dev/ttyUSB0"), silent),
    ):
        pass
