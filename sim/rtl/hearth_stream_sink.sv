// Takes one of a network's outputs, with random pauses, and compares every beat with the next one of
// golden/edge<Id>.bin. The probe of the edge has compared it already, in front of the edge's FIFO;
// what the sink finds besides are streams that were exchanged on the way out.
//
// Reports one line: sink <Id> <wrong> <first> <got> <want> and, for every frame, the cycle in which
// its last beat was taken. `wrong` counts beats; the number of the first and both values follow.
module hearth_stream_sink #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Id = 0,  // the output edge
  parameter int unsigned FrameBeats = 1
) (
  input  logic        clk,
  input  logic        rst,
  input  logic [Width-1:0] s_data,
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

  localparam int unsigned FileWidth = (Width + 7) / 8 * 8;

  int file;
  int unsigned cycle, beat, beats, wrong, first;
  logic [Width-1:0] got, want;
  string stamps;

  initial file = $fopen(hearth_sim_pkg::golden_file(Id), "rb");

  task automatic compare();
    logic [FileWidth-1:0] golden;
    automatic int count = $fread(golden, file);
    if (count == 0 || golden != FileWidth'(s_data)) begin
      if (wrong == 0) begin
        first = beats;
        got   = s_data;
        want  = count == 0 ? '0 : golden[Width-1:0];
      end
      wrong = wrong + 1;
    end
    beats = beats + 1;
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      cycle = cycle + 1;
      if (valid) begin
        compare();
        beat = beat + 1;
        if (beat == FrameBeats) begin
          stamps = {stamps, $sformatf(" %0d", cycle)};
          frames <= frames + 1;
          beat = 0;
        end
      end
    end
  end

  final begin
    hearth_sim_pkg::report(
        $sformatf("sink %0d %0d %0d %0h %0h%s", Id, wrong, first, got, want, stamps));
    $fclose(file);
  end
endmodule
