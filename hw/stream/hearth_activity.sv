// What kernels do in a cycle: busy, starved (could take input and there is none), blocked (output
// is offered and nobody takes it) or neither. Kernel i has bit i everywhere; no state.
module hearth_activity #(
  parameter int unsigned Kernels = 1
) (
  input  logic [Kernels-1:0] busy_i,   // does one unit of its work
  input  logic [Kernels-1:0] s_valid,  // of its input
  input  logic [Kernels-1:0] s_ready,
  input  logic [Kernels-1:0] m_valid,  // of its output
  input  logic [Kernels-1:0] m_ready,
  output logic [Kernels-1:0] busy,
  output logic [Kernels-1:0] starved,
  output logic [Kernels-1:0] blocked
);
  assign busy = busy_i;
  assign starved = ~busy_i & s_ready & ~s_valid;
  assign blocked = ~busy_i & m_valid & ~m_ready;
endmodule
