// Proof of stream/hearth_fifo.sv and, with Edge set, of stream/hearth_edge_fifo.sv as it is
// synthesized: the rules of hearth_stream_follow.sv with the header's latency; Depth beats always
// fit, and one more in each output register; while the consumer is ready a beat is taken every
// cycle (Depth 1: every other cycle at least); and the memory is never read and written at one
// address at once, which memory/hearth_ram.sv leaves undefined.
//
// The memory is formal/hearth_ram.sv, so a proof costs the same for any Depth.
//
// Strengthening: the counters tell how many beats are inside, the flags beside them whether there
// are some and whether one more fits; the followed beat, `ahead` places behind the oldest one, is
// where the pointers say.
module hearth_fifo_proof #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 2,
  parameter bit Edge = 1'b0,
  localparam int unsigned AddressBits = (Depth > 1) ? $clog2(Depth) : 1,
  localparam int unsigned CountBits = $clog2(Depth + 1)
) (
  input logic             clk,
  input logic             reset,
  input logic [Width-1:0] s_data,
  input logic             s_valid,
  input logic             m_ready,
  input logic             choose
);
  localparam bit Deep = Depth > 32;
  localparam int unsigned Capacity = Depth + 1 + 32'(Deep);
  localparam int unsigned Latency = 2 + 32'(Deep);

  logic started_q = 1'b0;
  logic rst, s_ready, m_valid, followed;
  logic [Width-1:0] m_data, value;
  logic [15:0] inside, ahead;

  assign rst = reset || !started_q;
  always_ff @(posedge clk) started_q <= 1'b1;

  logic [AddressBits-1:0] write, read, watched;
  logic [CountBits-1:0] count;
  logic [Width-1:0] read_data, word;
  logic read_valid, some, push, pop;

  if (Edge) begin : gen_edge
    hearth_edge_fifo #(.Width(Width), .Depth(Depth)) dut (
      .clk, .rst, .s_data, .s_valid, .s_ready, .m_data, .m_valid, .m_ready
    );
    (* hierconn *) logic [AddressBits-1:0] \dut.u_fifo.write_q , \dut.u_fifo.read_q ;
    (* hierconn *) logic [AddressBits-1:0] \dut.u_fifo.u_ram.watched ;
    (* hierconn *) logic [CountBits-1:0] \dut.u_fifo.count_q ;
    (* hierconn *) logic [Width-1:0] \dut.u_fifo.read_data , \dut.u_fifo.u_ram.word_q ;
    (* hierconn *) logic \dut.u_fifo.read_valid_q , \dut.u_fifo.some_q ;
    (* hierconn *) logic \dut.u_fifo.push , \dut.u_fifo.pop ;
    assign write = \dut.u_fifo.write_q ;
    assign read = \dut.u_fifo.read_q ;
    assign watched = \dut.u_fifo.u_ram.watched ;
    assign count = \dut.u_fifo.count_q ;
    assign read_data = \dut.u_fifo.read_data ;
    assign word = \dut.u_fifo.u_ram.word_q ;
    assign {read_valid, some} = {\dut.u_fifo.read_valid_q , \dut.u_fifo.some_q };
    assign {push, pop} = {\dut.u_fifo.push , \dut.u_fifo.pop };
  end else begin : gen_fifo
    hearth_fifo #(.Width(Width), .Depth(Depth)) dut (
      .clk, .rst, .s_data, .s_valid, .s_ready, .m_data, .m_valid, .m_ready
    );
    (* hierconn *) logic [AddressBits-1:0] \dut.write_q , \dut.read_q , \dut.u_ram.watched ;
    (* hierconn *) logic [CountBits-1:0] \dut.count_q ;
    (* hierconn *) logic [Width-1:0] \dut.read_data , \dut.u_ram.word_q ;
    (* hierconn *) logic \dut.read_valid_q , \dut.some_q , \dut.push , \dut.pop ;
    assign write = \dut.write_q ;
    assign read = \dut.read_q ;
    assign watched = \dut.u_ram.watched ;
    assign count = \dut.count_q ;
    assign read_data = \dut.read_data ;
    assign word = \dut.u_ram.word_q ;
    assign {read_valid, some} = {\dut.read_valid_q , \dut.some_q };
    assign {push, pop} = {\dut.push , \dut.pop };
  end

  hearth_stream_follow #(
    .Width(Width),
    .Latency(Latency)
  ) u_follow (
    .clk,
    .rst,
    .s_data,
    .s_valid,
    .s_ready,
    .m_data,
    .m_valid,
    .m_ready,
    .choose(choose && write == watched),  // watched is any address
    .inside_q(inside),
    .followed_q(followed),
    .ahead_q(ahead),
    .value_q(value)
  );

  // Cycles in a row in which the consumer was ready, or was not.
  logic [1:0] ready_q, blocked_q;
  logic refused_q, pushed_q;
  always_ff @(posedge clk) begin
    ready_q <= (rst || !m_ready) ? '0 : ready_q + 2'(ready_q != 2'd3);
    blocked_q <= (rst || m_ready) ? '0 : blocked_q + 2'(blocked_q != 2'd3);
    refused_q <= !rst && !s_ready;
    pushed_q <= !rst && push;
  end

  logic [15:0] registers, place, slot;  // beats in registers; the followed one's place in memory
  assign registers = 16'(read_valid) + (Deep ? 16'(m_valid) : 16'd0);
  assign place = ahead - registers;
  assign slot = 16'(read) + place - ((16'(read) + place >= 16'(Depth)) ? 16'(Depth) : 16'd0);

  always_comb begin
    if (!rst) begin
      assert (inside <= 16'(Capacity));
      assert (s_ready || inside >= 16'(Depth));
      assert (blocked_q != 2'd3 || (Depth == 1 && pushed_q)
              || s_ready == (inside != 16'(Capacity)));
      assert (s_ready || ready_q == '0 || !refused_q);
      assert (s_ready || ready_q != 2'd3 || Depth == 1);
      assert (!(push && pop && write == read));
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (32'(count) <= Depth && 32'(read) < Depth && 32'(write) < Depth);
      assert (inside == 16'(count) + registers);
      assert (some == (count != '0) && s_ready == (32'(count) != Depth));
      assert (16'(write) == 16'(read) + 16'(count)
              - ((16'(read) + 16'(count) >= 16'(Depth)) ? 16'(Depth) : 16'd0));
      if (followed && ahead >= registers) assert (slot == 16'(watched) && word == value);
      else if (followed && Deep && m_valid && ahead == '0) assert (m_data == value);
      else if (followed) assert (read_data == value);
`endif
    end
  end
endmodule
