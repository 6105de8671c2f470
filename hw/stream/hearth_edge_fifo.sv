// One edge of the network: the FIFO between two kernels.
//
// With HEARTH_SIM defined it has a gate in front, which may withhold the handshake without latency:
// `open` is driven by the probe that simulation binds to every edge (sim/probes.py,
// sim/rtl/hearth_edge_probe.sv). Otherwise the gate is always open, and this is the FIFO alone.
module hearth_edge_fifo #(
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
  logic open, ready;
`ifndef HEARTH_SIM
  assign open = 1'b1;
`endif
  assign s_ready = ready && open;

  hearth_fifo #(
    .Width(Width),
    .Depth(Depth),
    .BlockWords(BlockWords)
  ) u_fifo (
    .clk,
    .rst,
    .s_data,
    .s_valid(s_valid && open),
    .s_ready(ready),
    .m_data,
    .m_valid,
    .m_ready
  );
endmodule
