// Counts what one kernel does (hw/stream/hearth_activity.sv): working, waiting for input, or
// waiting for its output to be taken. One is bound to every kernel (sim/probes.py).
//
// Reports one line: kernel <Id> first last busy starved blocked. first and last are the cycles of
// the kernel's first and last unit of work, and the counts cover this span, so neither the filling
// of the pipeline in front of it nor the emptying behind it dilutes them.
module hearth_kernel_probe #(
  parameter int unsigned Id = 0
) (
  input logic clk,
  input logic rst,
  input logic busy_i,   // the kernel does one unit of work
  input logic s_valid,  // its input
  input logic s_ready,
  input logic m_valid,  // its output
  input logic m_ready
);
  logic busy, starved, blocked;
  hearth_activity u_activity (
    .busy_i,
    .s_valid,
    .s_ready,
    .m_valid,
    .m_ready,
    .busy,
    .starved,
    .blocked
  );

  int unsigned cycle, first, last, busy_count;
  int unsigned starved_now, blocked_now;    // since the first unit of work
  int unsigned starved_last, blocked_last;  // up to the last unit of work

  always @(posedge clk) begin
    if (!rst) begin
      cycle = cycle + 1;
      if (busy) begin
        if (busy_count == 0) first = cycle;
        last = cycle;
        busy_count = busy_count + 1;
        starved_last = starved_now;
        blocked_last = blocked_now;
      end else if (busy_count != 0) begin
        // A kernel that can neither give nor take is held up by the one behind it.
        if (blocked) blocked_now = blocked_now + 1;
        else if (starved) starved_now = starved_now + 1;
      end
    end
  end

  final
    hearth_sim_pkg::report($sformatf("kernel %0d %0d %0d %0d %0d %0d", Id, first, last, busy_count,
        starved_last, blocked_last));
endmodule
