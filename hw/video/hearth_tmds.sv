// One channel of DVI: bytes and control bits as symbols of ten bits, bit 0 sent first (Digital
// Visual Interface 1.0, section 3.2). One cycle.
//
//   symbol = {inverted, !xnor, byte of few transitions, inverted or not}
//
// A byte becomes the XORs, or where these would change more often the XNORs, of its bits with the
// one before; and is inverted so that ones and zeros sent since the last pause keep even.
// `excess_q` is half of how many more ones than zeros were sent, which is a whole number: -4 to 4.
module hearth_tmds (
  input  logic       clk,
  input  logic       rst,
  input  logic       seen_i,     // data_i is a pixel's; or else control_i is sent
  input  logic [7:0] data_i,
  input  logic [1:0] control_i,  // of channel 0: {vsync, hsync}
  output logic [9:0] symbol_o
);
  typedef logic signed [3:0] half_t;

  logic [7:0] bits;
  logic xnors, inverts;
  logic [3:0] data_ones;
  half_t bits_excess;  // half of how many more ones than zeros the eight bits have
  half_t excess_q, sent;

  assign data_ones = ones(data_i);
  assign xnors = data_ones > 4'd4 || (data_ones == 4'd4 && !data_i[0]);
  // Bit i is the XOR of the byte's bits up to its own; XNORs turn every other one over.
  for (genvar i = 0; i < 8; i++) begin : gen_bit
    assign bits[i] = ^data_i[i:0] ^ (xnors && (i % 2 == 1));
  end

  assign bits_excess = half_t'(ones(bits) - 4'd4);
  assign inverts = (excess_q == '0 || bits_excess == '0) ? xnors
                                                         : (excess_q > 0) == (bits_excess > 0);
  // The upper two bits are 10 or 11 of what is inverted, 00 or 01 of the rest: one more or less.
  assign sent = inverts ? half_t'(!xnors) - bits_excess : bits_excess - half_t'(xnors);

  always_ff @(posedge clk) begin
    excess_q <= (rst || !seen_i) ? '0 : excess_q + sent;
    if (seen_i) symbol_o <= {inverts, !xnors, bits ^ {8{inverts}}};
    else begin
      unique case (control_i)
        2'b00: symbol_o <= 10'b1101010100;
        2'b01: symbol_o <= 10'b0010101011;
        2'b10: symbol_o <= 10'b0101010100;
        default: symbol_o <= 10'b1010101011;
      endcase
    end
  end

  function automatic logic [3:0] ones(input logic [7:0] byte_i);
    ones = '0;
    for (int i = 0; i < 8; i++) ones += 4'(byte_i[i]);
  endfunction
endmodule
