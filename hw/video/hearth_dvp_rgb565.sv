// RGB565 words as 8-bit colours, red in the lowest byte: the highest bits of 5 or 6 are repeated
// below, so that all ones become 255.
//
//   first byte rrrrrggg, second byte gggbbbbb
module hearth_dvp_rgb565 (
  input  logic [15:0] word_i,
  output logic [23:0] rgb_o
);
  logic [4:0] red, blue;
  logic [5:0] green;

  assign {red, green, blue} = word_i;
  assign rgb_o = {blue, blue[4:2], green, green[5:4], red, red[4:2]};
endmodule
