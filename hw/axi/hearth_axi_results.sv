// Results of the network as AXI4-Stream packets: one packet a frame, Beats beats, tlast on the
// last.
//
// A packet holds the logits and then the indices of the best classes, each 32 bits, lowest first.
// tuser marks the results of a frame that axi_video had to mend; it comes from the stream of one
// flag per frame and is the same on all beats of a packet.
//
// `restart_i` says that the network is in reset and what it offers is void. A packet that has begun
// must still end: its other beats are zero and have tuser set. Such a packet is not counted as a
// frame's. A register stands in front of the bus, so a beat that was offered there stays.
module hearth_axi_results #(
  parameter int unsigned DataWidth = 32,  // bits per beat, a multiple of 32
  parameter int unsigned Beats = 15,      // beats per frame
  parameter int unsigned TopBeat = 10,    // beat that holds the index of the best class
  parameter int unsigned TopLane = 0      // its 32-bit lane in that beat
) (
  input  logic                 clk,
  input  logic                 rst,
  input  logic                 restart_i,
  input  logic [DataWidth-1:0] s_data,
  input  logic                 s_valid,
  output logic                 s_ready,
  input  logic                 flag_data,
  input  logic                 flag_valid,
  output logic                 flag_ready,
  output logic [DataWidth-1:0] m_axis_tdata,
  output logic                 m_axis_tvalid,
  input  logic                 m_axis_tready,
  output logic                 m_axis_tuser,
  output logic                 m_axis_tlast,
  output logic                 waiting_o,     // a word of a frame's results is there
  output logic                 done_o,        // the last word of a frame's results moves now
  output logic [31:0]          top_o          // index of the best class of the latest packet
);
  localparam int unsigned BeatBits = (Beats > 1) ? $clog2(Beats) : 1;

  if (DataWidth % 32 != 0) begin : gen_check
    $error("%m: DataWidth is a multiple of 32 bits");
  end
  if (TopBeat >= Beats) begin : gen_check_2
    $error("%m: TopBeat lies behind the last beat");
  end

  logic [BeatBits-1:0] beat_q;
  logic padding_q, last, valid, ready, moves;

  assign waiting_o = s_valid && flag_valid && !restart_i;
  assign valid = padding_q || waiting_o;
  assign last = beat_q == BeatBits'(Beats - 1);
  assign moves = valid && ready;
  assign s_ready = ready && flag_valid && !padding_q;
  assign done_o = waiting_o && s_ready && last;
  assign flag_ready = done_o;

  hearth_skid #(.Width(DataWidth + 2)) u_bus (
    .clk, .rst,
    .s_data({padding_q ? '0 : s_data, padding_q || flag_data, last}),
    .s_valid(valid), .s_ready(ready),
    .m_data({m_axis_tdata, m_axis_tuser, m_axis_tlast}),
    .m_valid(m_axis_tvalid), .m_ready(m_axis_tready)
  );

  always_ff @(posedge clk) begin
    if (rst) begin
      beat_q <= '0;
      padding_q <= 1'b0;
    end else begin
      if (moves) beat_q <= last ? '0 : beat_q + 1'b1;
      if (moves && last) padding_q <= 1'b0;
      else if (restart_i && beat_q != '0) padding_q <= 1'b1;
    end
  end

  always_ff @(posedge clk) begin
    if (rst || restart_i) top_o <= '0;
    else if (waiting_o && s_ready && beat_q == BeatBits'(TopBeat)) top_o <= s_data[32*TopLane+:32];
  end
endmodule
