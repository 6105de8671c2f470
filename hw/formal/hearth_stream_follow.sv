// What every block that hands on beats unchanged promises, checked on one beat that the prover
// chooses.
//
// While `choose` is high, the next accepted beat is followed until it leaves. Because any beat may
// be chosen, with any value, what holds for it holds for all (docs/design/proofs.md):
//
//   - nothing is made up or doubled: m_valid only while a beat is inside; never after reset
//   - nothing is lost, changed or overtaken: when all beats before it have left, it is the one
//     shown
//   - a beat that is shown stays, unchanged, until it is taken
//   - it is shown at most Latency cycles after it was accepted, as soon as it is the first
//
// The rest, how many beats fit and when `s_ready` is high, differs between blocks and stands there.
module hearth_stream_follow #(
  parameter int unsigned Width = 8,      // bits per beat
  parameter int unsigned Latency = 1,    // cycles to m_valid, of a beat accepted when empty
  parameter int unsigned CountBits = 16  // of counters of beats
) (
  input  logic                 clk,
  input  logic                 rst,
  input  logic [    Width-1:0] s_data,
  input  logic                 s_valid,
  input  logic                 s_ready,
  input  logic [    Width-1:0] m_data,
  input  logic                 m_valid,
  input  logic                 m_ready,
  input  logic                 choose,
  output logic [CountBits-1:0] inside_q,    // beats accepted that have not left
  output logic                 followed_q,  // the chosen beat is among them
  output logic [CountBits-1:0] ahead_q,     // beats that leave before it
  output logic [    Width-1:0] value_q
);
  localparam int unsigned AgeBits = $clog2(Latency + 1);

  logic push, pop;
  logic waited_q;                // a beat was shown and not taken
  logic [Width-1:0] shown_q;
  logic [AgeBits-1:0] age_q;     // cycles since the beat was accepted, at most Latency

  assign push = s_valid && s_ready;
  assign pop = m_valid && m_ready;

  always_ff @(posedge clk) begin
    shown_q <= m_data;
    waited_q <= !rst && m_valid && !m_ready;
    inside_q <= rst ? '0 : inside_q + CountBits'(push) - CountBits'(pop);
    if (32'(age_q) < Latency) age_q <= age_q + 1'b1;
    if (!followed_q && choose && push) begin
      ahead_q <= inside_q - CountBits'(pop);
      value_q <= s_data;
      age_q <= AgeBits'(1);
    end else if (followed_q && pop) begin
      ahead_q <= ahead_q - 1'b1;
    end
    if (rst) followed_q <= 1'b0;
    else if (!followed_q) followed_q <= choose && push;
    else if (pop && ahead_q == '0) followed_q <= 1'b0;
  end

  always_comb begin
    if (!rst) begin
      assert (!m_valid || inside_q != '0);
      assert (!(followed_q && ahead_q == '0 && m_valid) || m_data == value_q);
      assert (!waited_q || (m_valid && m_data == shown_q));
      assert (!(followed_q && ahead_q == '0 && 32'(age_q) == Latency) || m_valid);
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (!followed_q || (ahead_q < inside_q && age_q != '0 && 32'(age_q) <= Latency));
`endif
    end
  end
endmodule
