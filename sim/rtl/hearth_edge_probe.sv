// Watches one edge of the network in front of its FIFO: stall gate, scoreboard and counters. One is
// bound to every edge (sim/probes.py); `open` is the gate of its hw/stream/hearth_edge_fifo.sv.
//
// - Gate: the handshake may be withheld at random (hearth_stall_gate.sv).
// - Recorder: keeps the handshakes behind the gate (hearth_stream_recorder.sv).
// - Scoreboard: every accepted beat is compared with the next beat of golden/edge<Id>.bin. The file
//   may hold any number of frames; a beat after its end is an error too. sim/results.py turns the
//   number of the first wrong beat into frame, row, column and channel.
// - Rules of a stream: a valid that is not taken must stay, with the same data (hw/README.md).
//
// At the end of the simulation it reports one line:
//   edge <Id> beats errors surplus broken starved blocked withheld valid ready first earlier ended
//     got want
//   surplus   beats beyond the end of the golden file
//   broken    cycles in which the producer withdrew or changed a waiting beat
//   starved, blocked, withheld   cycles: FIFO ready, no beat; beat waiting; gate closed on a beat
//   valid, ready   the producer's valid and the FIFO's ready when the simulation ended
//   first     number of the first wrong beat
//   earlier, ended   cycles in which the last beats of the last two complete frames were accepted
//   got, want   value of the first wrong beat and the expected one in hexadecimal
module hearth_edge_probe #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Id = 0,     // names the golden file
  parameter int unsigned FrameBeats = 1
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [Width-1:0] data,   // the producer's
  input  logic             valid,
  input  logic             ready,  // the FIFO's
  output logic             open    // whether the FIFO and its producer see one another
);
  localparam int unsigned FileWidth = (Width + 7) / 8 * 8;

  hearth_stream_recorder #(
    .Id(Id)
  ) u_recorder (
    .clk,
    .rst,
    .valid(valid && open),
    .ready
  );

  hearth_stall_gate #(
    .Id(2 * Id)
  ) u_gate (
    .clk,
    .rst,
    .valid,
    .ready,
    .open
  );

  int file;
  int unsigned beats, errors, surplus, broken, starved, blocked, withheld, first;
  int unsigned cycle, beat, earlier, ended;  // beat: of its frame
  logic [Width-1:0] got, want;

  initial file = $fopen(hearth_sim_pkg::golden_file(Id), "rb");

  task automatic compare();
    logic [FileWidth-1:0] golden;
    automatic int count = $fread(golden, file);
    if (count == 0) begin
      surplus = surplus + 1;
      golden  = '0;
    end
    if (count == 0 || golden != FileWidth'(data)) begin
      if (errors == 0) begin
        first = beats;
        got   = data;
        want  = golden[Width-1:0];
      end
      errors = errors + 1;
      hearth_sim_pkg::errors = hearth_sim_pkg::errors + 1;
    end
    beats = beats + 1;
    beat = beat + 1;
    if (beat == FrameBeats) begin
      beat = 0;
      earlier = ended;
      ended = cycle;
    end
    hearth_sim_pkg::beats = hearth_sim_pkg::beats + 1;
  endtask

  logic waiting_q;
  logic [Width-1:0] data_q;

  always @(posedge clk) begin
    if (!rst) begin
      cycle = cycle + 1;
      if (valid && ready && open) compare();
      if (waiting_q && (!valid || data != data_q)) broken = broken + 1;
      if (ready && !valid) starved = starved + 1;
      if (valid && !ready) blocked = blocked + 1;
      if (valid && ready && !open) withheld = withheld + 1;
    end
    waiting_q <= !rst && valid && !(ready && open);
    if (valid && !(ready && open)) data_q <= data;
  end

  final begin
    hearth_sim_pkg::report($sformatf("edge %0d %0d %0d %0d %0d %0d %0d %0d %0d %0d %0d %0d %0d %0h %0h",
        Id, beats, errors, surplus, broken, starved, blocked, withheld, valid, ready, first, earlier,
        ended, got, want));
    $fclose(file);
  end
endmodule
