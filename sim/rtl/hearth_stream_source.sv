// Plays golden/edge<Id>.bin into a network, one beat a cycle unless stalled, then falls silent.
//
// Reports one line: source <Id> and, for every frame, the cycle in which its first beat was taken.
module hearth_stream_source #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Id = 0,     // the input edge
  parameter int unsigned FrameBeats = 1
) (
  input  logic             clk,
  input  logic             rst,
  output logic [Width-1:0] m_data,
  output logic             m_valid,
  input  logic             m_ready
);
  localparam int unsigned FileWidth = (Width + 7) / 8 * 8;

  int file;
  initial file = $fopen(hearth_sim_pkg::golden_file(Id), "rb");

  logic valid_q, ready, open;
  logic [FileWidth-1:0] data_q;
  assign m_data = data_q[Width-1:0];
  assign m_valid = valid_q && open;
  assign ready = m_ready && open;

  hearth_stall_gate #(
    .Id(2 * Id + 1)
  ) u_gate (
    .clk,
    .rst,
    .valid(valid_q),
    .ready(m_ready),
    .open
  );

  int unsigned cycle, beat;
  string stamps;

  always @(posedge clk) begin
    if (rst) begin
      valid_q <= 1'b0;
    end else begin
      cycle = cycle + 1;
      if (m_valid && m_ready) begin
        if (beat == 0) stamps = {stamps, $sformatf(" %0d", cycle)};
        beat = (beat == FrameBeats - 1) ? 0 : beat + 1;
      end
      if (!valid_q || ready) begin
        automatic logic [FileWidth-1:0] next;
        automatic int count = $fread(next, file);
        valid_q <= count != 0;
        data_q  <= next;
      end
    end
  end

  final begin
    hearth_sim_pkg::report($sformatf("source %0d%s", Id, stamps));
    $fclose(file);
  end
endmodule
