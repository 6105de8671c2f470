// What is written on the screen: the best classes, a row each, and the frames per second.
//
//   frames per second    columns 0 to 7 of row 0: "  30 fps"
//   class of rank i      columns 0 to 2^PanelBits - 1 of row Rows - Shown + i: its name, of
//                        2^LetterBits letters, and behind it a bar of its share of the row's width
//
// The screen is cut into cells of 8 x 16 dots, a dot being a square of 2^TextBits pixels. Names and
// font are ROMs: name i begins at word i * 2^LetterBits, in codes of ASCII; letter c at word 16 c,
// a line of dots each, the leftmost dot in the highest bit. Two cycles.
module hearth_screen_text #(
  parameter int unsigned Height = 480,
  parameter int unsigned XBits = 10,
  parameter int unsigned YBits = 10,
  parameter int unsigned Classes = 10,
  parameter int unsigned Shown = 5,
  parameter int unsigned LetterBits = 4,
  parameter int unsigned PanelBits = 4,
  parameter int unsigned TextBits = 1,
  parameter FontFile = "rom/screen_font.hex",
  parameter NamesFile = "rom/screen_names.hex",
  localparam int unsigned ClassBits = (Classes > 1) ? $clog2(Classes) : 1,
  localparam int unsigned ShareBits = PanelBits + 3  // of a row's dots
) (
  input  logic                            clk,
  input  logic [XBits-1:0]                x_i,
  input  logic [YBits-1:0]                y_i,
  input  logic [Shown-1:0][ClassBits-1:0] classes_i,
  input  logic [Shown-1:0][ShareBits:0]   shares_i,  // 2^ShareBits: all of the row
  input  logic [3:0][3:0]                 digits_i,
  output logic                            panel_o,   // text may stand here
  output logic                            letter_o,
  output logic                            bar_o,
  output logic                            first_o    // in the best class's row
);
  localparam int unsigned Rows = Height >> (4 + TextBits);
  localparam int unsigned Top = Rows - Shown;        // row of the best class
  localparam int unsigned ShownBits = (Shown > 1) ? $clog2(Shown) : 1;
  localparam int unsigned DotBits = XBits - TextBits;
  localparam int unsigned RowBits = YBits - 4 - TextBits;
  localparam logic [6:0] Blank = 7'h20;

  if (LetterBits > PanelBits) $error("%m: a name has no more letters than its row");
  if (Shown >= Rows) $error("%m: there is no room for Shown rows below the first");

  // ---- where
  logic [DotBits-1:0] dot;
  logic [DotBits-4:0] column;
  logic [YBits-TextBits-1:0] line;
  logic [RowBits-1:0] row;
  logic [ShownBits-1:0] rank;
  logic in_class, in_rate;

  assign dot = DotBits'(x_i >> TextBits);
  assign column = dot[DotBits-1:3];
  assign line = (YBits - TextBits)'(y_i >> TextBits);
  assign row = line[YBits-TextBits-1:4];
  assign in_class = row >= RowBits'(Top) && row < RowBits'(Rows) && column >> PanelBits == '0;
  assign in_rate = row == '0 && column >> 3 == '0;
  assign rank = in_class ? ShownBits'(row - RowBits'(Top)) : '0;

  // ---- the code of the letter
  logic [6:0] name, code, rate, rate_q;
  logic [ClassBits+LetterBits-1:0] address;
  logic named_q, rated_q, panel_q, bar_q, first_q;
  logic [3:0] line_q;
  logic [2:0] dot_q;

  assign address = {classes_i[rank], LetterBits'(column)};
  hearth_screen_rom #(
    .Width(7), .Words(Classes << LetterBits), .File(NamesFile)
  ) u_names (
    .clk, .address, .data(name)
  );

  // A digit in front of which there are none but zeros is left out, but for the last.
  always_comb begin
    unique case (column[2:0])
      3'd0: rate = (digits_i[3] == '0) ? Blank : {3'b011, digits_i[3]};
      3'd1: rate = (digits_i[3:2] == '0) ? Blank : {3'b011, digits_i[2]};
      3'd2: rate = (digits_i[3:1] == '0) ? Blank : {3'b011, digits_i[1]};
      3'd3: rate = {3'b011, digits_i[0]};
      3'd5: rate = 7'h66;  // f
      3'd6: rate = 7'h70;  // p
      3'd7: rate = 7'h73;  // s
      default: rate = Blank;
    endcase
  end

  always_ff @(posedge clk) begin
    named_q <= in_class && column >> LetterBits == '0;
    rated_q <= in_rate;
    rate_q <= rate;
    panel_q <= in_class || in_rate;
    // A line of dots between two bars is left free.
    bar_q <= in_class && line[3:0] != '0 && dot < DotBits'(shares_i[rank]);
    first_q <= rank == '0;
    {line_q, dot_q} <= {line[3:0], dot[2:0]};
  end
  assign code = rated_q ? rate_q : named_q ? name : Blank;

  // ---- its dots
  logic [7:0] dots;
  logic [2:0] dot_was_q;
  hearth_screen_rom #(
    .Width(8), .Words(2048), .File(FontFile)
  ) u_font (
    .clk, .address({code, line_q}), .data(dots)
  );

  assign letter_o = dots[~dot_was_q];
  always_ff @(posedge clk) {panel_o, bar_o, first_o, dot_was_q} <= {panel_q, bar_q, first_q, dot_q};
endmodule
