// Watches one edge of the network: stall gate, scoreboard and counters. hw/stream/hearth_edge_fifo.sv holds one
// in front of every FIFO when HEARTH_SIM is defined.
//
// - Gate: the handshake may be withheld at random (hearth_stall_gate.sv); data passes without latency.
// - Recorder: keeps the handshakes that passed the gate (hearth_stream_recorder.sv).
// - Scoreboard: every accepted beat is compared with the next beat of golden/edge<Id>.bin. The file may
//   hold any number of frames; a beat after its end is an error too. sim/results.py turns the number of
//   the first wrong beat into frame, row, column and channel.
// - Rules of a stream: a valid that is not taken must stay, with the same data (hw/README.md).
//
// At the end of the simulation it reports one line:
//   edge <Id> beats errors surplus broken starved blocked withheld valid ready first got want
//   surplus   beats beyond the end of the golden file
//   broken    cycles in which the producer withdrew or changed a waiting beat
//   starved, blocked, withheld   cycles: FIFO ready without a beat; beat waiting; gate closed on a beat
//   valid, ready   the producer's valid and the FIFO's ready when the simulation ended
//   first     number of the first wrong beat, then its value and the expected one in hexadecimal
module hearth_edge_probe #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Id = 0      // names the golden file
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
  localparam int unsigned FileWidth = (Width + 7) / 8 * 8;

  assign m_data = s_data;

  hearth_stream_recorder #(
    .Id(Id)
  ) u_recorder (
    .clk,
    .rst,
    .valid(m_valid),
    .ready(m_ready)
  );

  hearth_stall_gate #(
    .Id(2 * Id)
  ) u_gate (
    .clk,
    .rst,
    .s_valid,
    .s_ready,
    .m_valid,
    .m_ready
  );

  int file;
  int unsigned beats, errors, surplus, broken, starved, blocked, withheld, first;
  logic [Width-1:0] got, want;

  initial file = $fopen(hearth_sim_pkg::golden_file(Id), "rb");

  task automatic compare();
    logic [FileWidth-1:0] golden;
    automatic int count = $fread(golden, file);
    if (count == 0) begin
      surplus = surplus + 1;
      golden  = '0;
    end
    if (count == 0 || golden != FileWidth'(s_data)) begin
      if (errors == 0) begin
        first = beats;
        got   = s_data;
        want  = golden[Width-1:0];
      end
      errors = errors + 1;
      hearth_sim_pkg::errors = hearth_sim_pkg::errors + 1;
    end
    beats = beats + 1;
    hearth_sim_pkg::beats = hearth_sim_pkg::beats + 1;
  endtask

  logic waiting_q;
  logic [Width-1:0] data_q;

  always @(posedge clk) begin
    if (!rst) begin
      if (m_valid && m_ready) compare();
      if (waiting_q && (!s_valid || s_data != data_q)) broken = broken + 1;
      if (m_ready && !s_valid) starved = starved + 1;
      if (s_valid && !m_ready) blocked = blocked + 1;
      if (s_valid && m_ready && !m_valid) withheld = withheld + 1;
    end
    waiting_q <= !rst && s_valid && !s_ready;
    if (s_valid && !s_ready) data_q <= s_data;
  end

  final begin
    hearth_sim_pkg::report($sformatf("edge %0d %0d %0d %0d %0d %0d %0d %0d %0d %0d %0d %0h %0h", Id, beats,
        errors, surplus, broken, starved, blocked, withheld, s_valid, m_ready, first, got, want));
    $fclose(file);
  end
endmodule
