// A delay line: what goes in comes out in order, as many beats later as the caller lets lie in it.
//
// A caller's way from this memory to another one, or back to it, is two long ones in one cycle.
// Where the line is long enough for a beat to be back in time all the same, it waits half way.
module hearth_delay_line #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Depth = 2,  // beats
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
  localparam int unsigned Long = 8;  // twice the cycles from one end to the other
  logic [Width-1:0] data;
  logic valid, ready;

  hearth_fifo #(
    .Width(Width), .Depth(Depth), .BlockWords(BlockWords)
  ) u_fifo (
    .clk, .rst, .s_data, .s_valid, .s_ready, .m_data(data), .m_valid(valid), .m_ready(ready)
  );

  if (Depth < Long) begin : gen_near
    assign {m_valid, m_data} = {valid, data};
    assign ready = m_ready;
  end else begin : gen_far
    hearth_skid #(
      .Width(Width)
    ) u_half_way (
      .clk, .rst, .s_data(data), .s_valid(valid), .s_ready(ready), .m_data, .m_valid, .m_ready
    );
  end
endmodule
