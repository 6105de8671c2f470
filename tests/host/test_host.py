"""The host against boards that lie: a sentence and an exit status, never a traceback or a hang."""

from __future__ import annotations

import itertools
import struct
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hearth.sim.virtual_board import virtual
from hearth.toolchain.cli import connect
from hearth.toolchain.cli import main as cli
from hearth.toolchain.host import answers, compare
from hearth.toolchain.host.packets import MOST_BENCH_FRAMES, REPLY, Kind, Packet, Status
from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support.errors import HearthError
from tests.host.fake_board import CYCLES, FakeBoard, Lie, honest, random_frames, terminal, words
from tests.nets import tiny

QGRAPH = tiny.design().qgraph
FRAMES = random_frames(QGRAPH, 3)
BUILD_ID = 0x0123_4567_89AB_CDEF


def only(kind: Kind, lie: Lie) -> Lie:
    """A lie about answers to one kind of request."""
    return lambda request, answer: lie(request, answer) if request.kind == kind else [answer]


def once(lie: Lie) -> Lie:
    """A lie that is told once."""
    count = itertools.count()
    return lambda request, answer: lie(request, answer) if next(count) == 0 else [answer]


def put(kind: Kind, changed: dict[int, int]) -> Lie:
    return only(kind, lambda _, answer: [words(answer, changed)])


def resized(kind: Kind, size: int) -> Lie:
    def lie(_: Packet, answer: Packet) -> list[Packet]:
        return [replace(answer, payload=(answer.payload + bytes(size))[:size])]

    return only(kind, lie)


def error(status: int) -> Lie:
    def lie(request: Packet, _: Packet) -> list[Packet]:
        kind = struct.pack("<I", request.kind)
        return [Packet(Kind.ERROR | REPLY, request.sequence, status, kind)]

    return lie


def other_kind(request: Packet, answer: Packet) -> list[Packet]:
    return [replace(answer, kind=answer.kind ^ 0x40)]


def nothing(request: Packet, answer: Packet) -> list[Packet]:
    return []


HOSTILE: dict[str, tuple[Lie, str]] = {
    "info without words": (resized(Kind.INFO, 0), "answers INFO with 0 bytes where 48 are"),
    "info of three bytes": (resized(Kind.INFO, 3), "answers INFO with 3 bytes where 48 are"),
    "info, too long": (resized(Kind.INFO, 52), "answers INFO with 52 bytes where 48 are"),
    "info, huge": (resized(Kind.INFO, 900_000), "answers INFO with 900,000 bytes where 48"),
    "another version": (put(Kind.INFO, {0: 77}), "speaks version 77 of the packet format"),
    "pixels of nothing": (put(Kind.INFO, {11: 0}), "with pixels of 0 bytes, which cannot be"),
    "pixels too large": (put(Kind.INFO, {11: 5}), "with pixels of 5 bytes, which cannot be"),
    "grey frames": (put(Kind.INFO, {11: 1}), "the board has 1 bytes a pixel where 3 belong"),
    "frames of nothing": (put(Kind.INFO, {3: 0}), "frames of 0 x 0 pixels, which cannot be"),
    "frames too large": (put(Kind.INFO, {3: 0xFFFFFFFF}), "frames of 65535 x 65535 pixels"),
    "no classes": (put(Kind.INFO, {4: 0}), "the 0 best of 0 classes, which cannot be"),
    "more best than classes": (put(Kind.INFO, {4: 9 << 16 | 4}), "the 9 best of 4 classes"),
    "kernels beyond count": (put(Kind.INFO, {5: 0xFFFFFFFF}), "4,294,967,295 kernels"),
    "no clock": (put(Kind.INFO, {6: 0}), "a clock of 0 kHz, which cannot be"),
    "another size": (put(Kind.INFO, {3: 9 << 16 | 7}), "has 9 lines where 8 belong, 7 pixels a"),
    "other classes": (put(Kind.INFO, {4: 3 << 16 | 5}), "has 5 classes where 4 belong, 3 best cl"),
    "one logit too few": (resized(Kind.FRAME, 28), "answers FRAME with 28 bytes where 32 are"),
    "one logit too many": (resized(Kind.FRAME, 36), "answers FRAME with 36 bytes where 32 are"),
    "half a logit": (resized(Kind.FRAME, 30), "answers FRAME with 30 bytes where 32 are"),
    "no time at all": (put(Kind.FRAME, {0: 0}), "a latency of 0 cycles, which cannot be"),
    "bench of one byte": (resized(Kind.BENCH, 1), "answers BENCH with 1 bytes where 16 are"),
    "frames in no time": (put(Kind.BENCH, {1: 0, 2: 0}), "0 of 0 cycles for 8 frames"),
    "part above the whole": (put(Kind.BENCH, {1: 9000}), "9,000 of 8,000 cycles for 8 frames"),
    "fewer frames": (put(Kind.BENCH, {0: 3}), "made 3 frames of its own instead of 8, 5 time"),
    "always refused": (error(Status.WRONG_CRC), r"refused INFO 5 time\(s\), at last with WRONG_C"),
    "unknown refusal": (error(200), r"refused INFO 5 time\(s\), at last with STATUS_200"),
    "frames refused": (only(Kind.FRAME, error(7)), "refused FRAME 5 time.*with LOST_BYTES"),
    "another kind": (only(Kind.FRAME, other_kind), "what answers FRAME is not an answer to it"),
    "silence": (only(Kind.BENCH, nothing), r"no answer to BENCH after 5 attempt\(s\)"),
}


def _compare(lie: Lie) -> compare.Comparison:
    board = SerialBoard(FakeBoard(QGRAPH, BUILD_ID, lie), timeout=0.02)
    compare.check_build(board, BUILD_ID)
    return compare.compare(board, QGRAPH, FRAMES)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answer_is_one_sentence(name: str) -> None:
    lie, sentence = HOSTILE[name]
    with pytest.raises(HearthError, match=sentence) as caught:
        _compare(lie)
    assert str(caught.value).startswith("--port: ")


def test_honest_board() -> None:
    result = _compare(honest)
    assert result.ok
    assert (result.cycles_per_frame, result.board_fps) == (CYCLES, 75_000)


WRONG: dict[str, tuple[Lie, str]] = {
    "logit": (put(Kind.FRAME, {3: 0x80000000}), "frame 0, logit of class 1: got -2147483648"),
    "label": (put(Kind.FRAME, {6: 0xFFFFFFFF}), "frame 0, place 1 of the top: got 4294967295"),
    "checksum": (put(Kind.BENCH, {3: 0}), "pseudo-random frames have another checksum"),
}


@pytest.mark.parametrize("name", WRONG)
def test_board_that_computes_wrong(name: str) -> None:
    lie, sentence = WRONG[name]
    result = _compare(lie)
    assert not result.ok
    assert sentence in result.verdict


def test_interleaved_and_foreign_answers() -> None:
    """Answers out of order are sorted; those with numbers of nobody, or doubled, are dropped."""
    held: list[Packet] = []

    def lie(request: Packet, answer: Packet) -> list[Packet]:
        foreign = replace(answer, sequence=answer.sequence ^ 0x8000)
        if request.kind != Kind.FRAME:
            return [foreign, *held, answer, answer]
        held.append(answer)
        if len(held) == 2:
            return [foreign, held.pop(), foreign, held.pop()]
        return [foreign]

    board = SerialBoard(FakeBoard(QGRAPH, BUILD_ID, lie), timeout=0.02)
    assert compare.compare(board, QGRAPH, FRAMES[:2]).ok


def test_answers_to_later_requests_are_not_kept() -> None:
    """What comes before it was asked for is not an answer."""

    def lie(request: Packet, answer: Packet) -> list[Packet]:
        early = Packet(Kind.COUNTERS | REPLY, request.sequence + 1, 0, bytes(60))
        return [answer] if request.kind == Kind.COUNTERS else [early, answer]

    fake = FakeBoard(QGRAPH, BUILD_ID, lie)
    board = SerialBoard(fake, timeout=0.02)
    assert board.counters().packets["WRONG_MODEL"] == Status.WRONG_MODEL


@pytest.mark.parametrize("fault", [other_kind, error(Status.TIMED_OUT), nothing])
def test_a_single_fault_is_mended(fault: Lie) -> None:
    result = _compare(only(Kind.FRAME, once(fault)))
    assert result.ok
    assert sum(result.faults.values()) == 1


def test_an_interrupted_measurement_is_repeated() -> None:
    result = _compare(only(Kind.BENCH, once(put(Kind.BENCH, {0: 2}))))
    assert result.ok
    assert result.faults == {"INTERRUPTED": 1}


def test_endless_rubbish_ends() -> None:
    """A port that never stops talking is no board either."""

    class Babble(FakeBoard):
        def read(self, size: int = 1) -> bytes:
            return bytes(range(256)) * 16

    with pytest.raises(HearthError, match="no answer to INFO"):
        SerialBoard(Babble(QGRAPH, BUILD_ID), timeout=0.02, attempts=2)


def test_requests_never_have_number_zero() -> None:
    """It is that of refusals whose packet the board does not know."""
    fake = FakeBoard(QGRAPH, BUILD_ID)
    board = SerialBoard(fake, timeout=0.02)
    board._line._sequence = 0xFFFD
    for _ in range(4):
        board.counters()
    assert [request.sequence for request in fake.requests[1:]] == [0xFFFE, 0xFFFF, 1, 2]


def test_counters_of_every_kernel() -> None:
    board = SerialBoard(FakeBoard(QGRAPH, BUILD_ID), timeout=0.02)
    found = board.counters()
    assert found.packets == {status.name: int(status) for status in Status}
    assert [(k.busy, k.starved, k.blocked) for k in found.kernels] == [(0, 2, 4), (1, 3, 5)]
    board = SerialBoard(FakeBoard(QGRAPH, BUILD_ID, resized(Kind.COUNTERS, 56)), timeout=0.02)
    with pytest.raises(HearthError, match="answers COUNTERS with 56 bytes where 60 are"):
        board.counters()


@pytest.mark.parametrize("frames", [0, -1, MOST_BENCH_FRAMES + 1, 1 << 32])
def test_frames_that_no_board_makes(frames: int) -> None:
    board = SerialBoard(FakeBoard(QGRAPH, BUILD_ID), timeout=0.02)
    with pytest.raises(HearthError, match=r"a board makes 1 to 4,096 frames of its own, not"):
        board.bench(frames)


def test_weights_for_other_boards() -> None:
    board = SerialBoard(FakeBoard(QGRAPH, BUILD_ID), timeout=0.02)
    right = 0xBEEF << 32 | 0xDEAD
    for wrong in (right ^ 1, right ^ 1 << 32, right ^ 1 << 63):
        with pytest.raises(HearthError, match=f"these weights are for {wrong:016x}"):
            board.update(wrong, bytes(16))
    with pytest.raises(HearthError, match="takes 16 bytes of weights, these are 17 for the same"):
        board.update(right, bytes(17))
    assert board.update(right, bytes(16)) == 1 | 2 << 32
    lie = resized(Kind.UPDATE, 12)
    board = SerialBoard(FakeBoard(QGRAPH, BUILD_ID, lie), timeout=0.02)
    with pytest.raises(HearthError, match="answers UPDATE with 12 bytes where 8 are"):
        board.update(right, bytes(16))


def test_speed_of_one_frame() -> None:
    one = Packet(Kind.BENCH | REPLY, 1, 0, struct.pack("<4I", 1, 0, 700, 5))
    assert answers.speed(one).cycles_per_frame == 0


# ---- the whole command


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("host") / "build"
    design = tiny.design()
    build_folder.write(folder, design, b"", emit(design), {})
    return build_folder.load(folder)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(path)
    return path


def _run(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Exit status of a command line."""
    monkeypatch.setattr("sys.argv", ["hearth", *map(str, words)])
    monkeypatch.setattr(connect, "_ANSWER_SECONDS", 0.2)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(caught.value.code or 0)


CASES: dict[str, tuple[Lie, int, str]] = {
    "honest": (honest, 0, "1 frames: board and golden model are equal"),
    "wrong": (put(Kind.FRAME, {2: 5}), 1, "1 of 1 frames differ: frame 0, logit of class 0"),
    "hostile": (resized(Kind.FRAME, 0), 2, "answers FRAME with 0 bytes where 32 are expected"),
    "refusing": (error(Status.BAD_ESCAPE), 2, "refused INFO 5 time(s), at last with BAD_ESCAPE"),
    "silent": (nothing, 2, "no answer to INFO after 5 attempt(s)"),
    "another build": (put(Kind.INFO, {1: 1, 2: 0}), 2, "the board runs build 0000000000000001,"),
}


@pytest.mark.parametrize("name", CASES)
def test_command_over_a_terminal(
    build: Build,
    picture: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    lie, status, sentence = CASES[name]
    with terminal(FakeBoard(QGRAPH, build_id(build), lie)) as port:
        assert _run(monkeypatch, "compare", build.path, picture, "--port", port) == status
    printed = capsys.readouterr()
    assert sentence in printed.out + printed.err
    assert "Traceback" not in printed.err


def test_a_simulated_board_may_take_its_time(
    build: Build, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer comes long after a board's would be missed, and is not asked for again."""

    def late(request: Packet, answer: Packet) -> list[Packet]:
        time.sleep(0.5)
        return [answer]

    board = FakeBoard(QGRAPH, build_id(build), late)
    monkeypatch.setattr(virtual, "running", lambda _build, _report: terminal(board))
    assert _run(monkeypatch, "compare", build.path, picture, "--port", "virtual") == 0
    kinds = [request.kind for request in board.requests]
    assert kinds.count(Kind.FRAME) == 1


def test_patience_grows_with_the_network(build: Build) -> None:
    """At 10,000 simulated cycles a second, twice a frame's bytes and three frames' cycles."""
    design = replace(build.design, period=10**6)
    source = design.qgraph.input
    least = (3 * 10**6 + 2 * 3 * source.pixels * 10 * virtual.DIVISOR) / 10_000
    assert design.cycles == 10**6
    assert virtual.answer_seconds(design) > least


@pytest.mark.parametrize("baud", ["0", "-1", "9600", "1000000000000", "nan", "1e6"])
def test_rates_that_no_board_has(
    build: Build,
    picture: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    baud: str,
) -> None:
    """Refused before a port is opened or a virtual board is built."""
    words = ("compare", build.path, picture, "--port", "virtual", f"--baud={baud}")
    assert _run(monkeypatch, *words) == 2
    error = capsys.readouterr().err
    assert "--baud" in error
    assert len(error.strip().splitlines()) == 1
    if baud.lstrip("-").isdigit():
        assert f"--baud {baud}: a board's serial port runs at 28800 to 12000000 bits" in error


@pytest.mark.parametrize("port", ["/dev/null", "/", "", "nowhere"])
def test_ports_that_are_none(
    build: Build,
    picture: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    port: str,
) -> None:
    assert _run(monkeypatch, "compare", build.path, picture, "--port", port) == 2
    error = capsys.readouterr().err
    assert f"--port {port}: cannot be opened" in error
    assert len(error.strip().splitlines()) == 1
