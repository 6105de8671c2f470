// Resets of two sides with a clock each, for proofs: both last until either side has had an edge;
// then each ends when the solver likes, for good.
module hearth_two_resets (
  input  logic s_clk,
  input  logic m_clk,
  input  logic s_reset,
  input  logic m_reset,
  output logic s_rst,
  output logic m_rst,
  output logic s_seen_q,  // the side has had an edge
  output logic m_seen_q,
  output logic live_q,    // both have
  output logic s_done_q,  // the side's reset has ended
  output logic m_done_q
);
  (* gclk *) logic time_step;
  logic s_was_q = 1'b1, m_was_q = 1'b1;
  initial {s_seen_q, m_seen_q, live_q, s_done_q, m_done_q} = '0;

  assign s_rst = !live_q || (s_reset && !s_done_q);
  assign m_rst = !live_q || (m_reset && !m_done_q);

  always_ff @(posedge time_step) begin
    {s_was_q, m_was_q} <= {s_clk, m_clk};
    s_seen_q <= s_seen_q || (s_clk && !s_was_q);
    m_seen_q <= m_seen_q || (m_clk && !m_was_q);
    live_q <= live_q || (s_seen_q && m_seen_q);
    s_done_q <= !s_rst;
    m_done_q <= !m_rst;
  end
endmodule
