// Results of the network as AXI4-Stream packets: one packet a frame, Beats beats, tlast on the last.
//
// A packet holds the logits and then the indices of the best classes, each 32 bits, lowest first.
// tuser marks the results of a frame that axi_video had to mend; it comes from the stream of one flag
// per frame and is the same on all beats of a packet. Combinational from the network to the bus.
module axi_results #(
  parameter int unsigned DataWidth = 32,  // bits per beat, a multiple of 32
  parameter int unsigned Beats = 15,      // beats per frame
  parameter int unsigned TopBeat = 10,    // beat that holds the index of the best class
  parameter int unsigned TopLane = 0      // its 32-bit lane in that beat
) (
  input  logic                 clk,
  input  logic                 rst,
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
  output logic                 done_o,        // the last beat of a packet moves in this cycle
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
  logic moves;

  assign m_axis_tdata = s_data;
  assign m_axis_tvalid = s_valid && flag_valid;
  assign s_ready = m_axis_tready && flag_valid;
  assign m_axis_tuser = flag_data;
  assign m_axis_tlast = beat_q == BeatBits'(Beats - 1);
  assign moves = m_axis_tvalid && m_axis_tready;
  assign done_o = moves && m_axis_tlast;
  assign flag_ready = done_o;

  always_ff @(posedge clk) begin
    if (rst) begin
      beat_q <= '0;
      top_o  <= '0;
    end else if (moves) begin
      beat_q <= m_axis_tlast ? '0 : beat_q + 1'b1;
      if (beat_q == BeatBits'(TopBeat)) top_o <= s_data[32*TopLane+:32];
    end
  end
endmodule
