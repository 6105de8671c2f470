// Counts, for each of Count signals, the cycles in which it is high: 32 bits each, wrapping.
//
// Small because the counters live in one memory: each signal has a counter of a few bits, just wide
// enough to last for one round, and an adder goes round and empties one of them per cycle into the
// memory. `clear` zeroes all within one round. The word of `address` follows one cycle later; it
// may lag behind by one round.
module hearth_activity_counters #(
  parameter int unsigned Count = 57,
  localparam int unsigned AddressBits = $clog2(Count)
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic [      Count-1:0] signals,
  input  logic                   clear,
  input  logic [AddressBits-1:0] address,
  output logic [           31:0] data
);
  localparam int unsigned FewBits = $clog2(Count + 2);
  localparam int unsigned Groups = (Count + 7) / 8;

  if (Count < 2) begin : gen_check
    $error("%m: Count is at least 2");
  end

  // Signals come late in the cycle, from all over the chip; clearing goes to every counter.
  logic [8*Groups-1:0] signals_q;
  logic clear_q;
  always_ff @(posedge clk) begin
    signals_q <= (8 * Groups)'(signals);
    clear_q <= rst || clear;
  end

  logic [FewBits-1:0] few_q[8*Groups];
  // A word is read again at the earliest when its new value has been written.
  (* ram_style = "distributed", no_rw_check *) logic [31:0] memory[Count];
  logic [AddressBits-1:0] turn_q, left_q;  // left_q: words still to clear
  logic clearing_q;

  // Three steps: choose the small counter within each group of eight, take it and its word, write
  // their sum.
  logic [AddressBits-1:0] chosen_turn_q, taken_turn_q;
  logic [FewBits-1:0] chosen_few_q[Groups], taken_few_q;
  logic [31:0] taken_q;
  always_ff @(posedge clk) begin
    chosen_turn_q <= turn_q;
    taken_turn_q <= chosen_turn_q;
    for (int unsigned i = 0; i < Groups; i++) begin
      chosen_few_q[i] <= clear_q ? '0 : few_q[8 * i + 32'(3'(turn_q))];
    end
    taken_few_q <= chosen_few_q[32'(chosen_turn_q) / 8];
    taken_q <= clearing_q ? 32'd0 : memory[chosen_turn_q];
    memory[taken_turn_q] <= taken_q + 32'(taken_few_q);
    data <= memory[address];
  end

  always_ff @(posedge clk) begin
    for (int unsigned i = 0; i < 8 * Groups; i++) begin
      few_q[i] <= ((32'(turn_q) == i) ? '0 : few_q[i]) + FewBits'(signals_q[i]);
      if (clear_q) few_q[i] <= '0;
    end
    turn_q <= (rst || turn_q == AddressBits'(Count - 1)) ? '0 : turn_q + 1'b1;
    if (clear_q) begin
      clearing_q <= 1'b1;
      left_q <= AddressBits'(Count - 1);
    end else if (clearing_q) begin
      clearing_q <= left_q != '0;
      left_q <= left_q - 1'b1;
    end
  end
endmodule
