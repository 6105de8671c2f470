// Proof of video/hearth_latest.sv, for any two clocks: each has its edges whenever the solver
// likes, and levels that cross arrive in time or late (formal/hearth_sync.sv).
//
//   - the word that is shown changes only where it is taken
//   - it is then the word of the register that the other side wrote, which does not change in the
//     same moment: so it is whole, however long either bit of it takes
//
// Strengthening: of all levels on their way around, from told to taken and back, at most one
// differs from the one before it, so that one side has its turn.
module hearth_latest_proof #(
  parameter int unsigned Width = 2
) (
  input logic             s_clk,
  input logic             m_clk,
  input logic             s_reset,
  input logic             m_reset,
  input logic [Width-1:0] d_i,
  input logic             take_i
);
  (* gclk *) logic time_step;
  logic [Width-1:0] q_o;

  logic s_seen_q, m_seen_q, live_q, s_done_q, m_done_q, s_rst, m_rst;
  hearth_two_resets u_resets (
    .s_clk, .m_clk, .s_reset, .m_reset, .s_rst, .m_rst, .s_seen_q, .m_seen_q, .live_q,
    .s_done_q, .m_done_q
  );

  hearth_latest #(.Width(Width)) dut (
    .s_clk, .s_rst, .d_i, .m_clk, .m_rst, .take_i, .q_o
  );

  // The step before, and whether the word was taken at the reader's last edge.
  logic [Width-1:0] shown_q;
  logic live_was_q = 1'b0, took_q;
  always_ff @(posedge time_step) {shown_q, live_was_q} <= {q_o, live_q};
  always_ff @(posedge m_clk) took_q <= take_i && !m_rst;

  logic changes;
  assign changes = live_q && live_was_q && q_o != shown_q;

  always_comb begin
    assert (!changes || took_q);
    assert (!changes || q_o == \dut.held_q );
`ifndef HEARTH_PROPERTIES_ONLY
    // Strengthening.
    assert (!live_q || (s_seen_q && m_seen_q));
    assert (!live_was_q || live_q);
    assert (live_q || !(s_done_q || m_done_q));
    assert (turns == '0 || (live_q && (turns & (turns - 1'b1)) == '0) || !(s_seen_q && m_seen_q));
    assert (s_done_q || !s_seen_q || {\dut.told_q , \dut.u_taken.first_q , \dut.taken } == '0);
    assert (m_done_q || !m_seen_q || {\dut.taken_q , \dut.u_told.first_q , \dut.told , q_o} == '0);
`endif
  end

  // Levels on their way around, and where each differs from the one before it.
  logic [7:0] levels, turns;
  assign levels = {
    \dut.told_q , \dut.u_told.was_q , \dut.u_told.first_q , \dut.told ,
    \dut.taken_q , \dut.u_taken.was_q , \dut.u_taken.first_q , \dut.taken
  };
  assign turns = {1'b0, levels[7:1] ^ levels[6:0]};

  // The block's own state.
  (* hierconn *) logic [Width-1:0] \dut.held_q ;
  (* hierconn *) logic \dut.told_q , \dut.told , \dut.taken_q , \dut.taken ;
  (* hierconn *) logic \dut.u_told.was_q , \dut.u_told.first_q ;
  (* hierconn *) logic \dut.u_taken.was_q , \dut.u_taken.first_q ;
endmodule
