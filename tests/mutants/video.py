"""Faults between a camera and the network (hw/video)."""

from __future__ import annotations

from tests.mutants.kinds import PROOF, Mutant


def _scaler(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/video/hearth_scaler{file}.sv", old, new, bench="scaler")


def _axi(name: str, old: str, new: str) -> Mutant:
    return Mutant(name, "hw/axi/hearth_axi_scaler.sv", old, new, bench="axi scaler")


def _camera(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/video/hearth_dvp{file}.sv", old, new, bench="camera")


def _registers(name: str, old: str, new: str) -> Mutant:
    return Mutant(name, "hw/video/hearth_sccb.sv", old, new, bench="registers")


def _dvi(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/video/hearth_{file}.sv", old, new, bench="dvi")


def _arbiter(name: str, old: str, new: str) -> Mutant:
    return Mutant(name, "hw/video/hearth_frame_arbiter.sv", old, new, PROOF)


_ARBITER = (
    _arbiter("the camera does not give way", "(link_valid || again", "(again"),
    _arbiter("a result of the newest frame", "camera_q[oldest_q]", "camera_q[newest_q]"),
    _arbiter("a frame that was cut counts", "if (cut || (state_q", "if ((state_q"),
    _arbiter("a frame begins in its middle", "fresh && !spoilt_i", "camera_valid && !spoilt_i"),
    _arbiter("a frame that was cut is not told", "left_out_o = cut ||", "left_out_o ="),
    _arbiter("void frames count", "if (void_i) counts_q", "if (void_i && !starts && cut) counts_q"),
    _arbiter("a pixel is withdrawn", "\n      && (moves || !m_valid) && !ends", " && !ends"),
    _arbiter("a frame more than can be known", "if (!inside_q[InsideBits])", "if (1'b1)"),
)


def _latest(name: str, old: str, new: str) -> Mutant:
    return Mutant(name, "hw/video/hearth_latest.sv", old, new, PROOF)


_LATEST = (
    _latest("a word is written over on its way", "else if (told_q == taken)", "else"),
    _latest("a word changes while it is shown", "(take_i && told != taken_q)", "(told != taken_q)"),
    _latest("a word is answered before it is taken", ".d_i(taken_q)", ".d_i(told)"),
)


def _screen_board(name: str, old: str, new: str) -> Mutant:
    file = "hw/boards/serial/hearth_screen_board.sv"
    return Mutant(name, file, old, new, bench="screen board")


_SCREEN_BOARD = (
    _screen_board("no frame begins at the tap", ".tap_first_i(tap_first_o)", ".tap_first_i(1'b0)"),
    _screen_board(
        "a result's words but the last",
        ".result_valid_i(camera_word_valid_o)",
        ".result_valid_i(camera_word_valid_o && !camera_word_last_o)",
    ),
    _screen_board("an outline of another place", "pkg::ScreenLeft)", "pkg::ScreenLeft + 1)"),
    _screen_board("a shorter second", "pkg::ScreenClockHz)", "pkg::ScreenClockHz / 2)"),
)


def _screen(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/video/hearth_screen{file}.sv", old, new, bench="screen")


_BOARD = (
    Mutant(
        "results a word too short",
        "hw/boards/serial/hearth_video_board.sv",
        ".Words(Classes + Top)",
        ".Words(Classes + Top - 1)",
        "video board",
    ),
    Mutant(
        "frames begin while weights change",
        "hw/boards/serial/hearth_video_board.sv",
        "void_q <= quiet_q != '0;",
        "void_q <= 1'b0;",
        "video board",
    ),
)

_CAMERA = (
    _camera("frame let in behind one that is not over", "_capture", "idle_i && !over_q", "!over_q"),
    _camera(
        "rest of a frame follows what was lost",
        "_capture",
        "inside_q && !ends && !lost",
        "inside_q && !ends",
    ),
    _camera(
        "a frame that is over is not told",
        "_capture",
        "(inside_q && (ends || lost))",
        "(inside_q && lost)",
    ),
    _camera(
        "bytes of two lines make a word",
        "_capture",
        "second_q <= href_q && !second_q;",
        "second_q <= href_q ^ second_q;",
    ),
    _camera("green darker than white", "_rgb565", "green[5:4]", "green[1:0]"),
    _camera("a little less blue", "_yuv", "19'sd454", "19'sd453"),
    _camera("frames left out are not told", "", "toggle ^ toggle_q", "1'b0"),
)

_REGISTERS = (
    _registers(
        "the lower byte of a register's address twice", "entry[23:16], 1'b1", "entry[15:8], 1'b1"
    ),
    _registers("a write of two bytes' address ends a byte early", "2 + RegisterBytes;", "3;"),
    _registers(
        "the camera's bit is driven",
        "entry[15:8], 1'b1, entry[7:0], 1'b1};\n  end\n",
        "entry[15:8], 1'b0, entry[7:0], 1'b1};\n  end\n",
    ),
    _registers(
        "pauses are left out", "pauses ? bit_q == {entry[7:0], 8'hFF} : ends", "pauses || ends"
    ),
    _registers(
        "data change while the clock is high",
        "{phase_q == 2'd0 || phase_q == 2'd3, !level}",
        "{phase_q == 2'd0, !level}",
    ),
)

_AXI = (
    _axi("a mended frame is not marked", "| ({2{fault}} & entering)", ""),
    _axi("a fault marks the frame before", "&& |(broken_q & leaving);", "&& |broken_q;"),
    _axi("a fault is kept for another frame", " & ~({2{begins}} & entering)", ""),
    _axi("every line of a mended frame is cut", " & ~({2{cuts}} & leaving)", ""),
    _axi("a beat changes while it is offered", "!m_axis_tvalid || m_axis_tready", "1'b1"),
    _axi("a source that stops is waited for", ".timeout_i(Timeout)", ".timeout_i('0)"),
)

_DVI = (
    _dvi("ones and zeros drift apart", "tmds", "(excess_q > 0) ==", "(excess_q < 0) =="),
    _dvi("a pause leaves the excess as it was", "tmds", "(rst || !seen_i) ?", "rst ?"),
    _dvi("vsync a pixel late", "screen_timing", "XBits'(HStart - 1)", "XBits'(HStart)"),
    _dvi(
        "a wavering edge moves the symbols",
        "dvi",
        "(count_q == 3'd2 || count_q == 3'd3)",
        "count_q != 3'd0",
    ),
)

_SCREEN = (
    _screen("sums go on from the square above", "_keep", "(top_q ? '0 : held[c])", "held[c]"),
    _screen("a broken frame moves the next", "_keep", "first_q ? '0 : next_q", "next_q"),
    _screen(
        "squares a line too high",
        "_picture",
        "(y_i & Square) == Square",
        "(y_i & Square) == '0",
    ),
    _screen(
        "two results in one picture",
        "",
        ".take_i(over)",
        ".take_i(1'b1)",
    ),
    _screen(
        "logits of a result that is passed over",
        "_shares",
        "(word_q == '0) ? !busy : takes_q",
        "1'b1",
    ),
    _screen("a broken frame's result", "_shares", "last && counts_i", "last"),
    _screen("far logits count as the best", "_shares", "? '1", "? '0"),
    _screen("nine and one are nothing", "_rate", "carry && digits_q[i] == 4'd9", "1'b0"),
    _screen("bars a dot too long", "_text", "dot < DotBits'", "dot <= DotBits'"),
    _screen("an outline too wide", "_outline", "32'(x_i) < Right", "32'(x_i) <= Right"),
)

MUTANTS: tuple[Mutant, ...] = (
    *_ARBITER,
    *_AXI,
    *_BOARD,
    *_SCREEN_BOARD,
    *_CAMERA,
    *_DVI,
    *_REGISTERS,
    *_SCREEN,
    *_LATEST,
    _scaler("half rounded down", "_mean", "(Bits + 1)'(Area / 2)", "(Bits + 1)'((Area - 1) / 2)"),
    _scaler(
        "reciprocal a bit too short",
        "_mean",
        "hearth_scaler_pkg::shift(Odd, Largest);",
        "hearth_scaler_pkg::shift(Odd, Largest) - ((Odd > 1) ? 1 : 0);",
    ),
    _scaler(
        "crop begins a pixel early",
        "",
        "(ScaledWidth - Width) / 2",
        "(ScaledWidth - Width - 1) / 2",
    ),
    _scaler(
        "crop begins a line early",
        "",
        "(ScaledHeight - Height) / 2",
        "(ScaledHeight - Height - 1) / 2",
    ),
    _scaler(
        "a frame begins with what the last one left",
        "_rows",
        "(start_q ? '0 : held[c])",
        "held[c]",
    ),
    _scaler(
        "the rest of a pixel is lost",
        "_row",
        "SumBits'(whole_q[c] - part_q[c])",
        "'0",
    ),
    _scaler(
        "the rest of a line is the whole line",
        "_rows",
        "SumBits'(whole_q[c] - part_q[c])",
        "SumBits'(whole_q[c])",
    ),
    _scaler(
        "an end that meets a border is missed",
        "_axis",
        "rest_q <= RestBits'(Unit)",
        "rest_q < RestBits'(Unit)",
    ),
    _scaler("rows below the crop leave", "_axis", "!skipping_q && target_q != Past", "!skipping_q"),
    _scaler("a start of frame on every row", "_rows", "first && column_q == '0", "column_q == '0"),
)
