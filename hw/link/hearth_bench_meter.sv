// Measures the network while pattern_source feeds it: frames, cycles, a checksum of all results.
//
// `done` is high when nothing is being made any more and every frame that was handed to the network
// has come out: then `frames` is how many there were, which a stopped source makes fewer than were
// asked for.
module hearth_bench_meter (
  input  logic        clk,
  input  logic        rst,
  input  logic        idle,      // between requests: all starts anew
  input  logic        making,    // the source is busy, or a pixel of it waits
  input  logic [31:0] now,       // cycles
  input  logic        handed,    // the last pixel of a frame enters the network
  input  logic        arrives,   // the first word of a frame's results is there for the first time
  input  logic [31:0] word,
  input  logic        take,      // the word is taken
  input  logic        last,      // it is the last of its frame
  output logic        done,
  output logic [31:0] frames,
  output logic [31:0] steady,    // cycles from the first frame's first word to that of the last
  output logic [31:0] in_all,    // cycles from the start to the first word of the last frame
  output logic [31:0] checksum   // rotate left by five and add, over all words
);
  logic [31:0] start_q, first_q, last_q;
  logic [5:0] inside_q;  // frames in the network, of which link_frames lets in no more than 31
  logic any_q;           // a frame has come out

  assign done = !making && inside_q == '0;
  assign steady = last_q - first_q;
  assign in_all = last_q - start_q;

  always_ff @(posedge clk) begin
    if (rst || idle) begin
      inside_q <= '0;
      any_q <= 1'b0;
      frames <= '0;
      start_q <= now;
      first_q <= now;
      last_q <= now;
      checksum <= '0;
    end else begin
      inside_q <= inside_q + 6'(handed) - 6'(take && last);
      frames <= frames + 32'(take && last);
      if (take && last) any_q <= 1'b1;
      if (arrives) last_q <= now;
      if (arrives && !any_q) first_q <= now;
      if (take) checksum <= {checksum[26:0], checksum[31:27]} + word;
    end
  end
endmodule
