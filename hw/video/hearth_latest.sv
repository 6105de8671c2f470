// Shows one clock the newest word of another, whole.
//
// The side that writes takes d_i as it stands into a register, tells so by a change of level, and
// leaves the register alone until the other side has answered by the same: words in between are
// passed over. The side that reads takes what is there in the cycles in which take_i is high, and
// shows it until the next. So q_o changes in such a cycle alone, and is a word that d_i once was,
// of all its bits in one cycle; never an earlier one than before.
//
// Both sides are reset together, as those of hearth_async_fifo.sv; after a reset of one alone one
// word may be a mixture. Proved for all time and any two clocks: formal/hearth_latest_proof.sv.
module hearth_latest #(
  parameter int unsigned Width = 8
) (
  input  logic             s_clk,
  input  logic             s_rst,
  input  logic [Width-1:0] d_i,
  input  logic             m_clk,
  input  logic             m_rst,
  input  logic             take_i,
  output logic [Width-1:0] q_o
);
  logic [Width-1:0] held_q;
  logic told_q, told, taken_q, taken;

  hearth_sync u_told (.clk(m_clk), .rst(m_rst), .d_i(told_q), .q_o(told));
  hearth_sync u_taken (.clk(s_clk), .rst(s_rst), .d_i(taken_q), .q_o(taken));

  always_ff @(posedge s_clk) begin
    if (s_rst) {told_q, held_q} <= '0;
    else if (told_q == taken) {told_q, held_q} <= {!told_q, d_i};
  end

  always_ff @(posedge m_clk) begin
    if (m_rst) {taken_q, q_o} <= '0;
    else if (take_i && told != taken_q) {taken_q, q_o} <= {told, held_q};
  end
endmodule
