// Decides when a simulation is over. cocotb (sim/clocking.py) waits for `finished`.
//
// Once every network has delivered `frames` frames at each of its outputs, the run ends when no beat has moved for `drain`
// cycles (a pool may still swallow the last rows, and a beat too many shows in that time). It ends
// early when no beat moved anywhere for `watchdog` cycles, when more than `max_errors` beats were
// wrong, or after `max_cycles` cycles (0 = no limit). All five are plusargs.
//
// Reports one line: run <cycles> <reason>, reason one of done, stuck, errors, limit.
module hearth_run_control #(
  parameter int unsigned Outputs = 1  // of all networks
) (
  input  logic        clk,
  input  logic        rst,
  input  int unsigned frames     [Outputs],  // frames delivered, per output
  output int unsigned delivered,             // frames that every output has delivered
  output int unsigned cycles,
  output logic        finished
);
  int unsigned wanted, watchdog, drain, max_errors, max_cycles;
  initial begin
    wanted = hearth_sim_pkg::plusarg("frames", 1);
    watchdog = hearth_sim_pkg::plusarg("watchdog", 20_000);
    drain = hearth_sim_pkg::plusarg("drain", 500);
    max_errors = hearth_sim_pkg::plusarg("max_errors", 0);
    max_cycles = hearth_sim_pkg::plusarg("max_cycles", 0);
  end

  always_comb begin
    delivered = frames[0];
    for (int unsigned i = 1; i < Outputs; i++) begin
      if (frames[i] < delivered) delivered = frames[i];
    end
  end

  localparam int unsigned LongestDrain = 100;  // times `drain`, if beats keep moving

  int unsigned beats_q, idle_q, drained_q;
  string reason;

  always @(posedge clk) begin
    if (rst) begin
      finished <= 1'b0;
    end else if (!finished) begin
      cycles  <= cycles + 1;
      beats_q <= hearth_sim_pkg::beats;
      idle_q  <= (hearth_sim_pkg::beats == beats_q) ? idle_q + 1 : 0;
      if (delivered >= wanted) drained_q <= drained_q + 1;
      if (drained_q > drain && idle_q > drain) reason = "done";
      else if (drained_q == LongestDrain * drain) reason = "done";
      else if (idle_q == watchdog) reason = "stuck";
      else if (hearth_sim_pkg::errors > max_errors) reason = "errors";
      else if (max_cycles != 0 && cycles == max_cycles) reason = "limit";
      finished <= reason != "";
    end
  end

  final hearth_sim_pkg::report($sformatf("run %0d %s", cycles, reason));
endmodule
