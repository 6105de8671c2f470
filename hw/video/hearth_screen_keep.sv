// A camera's picture made smaller: words of RGB565, each the mean of a square of 2^ShrinkBits times
// as many pixels, rounded down, with the address at which it is kept.
//
// The tap never holds its stream up. A frame begins with tap_first_i; lines are counted, not told,
// so that a line too short skews what is left of its frame and nothing else.
// Pixels beyond the frame are passed over.
//
// Sums of a line of squares wait in a memory of Width words, of 36 bits for squares of 4x4: a block
// RAM's. A word leaves two cycles behind its last pixel.
module hearth_screen_keep #(
  parameter int unsigned Width = 160,     // pixels kept of a line
  parameter int unsigned Height = 120,    // lines kept
  parameter int unsigned ShrinkBits = 2,
  localparam int unsigned AddressBits = $clog2(Width * Height)
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic                   tap_valid_i,
  input  logic                   tap_first_i,
  input  logic [2:0][7:0]        tap_pixel_i,  // red lowest
  output logic                   valid_o,
  output logic [AddressBits-1:0] address_o,
  output logic [15:0]            word_o
);
  localparam int unsigned XBits = $clog2(Width) + ShrinkBits;
  localparam int unsigned YBits = $clog2(Height) + ShrinkBits;
  localparam int unsigned ColumnBits = $clog2(Width);
  localparam int unsigned AcrossBits = 8 + ShrinkBits;
  localparam int unsigned SumBits = 8 + 2 * ShrinkBits;
  localparam logic [XBits-1:0] LastX = XBits'((Width << ShrinkBits) - 1);
  localparam logic [YBits-1:0] LastY = YBits'((Height << ShrinkBits) - 1);
  localparam logic [XBits-1:0] SquareX = XBits'((1 << ShrinkBits) - 1);  // the bits inside a square
  localparam logic [YBits-1:0] SquareY = YBits'((1 << ShrinkBits) - 1);

  if (Width < 2 || Height < 2) $error("%m: Width and Height are at least 2");

  // ---- where the pixel lies
  logic inside_q, counts;
  logic [XBits-1:0] x, x_q;
  logic [YBits-1:0] y, y_q;

  assign x = tap_first_i ? '0 : x_q;
  assign y = tap_first_i ? '0 : y_q;
  assign counts = tap_valid_i && (tap_first_i || inside_q);
  always_ff @(posedge clk) begin
    if (rst) inside_q <= 1'b0;
    else if (counts) inside_q <= x != LastX || y != LastY;
    if (counts) begin
      x_q <= (x == LastX) ? '0 : x + 1'b1;
      if (x == LastX) y_q <= y + 1'b1;
      else y_q <= y;
    end
  end

  // ---- sums across, of one line of a square
  logic [2:0][AcrossBits-1:0] across_q;
  logic across_valid_q, top_q, bottom_q;
  logic [ColumnBits-1:0] column_q;

  always_ff @(posedge clk) begin
    across_valid_q <= !rst && counts && (x & SquareX) == SquareX;
    if (counts) begin
      for (int c = 0; c < 3; c++) begin
        across_q[c] <= (((x & SquareX) == '0) ? '0 : across_q[c]) + AcrossBits'(tap_pixel_i[c]);
      end
      column_q <= ColumnBits'(x >> ShrinkBits);
      top_q <= (y & SquareY) == '0;
      bottom_q <= (y & SquareY) == SquareY;
    end
  end

  // ---- sums down, and where their mean is kept
  logic [2:0][SumBits-1:0] held, sum;
  logic leaves, first_q;
  logic [AddressBits-1:0] place, next_q;

  hearth_ram #(
    .Width(3 * SumBits),
    .Words(Width)
  ) u_sums (
    .clk,
    .write_enable(across_valid_q),
    .write_address(column_q),
    .write_data(sum),
    .read_enable(counts),
    .read_address(ColumnBits'(x >> ShrinkBits)),
    .read_data(held)
  );

  for (genvar c = 0; c < 3; c++) begin : gen_colour
    assign sum[c] = (top_q ? '0 : held[c]) + SumBits'(across_q[c]);
  end

  assign leaves = across_valid_q && bottom_q;
  assign place = first_q ? '0 : next_q;
  always_ff @(posedge clk) begin
    first_q <= counts && tap_first_i;
    next_q <= place + AddressBits'(leaves);
    valid_o <= !rst && leaves;
    address_o <= place;
    word_o <= {sum[0][SumBits-1-:5], sum[1][SumBits-1-:6], sum[2][SumBits-1-:5]};
  end
endmodule
