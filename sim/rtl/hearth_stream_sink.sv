// Takes a network's output, with random pauses. It compares nothing: the probe of the last edge
// does.
//
// Reports one line: sink <Id> and, for every frame, the cycle in which its last beat was taken.
module hearth_stream_sink #(
  parameter int unsigned Id = 0,  // the output edge
  parameter int unsigned FrameBeats = 1
) (
  input  logic        clk,
  input  logic        rst,
  input  logic        s_valid,
  output logic        s_ready,
  output int unsigned frames  // complete frames so far
);
  logic open, valid;
  assign s_ready = open;
  assign valid = s_valid && open;

  hearth_stall_gate #(
    .Id(2 * Id + 1)
  ) u_gate (
    .clk,
    .rst,
    .valid(s_valid),
    .ready(1'b1),
    .open
  );

  int unsigned cycle, beat;
  string stamps;

  always @(posedge clk) begin
    if (!rst) begin
      cycle = cycle + 1;
      if (valid) begin
        beat = beat + 1;
        if (beat == FrameBeats) begin
          stamps = {stamps, $sformatf(" %0d", cycle)};
          frames <= frames + 1;
          beat = 0;
        end
      end
    end
  end

  final hearth_sim_pkg::report($sformatf("sink %0d%s", Id, stamps));
endmodule
