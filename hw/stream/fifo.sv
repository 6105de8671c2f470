// First-in first-out buffer with a synchronous-read memory: block RAM when deep, LUT RAM when not.
//
// Holds Depth beats in memory and one in the memory's output register, so Depth + 1 in all.
// Latency two cycles from an accepted beat to m_valid; throughput one beat a cycle. It cuts the
// combinational path of data, valid and ready between its two sides.
module fifo #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Depth = 2   // beats in memory
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
  localparam int unsigned AddressBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned CountBits = $clog2(Depth + 1);
  localparam logic [AddressBits-1:0] Last = AddressBits'(Depth - 1);

  if (Depth < 1) $error("%m: Depth is at least 1 beat");

  // A word is never read while it is written; Yosys then adds no logic for that.
  (* no_rw_check *) logic [Width-1:0] memory[Depth];
  logic [AddressBits-1:0] write_q, read_q;
  logic [CountBits-1:0] count_q;
  logic push, pop;

  assign s_ready = count_q != CountBits'(Depth);
  assign push = s_valid && s_ready;
  assign pop = (count_q != '0) && (!m_valid || m_ready);

  always_ff @(posedge clk) begin
    if (push) memory[write_q] <= s_data;
    if (pop) m_data <= memory[read_q];
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      write_q <= '0;
      read_q  <= '0;
      count_q <= '0;
      m_valid <= 1'b0;
    end else begin
      if (push) write_q <= (write_q == Last) ? '0 : write_q + 1'b1;
      if (pop) read_q <= (read_q == Last) ? '0 : read_q + 1'b1;
      count_q <= count_q + CountBits'(push) - CountBits'(pop);
      m_valid <= pop || (m_valid && !m_ready);
    end
  end
endmodule
