// The board's side of the link: bytes of a UART on one side, the network's two streams on the other.
//
//   uart_rx - fifo - packet_receiver - (or pattern_source) - axi_video - network
//                          | events
//   uart_tx - packet_sender - this file's answers          - results of the network
//
// Requests are answered in their order. A frame is answered when its results have come; a request that
// is wrong in any way is answered by an ERROR packet that names the fault, and a damaged frame's results
// are dropped. The packets themselves are described in docs/board.md.
module link #(
  parameter int unsigned Width = 32,         // pixels per line
  parameter int unsigned Height = 32,        // lines
  parameter int unsigned Classes = 10,
  parameter int unsigned Top = 5,            // class indices behind the logits of a result
  parameter int unsigned Kernels = 19,
  parameter int unsigned Divisor = 25,       // clock cycles per bit of the UART
  parameter int unsigned ClockKhz = 75000,
  parameter int unsigned Timeout = 1 << 22,  // cycles that a packet may pause
  parameter int unsigned ImageBytes = 0,     // of all ROMs, the build id's too; 0: weights are fixed
  parameter IdFile = ""                      // image of a ROM: build id, low word first
) (
  input  logic               clk,
  input  logic               rst,
  input  logic               uart_rx_line,
  output logic               uart_tx_line,
  output logic [       23:0] pixel_data,
  output logic               pixel_valid,
  input  logic               pixel_ready,
  input  logic [       31:0] result_data,
  input  logic               result_valid,
  output logic               result_ready,
  input  logic [Kernels-1:0] busy,
  input  logic [Kernels-1:0] starved,
  input  logic [Kernels-1:0] blocked,
  input  logic [       63:0] hardware_id,
  output logic [       10:0] load,     // new weights (hw/core/rom_loader.sv)
  output logic               active,   // a frame is on its way
  output logic               error     // some request was wrong since the counters were cleared
);
  localparam int unsigned ResultWords = Classes + Top;
  localparam int unsigned InfoWords = 11;
  localparam int unsigned Statuses = 9;
  localparam int unsigned Activities = 3 * Kernels;
  localparam int unsigned ActivityBits = $clog2(Activities);

  // ---- bytes in
  logic [7:0] rx_data;
  logic rx_valid, rx_framing, rx_ready, lost_q;
  logic [8:0] stored_data, byte_data;
  logic stored_valid, stored_ready, byte_valid, byte_ready;

  uart_rx #(.Divisor(Divisor)) u_rx (
    .clk, .rst, .line(uart_rx_line), .m_data(rx_data), .m_valid(rx_valid), .framing(rx_framing)
  );
  always_ff @(posedge clk) begin
    if (rst) lost_q <= 1'b0;
    else if (rx_framing || (rx_valid && !rx_ready)) lost_q <= 1'b1;
    else if (rx_valid) lost_q <= 1'b0;
  end
  fifo #(.Width(9), .Depth(2048)) u_bytes (
    .clk, .rst,
    .s_data({lost_q, rx_data}), .s_valid(rx_valid), .s_ready(rx_ready),
    .m_data(stored_data), .m_valid(stored_valid), .m_ready(stored_ready)
  );
  // Block RAM is slow to answer: a register between it and the decoding of packets.
  fifo #(.Width(9), .Depth(2)) u_decode (
    .clk, .rst,
    .s_data(stored_data), .s_valid(stored_valid), .s_ready(stored_ready),
    .m_data(byte_data), .m_valid(byte_valid), .m_ready(byte_ready)
  );

  // ---- packets in
  logic [23:0] frame_data, pattern_data;
  logic frame_first, frame_last, frame_valid, pattern_first, pattern_last, pattern_valid;
  logic video_ready, abort, hold_q, pattern_start;
  link_pkg::event_t arrived, event_head;
  logic arrived_valid, arrived_ready, event_valid, event_ready;
  logic [63:0] argument;  // of a BENCH request: frames, seed
  logic [9:0] load_bytes;

  packet_receiver #(
    .Width(Width), .Height(Height), .Timeout(Timeout), .ImageBytes(ImageBytes)
  ) u_receiver (
    .clk, .rst,
    .s_data(byte_data[7:0]), .s_valid(byte_valid), .s_ready(byte_ready), .s_lost(byte_data[8]),
    .pixel_data(frame_data), .pixel_first(frame_first), .pixel_last(frame_last),
    .pixel_valid(frame_valid), .pixel_ready(video_ready && !hold_q), .abort,
    .event_data(arrived), .event_valid(arrived_valid), .event_ready(arrived_ready),
    .argument, .hardware_id, .load(load_bytes), .hold(hold_q)
  );
  fifo #(.Width(link_pkg::EventBits), .Depth(16)) u_events (
    .clk, .rst,
    .s_data(arrived), .s_valid(arrived_valid), .s_ready(arrived_ready),
    .m_data(event_head), .m_valid(event_valid), .m_ready(event_ready)
  );
  pattern_source #(.Width(Width), .Height(Height)) u_pattern (
    .clk, .rst, .start(pattern_start), .frames(argument[31:0]), .seed(argument[63:32]),
    .m_tdata(pattern_data), .m_tuser(pattern_first), .m_tlast(pattern_last),
    .m_tvalid(pattern_valid), .m_tready(video_ready && hold_q)
  );

  // ---- frames, and when each started
  logic [4:0] faults;
  logic in_frame, done, damaged, started, stamp_ready, stamp_valid, stamp_take;
  logic [31:0] now_q, stamp;

  axi_video #(.Width(Width), .Height(Height), .DataWidth(24)) u_video (
    .clk, .rst,
    .enable_i(stamp_ready),
    .timeout_i(abort ? 32'd1 : 32'd0),
    .s_axis_tdata(hold_q ? pattern_data : frame_data),
    .s_axis_tvalid(hold_q ? pattern_valid : frame_valid),
    .s_axis_tready(video_ready),
    .s_axis_tuser(hold_q ? pattern_first : frame_first),
    .s_axis_tlast(hold_q ? pattern_last : frame_last),
    .m_data(pixel_data), .m_valid(pixel_valid), .m_ready(pixel_ready),
    .busy_o(in_frame), .faults_o(faults), .done_o(done), .damaged_o(damaged)
  );
  logic open_q;  // the first pixel of a frame has left
  assign started = pixel_valid && pixel_ready && !open_q;
  always_ff @(posedge clk) begin
    now_q <= rst ? '0 : now_q + 1'b1;
    if (rst || done) open_q <= 1'b0;
    else if (started) open_q <= 1'b1;
  end
  fifo #(.Width(32), .Depth(31)) u_stamps (
    .clk, .rst, .s_data(now_q), .s_valid(started), .s_ready(stamp_ready),
    .m_data(stamp), .m_valid(stamp_valid), .m_ready(stamp_take)
  );

  // ---- results: latency is taken when the first word of a frame appears
  localparam int unsigned WordBits = $clog2(ResultWords + 1);
  logic [WordBits-1:0] word_q;    // next word of the frame's results
  logic [31:0] latency_q;
  logic timed_q, take_result, last_result, first_seen;
  logic [31:0] queued_data;
  logic queued_valid, queued_ready;

  skid #(.Width(32)) u_results (
    .clk, .rst,
    .s_data(result_data), .s_valid(result_valid), .s_ready(result_ready),
    .m_data(queued_data), .m_valid(queued_valid), .m_ready(queued_ready)
  );
  assign take_result = queued_valid && queued_ready;
  assign last_result = word_q == WordBits'(ResultWords - 1);
  assign first_seen = queued_valid && stamp_valid && !timed_q;
  assign stamp_take = first_seen;
  always_ff @(posedge clk) begin
    if (first_seen) latency_q <= now_q - stamp;
    if (rst) begin
      word_q <= '0;
      timed_q <= 1'b0;
    end else begin
      if (first_seen) timed_q <= 1'b1;
      if (take_result) word_q <= last_result ? '0 : word_q + 1'b1;
      if (take_result && last_result) timed_q <= 1'b0;
    end
  end

  // ---- answers
  //   Wait    for a request          Drop  results of a damaged frame
  //   Bench   measuring              Send  the packet is being sent
  typedef enum logic [2:0] {Wait, Drop, Bench, Start, Send} state_e;
  state_e state_q, state_d;
  logic [31:0] bench_left_q, bench_start_q, bench_first_q, bench_last_q, checksum_q;
  logic sending, word_ready, word_ready_q, word_valid, wanted, clear, bench_done;
  logic [15:0] index, words;
  logic [31:0] word, activity, statuses_q[Statuses];
  logic [7:0] kind, flags;
  logic [ActivityBits-1:0] activity_address;
  logic fine, with_logits, update, bank_q;

  function automatic logic holds(input logic [7:0] request);
    holds = request == link_pkg::TypeBench || request == link_pkg::TypeUpdate;
  endfunction

  assign fine = event_head.status == link_pkg::Fine;
  assign with_logits = event_head.flags[0];
  assign wanted = with_logits || word_q >= WordBits'(Classes);
  assign bench_done = bench_left_q == '0;
  assign activity_address = ActivityBits'(index - 16'(Statuses));

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Wait: if (event_valid) begin
        if (event_head.framed && !fine) state_d = Drop;
        else if (!fine) state_d = Start;
        else if (event_head.kind == link_pkg::TypeBench) state_d = Bench;
        else if (event_head.kind != link_pkg::TypeFrame || timed_q) state_d = Start;
      end
      Drop: if (take_result && last_result) state_d = Start;
      Bench: if (bench_done) state_d = Start;
      Start: state_d = Send;
      default: if (!sending) state_d = Wait;
    endcase
  end

  assign event_ready = state_q == Send && !sending;
  assign pattern_start = state_q == Wait && state_d == Bench;
  assign update = state_q == Wait && state_d == Start && fine && event_head.kind == link_pkg::TypeUpdate;
  assign clear = event_ready && event_valid && fine && event_head.kind == link_pkg::TypeCounters && with_logits;

  always_comb begin
    kind = event_head.kind | link_pkg::Reply;
    flags = event_head.flags;
    words = '0;
    unique case (event_head.kind)
      link_pkg::TypeFrame: words = 16'(2 + Top) + (with_logits ? 16'(Classes) : 16'd0);
      link_pkg::TypeInfo: words = 16'(InfoWords);
      link_pkg::TypeCounters: words = 16'(Statuses + Activities);
      link_pkg::TypeUpdate: words = 16'd2;
      default: words = 16'd4;  // BENCH
    endcase
    if (!fine) begin
      kind = link_pkg::TypeError | link_pkg::Reply;
      flags = event_head.status;
      words = 16'd1;
    end
  end

  // The words of each answer.
  logic [31:0] build_id;
  logic build_id_address;
  assign build_id_address = (event_head.kind == link_pkg::TypeUpdate) ? index[0] : index[1];
  rom #(.Width(32), .Words(2), .File(IdFile)) u_build_id (
    .clk, .enable(1'b1), .address(build_id_address), .data(build_id),
    .load_i({bank_q, load_bytes}), .load_o(load)
  );
  logic from_network;
  assign from_network = fine && event_head.kind == link_pkg::TypeFrame && index >= 16'd2;
  always_comb begin
    word_valid = 1'b1;
    if (from_network) word_valid = queued_valid && wanted;
    else if (fine && event_head.kind != link_pkg::TypeBench && event_head.kind != link_pkg::TypeFrame)
      word_valid = word_ready_q;  // from a memory, one cycle later
  end
  assign queued_ready = state_q == Drop || state_q == Bench
    || (state_q == Send && from_network && (word_ready || !wanted));

  always_comb begin
    word = '0;
    if (!fine) begin
      word = 32'(event_head.kind);
    end else begin
      unique case (event_head.kind)
        link_pkg::TypeFrame: begin
          word = (index == 16'd0) ? latency_q : (index == 16'd1) ? now_q : queued_data;
        end
        link_pkg::TypeInfo: begin
          unique case (index)
            16'd0: word = {24'b0, link_pkg::Version};
            16'd1, 16'd2: word = build_id;
            16'd3: word = {16'(Height), 16'(Width)};
            16'd4: word = {16'(Top), 16'(Classes)};
            16'd5: word = 32'(Kernels);
            16'd6: word = 32'(ClockKhz);
            16'd7: word = 32'(Divisor);
            16'd8: word = 32'(ImageBytes);
            16'd9: word = hardware_id[31:0];
            default: word = hardware_id[63:32];
          endcase
        end
        link_pkg::TypeUpdate: word = build_id;
        link_pkg::TypeCounters: begin
          word = (index < 16'(Statuses)) ? statuses_q[index[3:0]] : activity;
        end
        default: begin
          unique case (index)
            16'd0: word = argument[31:0];
            16'd1: word = bench_last_q - bench_first_q;
            16'd2: word = bench_last_q - bench_start_q;
            default: word = checksum_q;
          endcase
        end
      endcase
    end
  end

  always_ff @(posedge clk) begin
    if (state_q == Wait) begin
      bench_start_q <= now_q;
      checksum_q <= '0;
      bench_left_q <= argument[31:0];
      bench_first_q <= '0;
      bench_last_q <= '0;
    end else if (state_q == Bench) begin
      if (first_seen) begin
        bench_last_q <= now_q;
        if (bench_left_q == argument[31:0]) bench_first_q <= now_q;
      end
      if (take_result) checksum_q <= {checksum_q[26:0], checksum_q[31:27]} + queued_data;
      if (take_result && last_result) bench_left_q <= bench_left_q - 1'b1;
    end
  end

  always_ff @(posedge clk) begin
    word_ready_q <= word_ready && !word_ready_q;
    if (rst) begin
      state_q <= Wait;
      hold_q <= 1'b0;
      bank_q <= 1'b0;
    end else begin
      state_q <= state_d;
      // Every earlier frame has been answered and no later one has been taken in: the network is empty.
      if (update) bank_q <= !bank_q;
      // Nothing is taken in between a BENCH or UPDATE request and its answer.
      if (arrived_valid && arrived_ready && arrived.status == link_pkg::Fine && holds(arrived.kind)) begin
        hold_q <= 1'b1;
      end else if (event_ready && event_valid && fine && holds(event_head.kind)) begin
        hold_q <= 1'b0;
      end
    end
    for (int unsigned i = 0; i < Statuses; i++) begin
      if (rst || clear) statuses_q[i] <= '0;
      else if (arrived_valid && arrived_ready && 32'(arrived.status) == i) begin
        statuses_q[i] <= statuses_q[i] + 1'b1;
      end
    end
    if (rst || clear) error <= 1'b0;
    else if (arrived_valid && arrived.status != link_pkg::Fine) error <= 1'b1;
  end
  assign active = in_frame || stamp_valid;

  activity_counters #(.Count(Activities)) u_activity (
    .clk, .rst, .signals({blocked, starved, busy}), .clear, .address(activity_address),
    .data(activity)
  );

  logic [7:0] tx_data;
  logic tx_valid, tx_ready;
  packet_sender u_sender (
    .clk, .rst, .start(state_q == Start), .kind, .flags,
    .sequence_number(event_head.sequence_number), .words, .busy(sending), .index, .word_ready, .word,
    .word_valid, .m_data(tx_data), .m_valid(tx_valid), .m_ready(tx_ready)
  );
  uart_tx #(.Divisor(Divisor)) u_tx (
    .clk, .rst, .s_data(tx_data), .s_valid(tx_valid), .s_ready(tx_ready), .line(uart_tx_line)
  );

  logic unused;
  assign unused = ^{faults, damaged};
endmodule
