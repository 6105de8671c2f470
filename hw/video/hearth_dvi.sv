// Three symbols of ten bits a pixel as bits, two a cycle of a clock five times as fast, and the
// fourth pair of wires of DVI, the pixel clock. A chip's own output registers send the first bit of
// a pair while fast_clk is high and the second while it is low.
//
// The two clocks come from one oscillator, but no phase between them is asked for. A bit that
// changes with every pixel is watched by fast_clk, two cycles late: when its change arrives, the
// symbols have stood for 16 to 24 ns of their 40 and are taken, at 25 MHz. From then on a count of
// five goes by itself, so that a change which now arrives in this cycle and now in the next, where
// edges of both clocks meet, moves nothing; it is set anew only if it is out by more than one.
module hearth_dvi (
  input  logic            pixel_clk,
  input  logic [2:0][9:0] tmds_i,
  input  logic            fast_clk,
  output logic [3:0][1:0] pairs_o    // blue, green, red, clock; bit 0 first
);
  localparam logic [9:0] Clock = 10'b0000011111;

  logic [2:0][9:0] tmds_q;
  logic flip_q, flip, flip_was_q, arrives, takes;
  logic [2:0] count_q;         // 0 takes the symbols
  logic [3:0][9:0] bits_q;

  always_ff @(posedge pixel_clk) begin
    tmds_q <= tmds_i;
    flip_q <= !flip_q;
  end

  hearth_sync u_flip (.clk(fast_clk), .rst(1'b0), .d_i(flip_q), .q_o(flip));
  assign arrives = flip != flip_was_q;
  assign takes = count_q == 3'd0;

  always_ff @(posedge fast_clk) begin
    flip_was_q <= flip;
    if (arrives && (count_q == 3'd2 || count_q == 3'd3)) count_q <= 3'd1;
    else count_q <= (count_q >= 3'd4) ? 3'd0 : count_q + 1'b1;
  end

  for (genvar i = 0; i < 4; i++) begin : gen_wire
    assign pairs_o[i] = bits_q[i][1:0];
    always_ff @(posedge fast_clk) begin
      if (takes) bits_q[i] <= (i == 3) ? Clock : tmds_q[i%3];
      else bits_q[i] <= bits_q[i] >> 2;
    end
  end
endmodule
