// Records the handshakes of one edge, for pictures: one digit for each of the first `record` cycles
// after reset (a plusarg, 0 = none), to waves/edge<Id>.txt.
//
//   digit   valid  ready
//     0       0      0     nothing offered, and no room
//     1       0      1     starved: room, and nothing offered
//     2       1      0     blocked: a beat waits
//     3       1      1     a beat moves
module hearth_stream_recorder #(
  parameter int unsigned Id = 0
) (
  input logic clk,
  input logic rst,
  input logic valid,
  input logic ready
);
  int file;
  int unsigned left;
  initial begin
    left = hearth_sim_pkg::plusarg("record", 0);
    if (left != 0) file = $fopen($sformatf("waves/edge%0d.txt", Id), "w");
  end

  always @(posedge clk) begin
    if (!rst && left != 0) begin
      $fwrite(file, "%0d", {valid, ready});
      left = left - 1;
    end
  end

  final begin
    if (file != 0) $fclose(file);
  end
endmodule
