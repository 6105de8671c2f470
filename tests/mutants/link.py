"""Faults in the link to a board (hw/link)."""

from __future__ import annotations

from tests.mutants.kinds import Mutant


def _link(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/link/hearth_{file}.sv", old, new, bench="link")


MUTANTS: tuple[Mutant, ...] = (
    _link(
        "missing stop bit accepted",
        "uart_rx",
        "m_valid <= sample && (left_q == 4'd1) && line_q[1];",
        "m_valid <= sample && (left_q == 4'd1);",
    ),
    _link("missing stop bit not told", "uart_rx", "&& !line_q[1];", "&& !line_q[1] && 1'b0;"),
    _link(
        "glitch taken for a start bit", "uart_rx", "glitch ? '0 : left_q - 1'b1", "left_q - 1'b1"
    ),
    _link("bits sampled at their edges", "uart_rx", "Divisor / 2 - 1", "0"),
    _link("stop bit of half a length", "uart_tx", "left_q <= 4'd10", "left_q <= 4'd9"),
    _link(
        "overflow of the buffer not told",
        "link_bytes",
        "rx_framing || (rx_valid && !rx_ready)",
        "rx_framing",
    ),
    _link(
        "lost bytes never reported",
        "packet_receiver",
        ".lost(lost_q || (s_lost && take))",
        ".lost(1'b0)",
    ),
    _link(
        "bytes lost in front of the last not reported",
        "packet_receiver",
        ".lost(lost_q || (s_lost && take))",
        ".lost(lost_q)",
    ),
    _link(
        "broken escape never reported",
        "packet_receiver",
        ".bad_escape,",
        ".bad_escape(1'b0),",
    ),
    _link(
        "escape in front of the end not reported",
        "slip_bytes",
        "wrong_q || escaped_q",
        "wrong_q",
    ),
    _link(
        "hardware id compared in its low half",
        "packet_receiver",
        "{value, argument[63:8]} != hardware_id",
        "argument[39:8] != hardware_id[31:0]",
    ),
    _link(
        "refusal carries an older packet's number",
        "packet_receiver",
        "headed ? {header.kind, header.flags, header.sequence_number} : '0",
        "{header.kind, header.flags, header.sequence_number}",
    ),
    _link(
        "number of a packet of seven bytes",
        "packet_header",
        "place_q == '1",
        "place_q == 3'd6",
    ),
    _link(
        "frame of any length",
        "packet_header",
        "hearth_link_pkg::TypeFrame && next.length == FrameBytes",
        "hearth_link_pkg::TypeFrame",
    ),
    _link(
        "weights of any length",
        "packet_header",
        "hearth_link_pkg::TypeUpdate && next.length == UpdateBytes",
        "hearth_link_pkg::TypeUpdate",
    ),
    _link(
        "the CRC's first byte taken for the payload's last",
        "packet_header",
        "if (left_q == 32'd1)",
        "if (left_q == 32'd0)",
    ),
    _link(
        "length of a packet looked at without its CRC",
        "packet_check",
        "length + 32'd12",
        "length + 32'd8",
    ),
    _link(
        "any number of frames of its own",
        "packet_check",
        "length != 32'd8 || frames > hearth_link_pkg::BenchFrames",
        "length != 32'd8",
    ),
    _link(
        "one frame of its own too few",
        "link_pkg",
        "BenchFrames = 32'd4096",
        "BenchFrames = 32'd4095",
    ),
    _link(
        "timeout that a byte does not put off",
        "packet_receiver",
        "(!s_ready || !begun_q) ? '0",
        "!begun_q ? '0",
    ),
    _link(
        "frame cut short is not given up",
        "packet_receiver",
        "if (closing && incomplete) give_up <= 1'b1;",
        "if (closing && incomplete) give_up <= 1'b0;",
    ),
    _link(
        "rows of a cut frame go on", "packet_pixels", "if (rst || close) begin", "if (rst) begin"
    ),
    _link("a frame too many", "pattern_source", "frames == 32'd1", "1'b0"),
    _link("every measurement of one frame", "pattern_source", "left_q == 32'd2", "1'b1"),
    _link("seed 0 stays 0", "pattern_source", "(seed == '0) ? 32'd1 : seed", "seed"),
    _link("packets do not end a measurement", "pattern_source", "!(final_q || stop)", "!final_q"),
    _link(
        "measurement done before its last pixel",
        "link",
        ".making(pattern_busy || frame_valid)",
        ".making(pattern_busy)",
    ),
    _link(
        "measurement done before its last frame",
        "bench_meter",
        "!making && inside_q == '0",
        "!making",
    ),
    _link("checksum without its carry", "bench_meter", "checksum[31:27]}", "5'd0}"),
    _link("checksum goes on", "bench_meter", "      checksum <= '0;\n", ""),
    _link(
        "first frame timed at the second",
        "bench_meter",
        "arrives && !any_q",
        "arrives && any_q",
    ),
    _link(
        "a word too few sent",
        "packet_sender",
        "index_q + 1'b1 != words_q",
        "index_q + 16'd2 != words_q",
    ),
    _link("words asked for twice", "packet_sender", "&& more_q && !load;", "&& more_q;"),
    _link("error pin dead", "link_counters", "error <= 1'b1;", "error <= 1'b0;"),
    _link(
        "error pin stays",
        "link_counters",
        "if (rst || clear) error",
        "if (rst) error",
    ),
    _link(
        "packets counted twice",
        "link_counters",
        "statuses_q[i] + 1'b1;",
        "statuses_q[i] + 2'd2;",
    ),
    _link(
        "status counters not cleared",
        "link_counters",
        "if (rst || clear) statuses",
        "if (rst) statuses",
    ),
    _link(
        "activity counted twice",
        "activity_counters",
        "taken_q + 32'(taken_few_q)",
        "taken_q + 32'({taken_few_q, 1'b0})",
    ),
    _link(
        "a word of the activity not cleared",
        "activity_counters",
        "left_q <= AddressBits'(Count - 1);",
        "left_q <= AddressBits'(Count - 2);",
    ),
    _link(
        "a word too few",
        "packet_sender",
        "index_q + 1'b1 != words_q;",
        "index_q + 2'd2 != words_q;",
    ),
    _link("word asked for twice", "packet_sender", "&& more_q && !load;", "&& more_q;"),
    _link("latency a cycle short", "link_frames", "now - stamp;", "now - stamp - 1'b1;"),
    _link(
        "logits that were not asked for", "answer_words", "with_logits || !result_is_logit", "1'b1"
    ),
    _link(
        "logits of the next frame thrown away",
        "answer_words",
        "result_taken = is_result_q && ready;",
        "result_taken = is_result_q && (ready || !wanted);",
    ),
    _link(
        "weights change for a refused update",
        "link_sequencer",
        "state_d == Start && fine && request.kind == hearth_link_pkg::TypeUpdate",
        "state_d == Start && request.kind == hearth_link_pkg::TypeUpdate",
    ),
    _link(
        "results of a damaged frame kept",
        "link_sequencer",
        "if (request.framed && !fine) state_d = Drop;\n        else if",
        "if",
    ),
    _link(
        "pixel lost while the network takes none",
        "link",
        ".pixel(received), .pixel_valid(received_valid), .pixel_ready(frame_ready)",
        ".pixel(received), .pixel_valid(received_valid), .pixel_ready(1'b1)",
    ),
    _link("sequence number of answers", "link", "request.sequence_number)", "'0)"),
)
