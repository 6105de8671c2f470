// Proof of stream/hearth_skid.sv: the rules of hearth_stream_follow.sv with a latency of one cycle;
// it refuses a beat only while it holds two; and while its consumer is ready it takes one every
// cycle.
//
// Strengthening: a beat inside is in m_data or, with s_ready low, the second one in held_q.
module hearth_skid_proof #(
  parameter int unsigned Width = 8
) (
  input logic             clk,
  input logic             reset,
  input logic [Width-1:0] s_data,
  input logic             s_valid,
  input logic             m_ready,
  input logic             choose
);
  logic started_q = 1'b0;
  logic rst, s_ready, m_valid, followed, flowing_q;
  logic [Width-1:0] m_data, value;
  logic [15:0] inside, ahead;
  (* hierconn *) logic [Width-1:0] \dut.held_q ;

  assign rst = reset || !started_q;
  always_ff @(posedge clk) started_q <= 1'b1;
  always_ff @(posedge clk) flowing_q <= m_ready || rst;

  hearth_skid #(
    .Width(Width)
  ) dut (
    .clk,
    .rst,
    .s_data,
    .s_valid,
    .s_ready,
    .m_data,
    .m_valid,
    .m_ready
  );

  hearth_stream_follow #(
    .Width(Width),
    .Latency(1)
  ) u_follow (
    .clk,
    .rst,
    .s_data,
    .s_valid,
    .s_ready,
    .m_data,
    .m_valid,
    .m_ready,
    .choose,
    .inside_q(inside),
    .followed_q(followed),
    .ahead_q(ahead),
    .value_q(value)
  );

  always_comb begin
    if (!rst) begin
      assert (inside <= 16'd2);
      assert (s_ready == (inside != 16'd2));
      assert (!flowing_q || s_ready);
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (inside == 16'(m_valid) + 16'(!s_ready));
      assert (!(followed && ahead == '0) || m_data == value);
      assert (!(followed && ahead == 16'd1) || \dut.held_q == value);
`endif
    end
  end
endmodule
