// Yosys techmap: a signed product of a MAC lane, 9 or 8 x 2 to 8 bits, from carry chains instead of
// a DSP block.
//
// The activation A is unsigned (9 bits, bit 8 is 0) or two's complement (8 bits), the weight B is
// two's complement. Two bits of B make one row, in one carry chain: an ECP5 carry cell holds a
// 4-input LUT per bit, enough to form both partial products and their sum. Four rows and three
// adders, about 76 LUTs; Yosys alone needs 225.
//
//   row r = A * B[2r] + 2 A * B[2r+1],    the last one  A * B[6] - 2 A * B[7]
//
// Applied only to the multiplications that toolchain/targets/ecp5 selects.
(* techmap_celltype = "$mul" *)
module hearth_lut_multiply (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  wire _TECHMAP_FAIL_ =
    (A_WIDTH != 9 && A_WIDTH != 8) || B_WIDTH < 2 || B_WIDTH > 8 || Y_WIDTH > 16 ||
    A_SIGNED == 0 || B_SIGNED == 0;

  wire [7:0] b = {{8{B[B_WIDTH-1]}}, B};
  wire [9:0] row0, row1, row2, row3;
  wire [2:0] sign0, sign1, sign2;  // what the rows are extended by
  localparam Signed = A_WIDTH == 8;
  assign sign0 = {3{Signed && row0[9]}};
  assign sign1 = {3{Signed && row1[9]}};
  assign sign2 = {3{Signed && row2[9]}};
  hearth_lut_row #(.Minus(0), .Signed(Signed))
    u_row0 (.a(A[7:0]), .low(b[0]), .high(b[1]), .y(row0));
  hearth_lut_row #(.Minus(0), .Signed(Signed))
    u_row1 (.a(A[7:0]), .low(b[2]), .high(b[3]), .y(row1));
  hearth_lut_row #(.Minus(0), .Signed(Signed))
    u_row2 (.a(A[7:0]), .low(b[4]), .high(b[5]), .y(row2));
  hearth_lut_row #(.Minus(1), .Signed(Signed))
    u_row3 (.a(A[7:0]), .low(b[6]), .high(b[7]), .y(row3));

  wire [10:0] low = {sign0, row0[9:2]} + {sign1[0], row1};            // without two bits of row0
  wire signed [11:0] high = $signed({sign2[0], sign2, row2[9:2]}) + $signed({{2{row3[9]}}, row3});
  wire [12:0] low_all = {low, row0[1:0]};
  wire signed [13:0] high_all = {high, row2[1:0]};
  wire [11:0] top = {{3{Signed && low_all[12]}}, low_all[12:4]} + high_all[11:0];
  wire [15:0] product = {top, low_all[3:0]};
  assign Y = product[Y_WIDTH-1:0];
endmodule

// y = a * low + 2 a * high, or a * low - 2 a * high (ten bits, two's complement).
module hearth_lut_row (a, low, high, y);
  parameter Minus = 0;
  parameter Signed = 0;
  input [7:0] a;
  input low, high;
  output [9:0] y;

  // Carry cell: LUT4 = (A & B) ^ (C & D) propagates, LUT2 = its first four entries generates. The
  // negative term must be on A and B, inverted, and the carry into the chain is 1.
  localparam [15:0] Init = Minus ? 16'h8777 : 16'h7888;
  wire sign = Signed && a[7];
  wire [9:0] single = {sign, sign, a};
  wire [9:0] double = {sign, a, 1'b0};
  wire [5:0] carry;
  wire [9:0] p = Minus ? double : single;
  wire [9:0] q = Minus ? single : double;
  wire pen = Minus ? high : low;
  wire qen = Minus ? low : high;
  assign carry[0] = Minus ? 1'b1 : 1'b0;
  genvar i;
  generate
    for (i = 0; i < 5; i = i + 1) begin : gen_pair
      CCU2C #(
        .INIT0(Init),
        .INIT1(Init),
        .INJECT1_0("NO"),
        .INJECT1_1("NO")
      ) u_carry (
        .CIN(carry[i]),
        .COUT(carry[i+1]),
        .A0(p[2*i]), .B0(pen), .C0(q[2*i]), .D0(qen), .S0(y[2*i]),
        .A1(p[2*i+1]), .B1(pen), .C1(q[2*i+1]), .D1(qen), .S1(y[2*i+1])
      );
    end
  endgenerate
endmodule
