// A frame drawn around a part of the screen: a white line between two black ones, each Line pixels
// wide, inside the part's edges. One cycle.
//
//   depth inside the part    0 .. Line - 1   Line .. 2 Line - 1   2 Line .. 3 Line - 1   more
//   line_o, white_o          1, 0            1, 1                 1, 0                   0, 0
module hearth_screen_outline #(
  parameter int unsigned Left = 80,     // the part's first pixel of a line
  parameter int unsigned Top = 0,
  parameter int unsigned Right = 560,   // the first pixel behind it
  parameter int unsigned Bottom = 480,
  parameter int unsigned Line = 2,
  parameter int unsigned XBits = 10,
  parameter int unsigned YBits = 10
) (
  input  logic             clk,
  input  logic [XBits-1:0] x_i,
  input  logic [YBits-1:0] y_i,
  output logic             line_o,
  output logic             white_o
);
  if (Right < Left + 6 * Line || Bottom < Top + 6 * Line) $error("%m: no room for the lines");

  // Whether the pixel lies in the part, less a border of 0 to 3 lines' width.
  logic [3:0] deep;
  for (genvar i = 0; i < 4; i++) begin : gen_deep
    localparam int unsigned Border = i * Line;
    assign deep[i] = (Left + Border == 0 || x_i >= XBits'(Left + Border)) &&
                       (Top + Border == 0 || y_i >= YBits'(Top + Border)) &&
                       32'(x_i) < Right - Border && 32'(y_i) < Bottom - Border;
  end

  always_ff @(posedge clk) begin
    line_o <= deep[0] && !deep[3];
    white_o <= deep[1] && !deep[2];
  end
endmodule
