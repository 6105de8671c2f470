// Proof of video/hearth_async_fifo.sv, for any two clocks: each has its edges whenever the solver
// likes, and bits that cross arrive in time or late, each by itself (formal/hearth_sync.sv).
//
//   - a word that was taken leaves as it came, after those that were taken before it, and once
//   - a word is never written over one that has not left, and never shown before it was written
//   - a word that is shown stays until it is taken
//
// The promise is proved of one word, which the solver chooses: `followed` of those that come.
//
// Strengthening: counts on their way from one side to the other are in the order in which they were
// sent, and what lies in the followed word's place is this word. The prover joins `words` to the
// memory itself (sim/formal/prove.py).
module hearth_async_fifo_proof #(
  parameter int unsigned Width = 2,
  parameter int unsigned AddressBits = 2,
  localparam int unsigned CountBits = AddressBits + 1
) (
  input logic             s_clk,
  input logic             m_clk,
  input logic             s_reset,
  input logic             m_reset,
  input logic             pick,
  input logic [Width-1:0] s_data,
  input logic             s_valid,
  input logic             m_ready
);
  (* keep *) logic [2**AddressBits-1:0][Width-1:0] words;  // the memory's content
  logic s_ready, m_valid;
  logic [Width-1:0] m_data;

  logic s_seen_q, m_seen_q, live_q, s_done_q, m_done_q, s_rst, m_rst;
  hearth_two_resets u_resets (
    .s_clk, .m_clk, .s_reset, .m_reset, .s_rst, .m_rst, .s_seen_q, .m_seen_q, .live_q,
    .s_done_q, .m_done_q
  );

  hearth_async_fifo #(.Width(Width), .AddressBits(AddressBits)) dut (
    .s_clk, .s_rst, .s_data, .s_valid, .s_ready, .m_clk, .m_rst, .m_data, .m_valid, .m_ready
  );

  // Reference: counts of words that came and left; the followed word and its number.
  logic [CountBits-1:0] came_q, left_q, number_q;
  logic [Width-1:0] word_q;
  logic follows_q, gone_q, waits_q;
  logic [Width-1:0] was_q;
  always_ff @(posedge s_clk) begin
    if (s_rst) {came_q, follows_q} <= '0;
    else if (s_valid && s_ready) begin
      came_q <= came_q + 1'b1;
      if (pick && !follows_q) {follows_q, number_q, word_q} <= {1'b1, came_q, s_data};
    end
  end
  always_ff @(posedge m_clk) begin
    waits_q <= !m_rst && m_valid && !m_ready;
    was_q <= m_data;
    if (m_rst) {left_q, gone_q} <= '0;
    else if (m_valid && m_ready) begin
      left_q <= left_q + 1'b1;
      gone_q <= gone_q || (follows_q && ahead == '0);
    end
  end

  logic [CountBits-1:0] inside, ahead;
  assign inside = came_q - left_q;
  assign ahead = number_q - left_q;

  always_comb begin
    if (live_q) begin
      assert (inside <= CountBits'(2 ** AddressBits));
      assert (!m_valid || inside != '0);
      assert (!waits_q || (m_valid && m_data == was_q));
      assert (!(m_valid && follows_q && !gone_q && ahead == '0) || m_data == word_q);
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (s_seen_q && m_seen_q);
      assert (came_q == \dut.write_q && left_q == \dut.read_q );
      assert (binary(\dut.write_gray_q ) == came_q && binary(\dut.read_gray_q ) == left_q);
      assert (behind(came_q, write_was) <= 1 && behind(left_q, read_was) <= 1);
      assert (total <= 16'(2 ** AddressBits));
      assert (s_done_q || {came_q, read_first, read_second, follows_q} == '0);
      assert (m_done_q || {left_q, write_first, write_second, gone_q, waits_q} == '0);
      assert (!gone_q || follows_q);
      assert (!follows_q || gone_q || ahead < inside);
      assert (!follows_q || gone_q || words[number_q[AddressBits-1:0]] == word_q);
    end else begin
      assert (!s_seen_q || {came_q, \dut.write_q , \dut.write_gray_q , follows_q} == '0);
      assert (!s_seen_q || {read_first, read_second} == '0);
      assert (!m_seen_q || {left_q, \dut.read_q , \dut.read_gray_q , gone_q, waits_q} == '0);
      assert (!m_seen_q || {write_first, write_second} == '0);
`endif
    end
  end

  // The counts as they are known on their way, and how far each is behind the one before it.
  logic [CountBits-1:0] write_was, write_first, write_second, read_was, read_first, read_second;
  logic [15:0] total;
  assign write_was = binary(\dut.u_write.was_q );
  assign write_first = binary(\dut.u_write.first_q );
  assign write_second = binary(\dut.u_write.second_q );
  assign read_was = binary(\dut.u_read.was_q );
  assign read_first = binary(\dut.u_read.first_q );
  assign read_second = binary(\dut.u_read.second_q );
  assign total = behind(came_q, write_was) + behind(write_was, write_first)
                 + behind(write_first, write_second) + behind(write_second, left_q)
                 + behind(left_q, read_was) + behind(read_was, read_first)
                 + behind(read_first, read_second);

  function automatic logic [15:0] behind(
    input logic [CountBits-1:0] first, input logic [CountBits-1:0] second
  );
    logic [CountBits-1:0] difference;
    difference = first - second;
    behind = 16'(difference);
  endfunction

  function automatic logic [CountBits-1:0] binary(input logic [CountBits-1:0] gray);
    binary = gray;
    for (int unsigned i = 1; i < CountBits; i++) binary = binary ^ (gray >> i);
  endfunction

  // The block's own state.
  (* hierconn *) logic [CountBits-1:0] \dut.write_q , \dut.write_gray_q ;
  (* hierconn *) logic [CountBits-1:0] \dut.read_q , \dut.read_gray_q ;
  (* hierconn *) logic [CountBits-1:0] \dut.u_write.was_q , \dut.u_write.first_q ;
  (* hierconn *) logic [CountBits-1:0] \dut.u_write.second_q , \dut.u_read.was_q ;
  (* hierconn *) logic [CountBits-1:0] \dut.u_read.first_q , \dut.u_read.second_q ;
endmodule
