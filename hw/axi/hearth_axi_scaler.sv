// A camera's AXI4-Stream video as that of the network's size: hearth_scaler.sv behind a register on
// either side, in front of hearth_axi.sv. No `ready` follows an input within the cycle, and a beat
// that was offered stays.
//
// A frame of the camera's that had to be mended leaves without the end of a line: who counts pixels
// then (hearth_axi_video.sv in hearth_axi_frames.sv) flags long_line, passes over the next line and
// marks the result. All that a fault can change comes out behind it: where nothing is left to come,
// every pixel is right, and the frame counts.
//
// A source that stops inside a frame for Timeout cycles has ended it. A network that does not take
// frames holds the source up.
module hearth_axi_scaler #(
  parameter int unsigned SourceWidth = 640,  // these six as in hearth_scaler.sv
  parameter int unsigned SourceHeight = 480,
  parameter int unsigned ScaledWidth = 341,
  parameter int unsigned ScaledHeight = 256,
  parameter int unsigned Width = 224,
  parameter int unsigned Height = 224,
  parameter int unsigned Timeout = 1_000_000
) (
  input  logic        clk,
  input  logic        rst,
  input  logic [23:0] s_axis_tdata,
  input  logic        s_axis_tvalid,
  output logic        s_axis_tready,
  input  logic        s_axis_tuser,
  input  logic        s_axis_tlast,
  output logic [23:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  output logic        m_axis_tuser,
  output logic        m_axis_tlast
);
  logic [23:0] pixel, scaled;
  logic pixel_valid, pixel_ready, pixel_first, pixel_last;
  logic scaled_valid, scaled_first, scaled_last, take, busy, begins, fault;
  logic [4:0] faults;
  logic [1:0] unused_ends;
  logic busy_q, enters_q, leaves_q;  // the last bit of the number of the frame that enters, leaves
  logic enters, leaves, cuts;
  logic [1:0] broken_q;              // of the frames with either number
  logic [1:0] entering, leaving;     // the same two as one of two bits

  // As many pixels as wait in the scaler (a row, and its registers) are never a whole frame, or
  // three frames would be inside, which one bit does not tell apart.
  if (Width * Height < Width + 16) $error("%m: frames as small as that are not told apart");

  hearth_skid #(.Width(26)) u_bus (
    .clk, .rst, .s_data({s_axis_tuser, s_axis_tlast, s_axis_tdata}), .s_valid(s_axis_tvalid),
    .s_ready(s_axis_tready), .m_data({pixel_first, pixel_last, pixel}), .m_valid(pixel_valid),
    .m_ready(pixel_ready)
  );

  hearth_scaler #(
    .SourceWidth(SourceWidth), .SourceHeight(SourceHeight), .ScaledWidth(ScaledWidth),
    .ScaledHeight(ScaledHeight), .Width(Width), .Height(Height), .Colours(3)
  ) u_scaler (
    .clk, .rst, .enable_i(1'b1), .timeout_i(Timeout), .s_axis_tdata(pixel),
    .s_axis_tvalid(pixel_valid), .s_axis_tready(pixel_ready), .s_axis_tuser(pixel_first),
    .s_axis_tlast(pixel_last), .m_axis_tdata(scaled), .m_axis_tvalid(scaled_valid),
    .m_axis_tready(take), .m_axis_tuser(scaled_first), .m_axis_tlast(scaled_last), .busy_o(busy),
    .faults_o(faults), .done_o(unused_ends[0]), .damaged_o(unused_ends[1])
  );

  // A stray pixel is none of a frame's.
  assign fault = busy && |(faults & 5'b10111);
  assign begins = busy && !busy_q;
  assign enters = enters_q ^ begins;
  assign leaves = leaves_q ^ scaled_first;
  assign entering = {enters, !enters};
  assign leaving = {leaves, !leaves};
  assign take = !m_axis_tvalid || m_axis_tready;
  assign cuts = take && scaled_valid && scaled_last && |(broken_q & leaving);

  always_ff @(posedge clk) begin
    if (take) begin
      {m_axis_tuser, m_axis_tlast, m_axis_tdata} <= {scaled_first, scaled_last && !cuts, scaled};
    end
    if (rst) begin
      {busy_q, enters_q, leaves_q, broken_q, m_axis_tvalid} <= '0;
    end else begin
      busy_q <= busy;
      enters_q <= enters;
      if (take) m_axis_tvalid <= scaled_valid;
      if (take && scaled_valid) leaves_q <= leaves;
      broken_q <= (broken_q & ~({2{cuts}} & leaving) & ~({2{begins}} & entering))
        | ({2{fault}} & entering);
    end
  end
endmodule
