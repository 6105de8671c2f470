// Says when a stream's handshake is withheld, at random.
//
// While `open` is low, who has the gate hides valid from the consumer and ready from the producer.
// It stays high once a valid was shown, until the beat has moved. The plusargs stall_percent
// (0..90, mean share of closed cycles, 0 = never) and seed choose the pattern; instances with
// different Id have independent ones. Every 256 cycles the gate draws a new rate between 0 and
// twice the mean, so FIFOs run both full and empty.
module hearth_stall_gate #(
  parameter int unsigned Id = 0
) (
  input  logic clk,
  input  logic rst,
  input  logic valid,  // the producer's
  input  logic ready,  // the consumer's
  output logic open
);
  localparam int unsigned MaxRate = 62_000;  // of 65,536: even the worst window lets beats pass

  int unsigned mean, seed;
  initial begin
    mean = hearth_sim_pkg::plusarg("stall_percent", 0) * 65_536 / 100;
    seed = hearth_sim_pkg::plusarg("seed", 1);
  end

  logic closed_q, shown_q;  // shown: valid was visible and not taken in the last cycle

  assign open = shown_q || !closed_q;

  always_ff @(posedge clk) begin
    if (rst) shown_q <= 1'b0;
    else shown_q <= valid && open && !ready;
  end

  // xorshift32 (Marsaglia, 2003), period 2^32 - 1.
  function automatic logic [31:0] xorshift(logic [31:0] x);
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
  endfunction

  logic [31:0] random_q;
  logic [7:0] window_q;
  logic [17:0] rate_q;

  always_ff @(posedge clk) begin
    if (rst) begin
      random_q <= xorshift(32'((seed * 32'd2654435761) ^ ((Id + 1) * 32'd2246822519)) | 32'd1);
      window_q <= '0;
      rate_q   <= 18'(mean);
      closed_q <= 1'b0;
    end else if (mean != 0) begin
      random_q <= xorshift(random_q);
      closed_q <= 18'(random_q[15:0]) < rate_q;
      window_q <= window_q + 1'b1;
      if (window_q == '1) rate_q <= 18'(longint'(random_q[31:16]) * longint'(2 * mean) >> 16);
      if (rate_q > 18'(MaxRate)) rate_q <= 18'(MaxRate);
    end
  end
endmodule
