// The way of a frame through the network: completed going in, its results timed coming out.
//
// The time at which a frame's first pixel enters the network waits in a FIFO for the first word of
// its results: the difference is its latency. Results leave word by word.
module hearth_link_frames #(
  parameter int unsigned Width = 32,    // pixels per line
  parameter int unsigned Height = 32,   // lines
  parameter int unsigned Colours = 3,   // bytes of a pixel
  parameter int unsigned Classes = 10,  // logits of a result
  parameter int unsigned Top = 5,       // class indices behind them
  parameter int unsigned Inside = 31    // frames in the network at once
) (
  input  logic        clk,
  input  logic        rst,
  input  logic        give_up,       // the frame that has begun will not go on
  input  hearth_link_pkg::pixel_t s_pixel,
  input  logic        s_valid,
  output logic        s_ready,
  output logic [8*Colours-1:0] pixel_data,
  output logic        pixel_valid,
  input  logic        pixel_ready,
  input  logic [31:0] result_data,
  input  logic        result_valid,
  output logic        result_ready,
  output logic [31:0] word,
  output logic        word_valid,
  input  logic        word_ready,
  output logic        word_is_logit,
  output logic        word_last,     // of its frame
  output logic        arrives,       // the first word of a frame is there for the first time
  output logic        arrived,       // from then until its last word is taken
  output logic [31:0] latency,       // of that frame
  output logic [31:0] now,           // cycles since reset
  output logic        handed,        // the last pixel of a frame enters the network
  output logic        active         // a frame is on its way
);
  localparam int unsigned ResultWords = Classes + Top;
  localparam int unsigned WordBits = $clog2(ResultWords + 1);

  // ---- in
  logic [4:0] faults;
  logic in_frame, damaged, started, stamp_ready, stamp_valid, unused;
  logic open_q;  // the first pixel of a frame has left
  logic [31:0] stamp;

  hearth_axi_video #(.Width(Width), .Height(Height), .DataWidth(8 * Colours)) u_video (
    .clk, .rst,
    .enable_i(stamp_ready),
    .timeout_i(give_up ? 32'd1 : 32'd0),
    .s_axis_tdata(s_pixel.colours[8*Colours-1:0]), .s_axis_tvalid(s_valid), .s_axis_tready(s_ready),
    .s_axis_tuser(s_pixel.first), .s_axis_tlast(s_pixel.last),
    .m_data(pixel_data), .m_valid(pixel_valid), .m_ready(pixel_ready),
    .busy_o(in_frame), .faults_o(faults), .done_o(handed), .damaged_o(damaged)
  );
  assign unused = ^{faults, damaged, s_pixel};  // the packet's event says what was wrong
  assign started = pixel_valid && pixel_ready && !open_q;
  always_ff @(posedge clk) begin
    now <= rst ? '0 : now + 1'b1;
    if (rst || handed) open_q <= 1'b0;
    else if (started) open_q <= 1'b1;
  end
  hearth_fifo #(.Width(32), .Depth(Inside)) u_stamps (
    .clk, .rst, .s_data(now), .s_valid(started), .s_ready(stamp_ready),
    .m_data(stamp), .m_valid(stamp_valid), .m_ready(arrives)
  );
  assign active = in_frame || stamp_valid;

  // ---- out
  logic [WordBits-1:0] word_q;  // next word of the frame's results
  logic take;

  hearth_skid #(.Width(32)) u_results (
    .clk, .rst,
    .s_data(result_data), .s_valid(result_valid), .s_ready(result_ready),
    .m_data(word), .m_valid(word_valid), .m_ready(word_ready)
  );
  assign take = word_valid && word_ready;
  assign word_is_logit = word_q < WordBits'(Classes);
  assign word_last = word_q == WordBits'(ResultWords - 1);
  assign arrives = word_valid && stamp_valid && !arrived;
  always_ff @(posedge clk) begin
    if (arrives) latency <= now - stamp;
    if (rst) begin
      word_q <= '0;
      arrived <= 1'b0;
    end else begin
      if (arrives) arrived <= 1'b1;
      if (take) word_q <= word_last ? '0 : word_q + 1'b1;
      if (take && word_last) arrived <= 1'b0;
    end
  end
endmodule
