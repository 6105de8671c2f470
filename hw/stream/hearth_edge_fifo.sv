// One edge of the network: the FIFO between two kernels, and in simulation its checker.
//
// With HEARTH_SIM defined, sim/rtl/hearth_edge_probe.sv sits in front of the FIFO: it may stall the
// handshake and compares every beat with the golden model. Without it, this is the FIFO alone.
module hearth_edge_fifo #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Depth = 2,  // beats
  parameter int unsigned Id = 0      // index of the edge in the network, 0 = input
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
  if (Id > 65535) $error("%m: Id is at most 65535");

  logic [Width-1:0] data;
  logic valid, ready;

`ifdef HEARTH_SIM
  hearth_edge_probe #(
    .Width(Width),
    .Id(Id)
  ) u_probe (
    .clk,
    .rst,
    .s_data,
    .s_valid,
    .s_ready,
    .m_data(data),
    .m_valid(valid),
    .m_ready(ready)
  );
`else
  assign data = s_data;
  assign valid = s_valid;
  assign s_ready = ready;
`endif

  hearth_fifo #(
    .Width(Width),
    .Depth(Depth)
  ) u_fifo (
    .clk,
    .rst,
    .s_data(data),
    .s_valid(valid),
    .s_ready(ready),
    .m_data,
    .m_valid,
    .m_ready
  );
endmodule
