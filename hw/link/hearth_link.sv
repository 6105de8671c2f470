// The board's side of the link: a UART's bytes on one side, the network's two streams on the other.
//
//   link_bytes - packet_receiver (or pattern_source) - link_frames - network
//                        | events                           |
//                  link_sequencer                           |
//   uart_tx - packet_sender - answer_words ----------------- results
//                        link_counters, bench_meter
//
// Requests are answered in their order. A frame is answered when its results have come; a request
// that is wrong in any way is answered by an ERROR packet that names the fault, and a damaged
// frame's results are dropped. The packets themselves are described in docs/design/link.md.
module hearth_link #(
  parameter int unsigned Width = 32,         // pixels per line
  parameter int unsigned Height = 32,        // lines
  parameter int unsigned Colours = 3,        // bytes of a pixel
  parameter int unsigned Classes = 10,
  parameter int unsigned Top = 5,            // class indices behind the logits of a result
  parameter int unsigned Kernels = 19,
  parameter int unsigned Divisor = 25,       // clock cycles per bit of the UART
  parameter int unsigned ClockKhz = 75000,
  parameter int unsigned Timeout = 1 << 22,  // cycles that a packet may pause
  parameter int unsigned ImageBytes = 0,     // of all ROMs and the build id; 0: weights are fixed
  parameter IdFile = ""                      // image of a ROM: build id, low word first
) (
  input  logic               clk,
  input  logic               rst,
  input  logic               uart_rx_line,
  output logic               uart_tx_line,
  output logic [8*Colours-1:0] pixel_data,
  output logic               pixel_valid,
  input  logic               pixel_ready,
  input  logic [       31:0] result_data,
  input  logic               result_valid,
  output logic               result_ready,
  input  logic [Kernels-1:0] busy,
  input  logic [Kernels-1:0] starved,
  input  logic [Kernels-1:0] blocked,
  input  logic [       63:0] hardware_id,
  output logic [       10:0] load,     // new weights (hw/memory/hearth_rom_loader.sv)
  output logic               active,   // a frame is on its way
  output logic               error     // some request was wrong since the counters were cleared
);
  // ---- packets in
  logic [7:0] byte_data;
  logic byte_lost, byte_valid, byte_ready;
  hearth_link_pkg::pixel_t received, pattern, frame;
  logic received_valid, pattern_valid, pattern_busy, bench_start, frame_valid, frame_ready;
  hearth_link_pkg::event_t came, request;
  logic video_ready, give_up, release_hold, came_valid, came_ready, request_valid, request_ready;
  logic [63:0] argument;  // of a BENCH request: frames, seed
  logic [9:0] load_bytes;

  hearth_link_bytes #(.Divisor(Divisor)) u_bytes (
    .clk, .rst, .line(uart_rx_line),
    .m_data(byte_data), .m_lost(byte_lost), .m_valid(byte_valid), .m_ready(byte_ready)
  );
  hearth_packet_receiver #(
    .Width(Width), .Height(Height), .Colours(Colours), .Timeout(Timeout), .ImageBytes(ImageBytes)
  ) u_receiver (
    .clk, .rst,
    .s_data(byte_data), .s_valid(byte_valid), .s_ready(byte_ready), .s_lost(byte_lost),
    .pixel(received), .pixel_valid(received_valid), .pixel_ready(frame_ready), .give_up,
    .event_data(came), .event_valid(came_valid), .event_ready(came_ready),
    .argument, .hardware_id, .load(load_bytes), .release_hold
  );
  hearth_fifo #(.Width(hearth_link_pkg::EventBits), .Depth(16)) u_events (
    .clk, .rst,
    .s_data(came), .s_valid(came_valid), .s_ready(came_ready),
    .m_data(request), .m_valid(request_valid), .m_ready(request_ready)
  );
  // Starts when all frames before are answered; a byte that waits, of the next packet, ends it.
  hearth_pattern_source #(.Width(Width), .Height(Height), .Colours(Colours)) u_pattern (
    .clk, .rst, .start(bench_start), .stop(byte_valid), .frames(argument[31:0]),
    .seed(argument[63:32]), .busy(pattern_busy),
    .pixel(pattern), .pixel_valid(pattern_valid), .pixel_ready(frame_ready && !received_valid)
  );
  // Whether the network takes a pixel is known late: not in the cycle in which bytes are decoded.
  hearth_skid #(.Width($bits(frame))) u_pixels (
    .clk, .rst,
    .s_data(received_valid ? received : pattern), .s_valid(received_valid || pattern_valid),
    .s_ready(frame_ready), .m_data(frame), .m_valid(frame_valid), .m_ready(video_ready)
  );

  // ---- frames and their results
  logic [31:0] result, latency, now;
  logic result_waits, result_taken, result_is_logit, result_last, arrives, arrived, handed;

  hearth_link_frames #(
    .Width(Width), .Height(Height), .Colours(Colours), .Classes(Classes), .Top(Top)
  ) u_frames (
    .clk, .rst, .give_up,
    .s_pixel(frame), .s_valid(frame_valid), .s_ready(video_ready),
    .pixel_data, .pixel_valid, .pixel_ready, .result_data, .result_valid, .result_ready,
    .word(result), .word_valid(result_waits), .word_ready(result_taken),
    .word_is_logit(result_is_logit), .word_last(result_last),
    .arrives, .arrived, .latency, .now, .handed, .active
  );

  // ---- answers
  logic idle, send, sending, clear, bank, build_id_high, result_wanted, word_ready, word_valid;
  logic bench_done, fine, tx_valid, tx_ready;
  logic [7:0] tx_data;
  logic [15:0] index, words;
  logic [31:0] word, counter, build_id;

  hearth_link_sequencer u_sequencer (
    .clk, .rst, .request, .request_valid, .request_ready, .arrived, .result_waits, .result_last,
    .result_wanted, .result_taken, .idle, .bench_start, .bench_done, .send, .sending, .bank,
    .clear, .release_hold
  );
  assign fine = request.status == hearth_link_pkg::Fine;

  // The four words of an answer to BENCH.
  logic [3:0][31:0] bench;
  hearth_bench_meter u_meter (
    .clk, .rst, .idle, .making(pattern_busy || frame_valid), .now, .handed, .arrives,
    .word(result), .take(result_waits && result_taken), .last(result_last), .done(bench_done),
    .frames(bench[0]), .steady(bench[1]), .in_all(bench[2]), .checksum(bench[3])
  );

  hearth_link_counters #(.Kernels(Kernels)) u_counters (
    .clk, .rst, .clear, .counted(came_valid && came_ready), .status(came.status),
    .busy, .starved, .blocked, .index, .word(counter), .error
  );
  hearth_rom #(.Width(32), .Words(2), .File(IdFile)) u_build_id (
    .clk, .enable(1'b1), .address(build_id_high), .data(build_id),
    .load_i(rst ? '0 : {bank, load_bytes}), .load_o(load)
  );
  hearth_answer_words #(
    .Width(Width), .Height(Height), .Colours(Colours), .Classes(Classes), .Top(Top),
    .Kernels(Kernels), .Divisor(Divisor), .ClockKhz(ClockKhz), .ImageBytes(ImageBytes)
  ) u_words (
    .clk, .kind(request.kind), .fine, .with_logits(request.flags[0]), .index, .count(words),
    .word, .valid(word_valid), .ready(word_ready),
    .result, .result_valid(result_waits), .result_is_logit, .result_taken(result_wanted),
    .latency, .now, .counter, .build_id, .build_id_high, .hardware_id, .bench
  );

  hearth_packet_sender u_sender (
    .clk, .rst, .start(send),
    .kind(hearth_link_pkg::Reply | (fine ? request.kind : hearth_link_pkg::TypeError)),
    .flags(fine ? request.flags : request.status),
    .sequence_number(request.sequence_number), .words, .busy(sending), .index, .word_ready, .word,
    .word_valid, .m_data(tx_data), .m_valid(tx_valid), .m_ready(tx_ready)
  );
  hearth_uart_tx #(.Divisor(Divisor)) u_tx (
    .clk, .rst, .s_data(tx_data), .s_valid(tx_valid), .s_ready(tx_ready), .line(uart_tx_line)
  );
endmodule
