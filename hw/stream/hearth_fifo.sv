// First-in first-out buffer with a synchronous-read memory (hw/memory/hearth_ram.sv).
//
// Holds Depth beats in memory and one in the memory's output register, so Depth + 1 in all.
// Latency two cycles from an accepted beat to m_valid; throughput one beat a cycle, but with Depth
// 1 one every other cycle: its word is read before it is written again. It cuts the combinational
// path of data, valid and ready between its two sides, and s_ready comes from a flip-flop. Deep
// ones have a second output register, hence one beat and one cycle more: a block RAM answers late
// (5.8 ns in an ECP5). Proved for all time: formal/hearth_fifo_proof.sv.
module hearth_fifo #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Depth = 2,  // beats in memory
  parameter int BlockWords = -1      // as in hw/memory/hearth_ram.sv
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
  localparam bit Deep = Depth > 32;

  if (Depth < 1) $error("%m: Depth is at least 1 beat");

  logic [AddressBits-1:0] write_q, read_q;
  logic [CountBits-1:0] count_q;
  logic [Width-1:0] read_data;  // the memory's output register
  logic some_q;  // count_q is not 0, as s_ready is that it is not Depth
  logic read_valid_q, read_ready, push, pop;

  assign push = s_valid && s_ready;
  assign pop = some_q && (!read_valid_q || read_ready);

  hearth_ram #(
    .Width(Width),
    .Words(Depth),
    .BlockWords(BlockWords)
  ) u_ram (
    .clk,
    .write_enable(push),
    .write_address(write_q),
    .write_data(s_data),
    .read_enable(pop),
    .read_address(read_q),
    .read_data
  );

  always_ff @(posedge clk) begin
    if (rst) begin
      write_q <= '0;
      read_q  <= '0;
      count_q <= '0;
      s_ready <= 1'b1;
      some_q <= 1'b0;
      read_valid_q <= 1'b0;
    end else begin
      if (push) write_q <= (write_q == Last) ? '0 : write_q + 1'b1;
      if (pop) read_q <= (read_q == Last) ? '0 : read_q + 1'b1;
      count_q <= count_q + CountBits'(push) - CountBits'(pop);
      if (push && !pop) s_ready <= count_q != CountBits'(Depth - 1);
      else if (pop) s_ready <= 1'b1;
      if (pop && !push) some_q <= count_q != CountBits'(1);
      else if (push) some_q <= 1'b1;
      read_valid_q <= pop || (read_valid_q && !read_ready);
    end
  end

  if (Deep) begin : gen_register
    assign read_ready = !m_valid || m_ready;
    always_ff @(posedge clk) begin
      if (read_ready) m_data <= read_data;
      if (rst) m_valid <= 1'b0;
      else if (read_ready) m_valid <= read_valid_q;
    end
  end else begin : gen_wires
    assign read_ready = m_ready;
    assign m_data = read_data;
    assign m_valid = read_valid_q;
  end
endmodule
