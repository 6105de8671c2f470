"""Faults in the AXI border of AMD boards (hw/axi)."""

from __future__ import annotations

from tests.mutants.kinds import Mutant


def _axi(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/axi/hearth_{file}.sv", old, new, bench="axi")


def _load(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/{file}.sv", old, new, bench="load")


_LOADING = (
    _load("frames start before their weights", "axi/hearth_axi_control", " && loaded_i;", ";"),
    _load(
        "restart does not come with new weights",
        "axi/hearth_axi_control",
        "      if (load_start_o) restart_q <= RestartCycles;\n",
        "",
    ),
    _load(
        "part of a word taken for four bytes",
        "axi/hearth_axi_control",
        "[hearth_axi_pkg::RegLoad] && write_mask_i == '1",
        "[hearth_axi_pkg::RegLoad]",
    ),
    _load("a word written over the one before it", "axi/hearth_axi_load", "left_q > 3'd1", "1'b0"),
    _load(
        "bytes behind the image's end are counted",
        "axi/hearth_axi_load",
        "left_q != '0 && !done_o",
        "left_q != '0",
    ),
    _load(
        "chain not emptied at a new beginning",
        "axi/hearth_axi_load",
        "{1'b0, start_i || rst, moves",
        "{1'b0, rst, moves",
    ),
    _load(
        "CRC goes on over a new beginning",
        "axi/hearth_axi_load",
        "      crc_q <= hearth_crc_pkg::Init;\n",
        "      if (rst) crc_q <= hearth_crc_pkg::Init;\n",
    ),
    _load(
        "word loaded a place too far",
        "memory/hearth_ultra_rom",
        "[write_address]",
        "[~write_address]",
    ),
)

MUTANTS: tuple[Mutant, ...] = (
    *_LOADING,
    _axi(
        "short line not flagged",
        "axi_video",
        "short_line = moves && s_axis_tlast && !last_column;",
        "short_line = 1'b0;",
    ),
    _axi(
        "write to a fixed register is fine",
        "axi_lite",
        "(write_o != '0) ? Okay : SlaveError",
        "Okay",
    ),
    _axi(
        "timeout lost in an over-long line",
        "axi_video",
        "if (late) state_d = first ? Hunt : PadFrame;\n        else if (restart ||",
        "if (restart ||",
    ),
    _axi(
        "stall in an over-long line not flagged",
        "axi_video",
        "(state_q == Pass || (state_q == DropLine && !first))",
        "state_q == Pass",
    ),
    _axi(
        "stall behind the last pixel flagged",
        "axi_video",
        "(state_q == DropLine && !first)",
        "state_q == DropLine",
    ),
    _axi("timeout a cycle late", "axi_video", "waited_q >= most_q", "waited_q > most_q"),
    _axi(
        "a pause is not forgotten",
        "axi_video",
        "if (rst || s_axis_tvalid || state_d != state_q) begin",
        "if (rst || state_d != state_q) begin",
    ),
    _axi(
        "frame ended by the next one is not marked",
        "axi_video",
        "damaged_q || short_line || long_line || truncated || stalled",
        "damaged_q || short_line || long_line || stalled",
    ),
    _axi(
        "period off by one",
        "axi_control",
        "answered_i ? 32'd1 : clock_q",
        "answered_i ? 32'd0 : clock_q",
    ),
    _axi("latency off by 8", "axi_control", "starts ? 32'd1 :", "starts ? 32'd9 :"),
    _axi("latency off by 1000", "axi_control", "starts ? 32'd1 :", "starts ? 32'd1001 :"),
    _axi(
        "latency of a frame that entered behind another",
        "axi_control",
        "!alone_q && frames_q == results_q",
        "!alone_q",
    ),
    _axi(
        "latency taken at the last cycle of waiting",
        "axi_control",
        "else if (waiting_i) alone_q <= 1'b0;",
        "else if (answered_i) alone_q <= 1'b0;",
    ),
    _axi(
        "enable written without its strobe",
        "axi_control",
        "if (write_mask_i[0]) enable_q",
        "if (1'b1) enable_q",
    ),
    _axi(
        "restart without its strobe",
        "axi_control",
        "if (masked[1]) restart_q",
        "if (write_data_i[1]) restart_q",
    ),
    _axi(
        "fault lost in the cycle of a clearing write",
        "axi_control",
        "(write_i[hearth_axi_pkg::RegFlags] ? flags_q & ~masked[4:0] : flags_q) | faults_i",
        "write_i[hearth_axi_pkg::RegFlags] ? flags_q & ~masked[4:0] : flags_q | faults_i",
    ),
    _axi(
        "frames enter without room for their flag",
        "axi_frames",
        "enable_i && flag_room",
        "enable_i",
    ),
    _axi(
        "restart cuts a packet",
        "axi_results",
        "else if (restart_i && beat_q != '0) padding_q <= 1'b1;",
        "else if (restart_i) beat_q <= '0;",
    ),
    _axi("padding without its mark", "axi_results", "padding_q || flag_data", "flag_data"),
    _axi(
        "padded packet counted as a result",
        "axi_results",
        "done_o = waiting_o && s_ready && last",
        "done_o = moves && last",
    ),
    _axi(
        "best class from the wrong beat",
        "axi_results",
        "beat_q == BeatBits'(TopBeat)",
        "beat_q == BeatBits'(TopBeat - 1)",
    ),
    _axi(
        "ready of a write follows its valid",
        "axi_lite",
        "assign s_axil_wready = !data_held_q;",
        "assign s_axil_wready = !data_held_q && s_axil_wvalid;",
    ),
    _axi(
        "address of a write taken twice",
        "axi_lite",
        "address_held_q <= !writes && (address_held_q || s_axil_awvalid);",
        "address_held_q <= (address_held_q && !writes) || s_axil_awvalid;",
    ),
    _axi(
        "packet's rest starts a frame",
        "axi_packet",
        "first_q <= s_axis_tlast;",
        "first_q <= last_column && s_axis_tlast;",
    ),
)
