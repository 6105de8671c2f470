// The way of a frame: bus, axi_video, the network (axi_net: generated), axi_results, bus.
//
// Beside the network runs a FIFO with one flag per frame: whether it had to be mended. A frame
// starts only when there is a place for its flag, so at most FlagDepth frames are inside the
// network.
//
// `restart_i` puts the network and axi_video into reset. Both buses go on: pixels of a frame that
// was cut are strays afterwards, and axi_results ends a packet that has begun.
module hearth_axi_frames #(
  parameter int unsigned FlagDepth = 64  // frames
) (
  input  logic        clk,
  input  logic        rst,
  input  logic        restart_i,
  input  hearth_load_pkg::load_t load_i,
  input  logic        enable_i,    // frames may start
  input  logic [31:0] timeout_i,   // cycles without a pixel that end a frame; 0: never
  input  logic [hearth_axi_pkg::InBits-1:0] s_axis_tdata,
  input  logic        s_axis_tvalid,
  output logic        s_axis_tready,
  input  logic        s_axis_tuser,
  input  logic        s_axis_tlast,
  output logic [hearth_axi_pkg::OutBits-1:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  output logic        m_axis_tuser,
  output logic        m_axis_tlast,
  output logic        busy_o,      // inside a frame
  output logic [ 4:0] faults_o,    // as axi_video says
  output logic        taken_o,     // a frame has been handed to the network
  output logic        damaged_o,   // with taken_o: it was mended
  output logic        waiting_o,   // a word of results is there
  output logic        answered_o,  // a frame's results have left
  output logic [31:0] top_o        // index of the best class of the latest result
);
  logic [hearth_axi_pkg::InBits-1:0] beat_data, frame_data;
  logic beat_valid, beat_ready, beat_first, beat_last, video_ready, frame_valid, frame_ready;
  logic [hearth_axi_pkg::OutBits-1:0] result_data;
  logic result_valid, result_ready, flag_data, flag_valid, flag_ready, flag_room;

  hearth_skid #(.Width(hearth_axi_pkg::InBits + 2)) u_bus (
    .clk, .rst,
    .s_data({s_axis_tdata, s_axis_tuser, s_axis_tlast}),
    .s_valid(s_axis_tvalid), .s_ready(s_axis_tready),
    .m_data({beat_data, beat_first, beat_last}), .m_valid(beat_valid), .m_ready(beat_ready)
  );

  // While the network is in reset nothing may be offered to it: rules 3 and 4 of hw/README.md.
  assign beat_ready = video_ready && !restart_i;

  hearth_axi_video #(
    .Width(hearth_axi_pkg::Width),
    .Height(hearth_axi_pkg::Height),
    .DataWidth(hearth_axi_pkg::InBits)
  ) u_video (
    .clk, .rst(restart_i),
    .enable_i(enable_i && flag_room), .timeout_i,
    .s_axis_tdata(beat_data), .s_axis_tvalid(beat_valid && !restart_i), .s_axis_tready(video_ready),
    .s_axis_tuser(beat_first), .s_axis_tlast(beat_last),
    .m_data(frame_data), .m_valid(frame_valid), .m_ready(frame_ready),
    .busy_o, .faults_o, .done_o(taken_o), .damaged_o
  );

  hearth_axi_net u_net (
    .clk, .rst(restart_i), .load_i,
    .s_data(frame_data), .s_valid(frame_valid), .s_ready(frame_ready),
    .m_data(result_data), .m_valid(result_valid), .m_ready(result_ready)
  );

  hearth_fifo #(.Width(1), .Depth(FlagDepth)) u_flags (
    .clk, .rst(restart_i),
    .s_data(damaged_o), .s_valid(taken_o), .s_ready(flag_room),
    .m_data(flag_data), .m_valid(flag_valid), .m_ready(flag_ready)
  );

  hearth_axi_results #(
    .DataWidth(hearth_axi_pkg::OutBits),
    .Beats(hearth_axi_pkg::ResultBeats),
    .TopBeat(hearth_axi_pkg::TopBeat),
    .TopLane(hearth_axi_pkg::TopLane)
  ) u_results (
    .clk, .rst, .restart_i,
    .s_data(result_data), .s_valid(result_valid), .s_ready(result_ready),
    .flag_data, .flag_valid, .flag_ready,
    .m_axis_tdata, .m_axis_tvalid, .m_axis_tready, .m_axis_tuser, .m_axis_tlast,
    .waiting_o, .done_o(answered_o), .top_o
  );
endmodule
