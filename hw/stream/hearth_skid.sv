// Two registers that cut the path of `ready`: s_ready comes from a flip-flop. Latency one cycle,
// throughput one beat a cycle. Proved for all time: formal/hearth_skid_proof.sv.
module hearth_skid #(
  parameter int unsigned Width = 8  // bits per beat
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [Width-1:0] s_data,
  input  logic             s_valid,
  output logic             s_ready,
  output logic [Width-1:0] m_data,
  output logic             m_valid,
  input  logic             m_ready
);
  logic [Width-1:0] held_q;  // the beat that came while m_data was waiting
  logic leaves;

  assign leaves = !m_valid || m_ready;

  always_ff @(posedge clk) begin
    if (s_ready) held_q <= s_data;
    if (leaves) m_data <= s_ready ? s_data : held_q;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      s_ready <= 1'b1;
      m_valid <= 1'b0;
    end else if (leaves) begin
      s_ready <= 1'b1;
      m_valid <= s_valid || !s_ready;
    end else if (s_valid) begin
      s_ready <= 1'b0;
    end
  end
endmodule
