// Takes the beats of a pixel from one stream after another: Beats[i] of source i, then the next.
//
// The result is the chosen source's own beat in the same cycle; sources are FIFOs and what follows
// is one.
module hearth_concat #(
  parameter int unsigned Width = 8,    // bits per beat
  parameter int unsigned Sources = 2,
  parameter int unsigned CountBits = 1,  // of a number of beats
  parameter logic [Sources*CountBits-1:0] Beats = '1,  // of a pixel, source 0 lowest
  localparam int unsigned SourceBits = $clog2(Sources)
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic [Sources*Width-1:0] s_data,
  input  logic [      Sources-1:0] s_valid,
  output logic [      Sources-1:0] s_ready,
  output logic [        Width-1:0] m_data,
  output logic                     m_valid,
  input  logic                     m_ready,
  output logic                     busy      // a beat moves in this cycle
);
  logic [SourceBits-1:0] source_q;  // whose turn it is
  logic [CountBits-1:0] beats;      // of its part of a pixel
  logic [CountBits-1:0] beat_q;     // that comes next
  logic last_beat, last_source;

  assign beats = Beats[32'(source_q)*CountBits+:CountBits];
  assign last_beat = beat_q == beats - 1'b1;
  assign last_source = source_q == SourceBits'(Sources - 1);

  assign m_data = s_data[32'(source_q)*Width+:Width];
  assign m_valid = s_valid[source_q];
  assign busy = m_valid && m_ready;
  always_comb begin
    s_ready = '0;
    s_ready[source_q] = m_ready;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      source_q <= '0;
      beat_q <= '0;
    end else if (busy) begin
      beat_q <= last_beat ? '0 : beat_q + 1'b1;
      if (last_beat) source_q <= last_source ? '0 : source_q + 1'b1;
    end
  end
endmodule
