// What the camera sees, what the network sees of it and what it says, on a screen, without a host:
// from a tap of the camera's pixels and one of the network's results to the symbols of DVI.
//
//   network's clock                      pixel clock
//   camera's pixels --> keep --> two_clock_ram --> picture -+
//   result's words --> shares, rate --> latest --> text ----+--> colours --> tmds, three times
//                                      timing --> outline --+
//
// Both taps are watched and never held up. What is written on the screen changes between two
// pictures alone: all of a picture shows one result. Sizes, ROMs and golden model:
// toolchain/video/screen.py. A chip's serializer follows (hearth_dvi.sv).
module hearth_screen #(
  parameter int unsigned Width = 640,  // these eight as in hearth_screen_timing.sv
  parameter int unsigned HFront = 16,
  parameter int unsigned HSync = 96,
  parameter int unsigned HBack = 48,
  parameter int unsigned Height = 480,
  parameter int unsigned VFront = 10,
  parameter int unsigned VSync = 2,
  parameter int unsigned VBack = 33,
  parameter int unsigned ShrinkBits = 2,  // these two as in hearth_screen_picture.sv
  parameter int unsigned ZoomBits = 2,
  parameter int unsigned Left = 80,       // these five as in hearth_screen_outline.sv
  parameter int unsigned Top = 0,
  parameter int unsigned Right = 560,
  parameter int unsigned Bottom = 480,
  parameter int unsigned Line = 2,
  parameter int unsigned Classes = 10,    // these four as in hearth_screen_shares.sv
  parameter int unsigned Ranked = 5,
  parameter int unsigned Shown = 5,
  parameter int unsigned LogitShift = 0,
  parameter int unsigned LetterBits = 4,  // these three as in hearth_screen_text.sv
  parameter int unsigned PanelBits = 4,
  parameter int unsigned TextBits = 1,
  parameter int unsigned ClockHz = 60_000_000,  // of clk
  parameter FontFile = "rom/screen_font.hex",
  parameter NamesFile = "rom/screen_names.hex",
  parameter SharesFile = "rom/screen_shares.hex"
) (
  input  logic            clk,             // the network's
  input  logic            rst,
  input  logic            tap_valid_i,     // a pixel of the camera's moves
  input  logic            tap_first_i,     // it is a frame's first
  input  logic [23:0]     tap_pixel_i,     // red in the lowest byte
  input  logic            result_valid_i,  // a word of the network's results moves
  input  logic [31:0]     result_i,
  input  logic            result_counts_i, // if it is a frame's last: the frame was whole
  input  logic            pixel_clk,
  input  logic            pixel_rst,
  output logic [2:0][9:0] tmds_o           // blue, green, red: a symbol each, bit 0 sent first
);
  localparam int unsigned XBits = $clog2(Width + HFront + HSync + HBack);
  localparam int unsigned YBits = $clog2(Height + VFront + VSync + VBack);
  localparam int unsigned ClassBits = (Classes > 1) ? $clog2(Classes) : 1;
  localparam int unsigned ShareBits = PanelBits + 3;

  // ---- the network's clock
  logic [Shown-1:0][ClassBits-1:0] classes, shown_classes;
  logic [Shown-1:0][ShareBits:0] shares, shown_shares;
  logic [3:0][3:0] digits, shown_digits;
  logic frame;

  hearth_screen_shares #(
    .Classes(Classes), .Ranked(Ranked), .Shown(Shown), .LogitShift(LogitShift),
    .ShareBits(ShareBits), .File(SharesFile)
  ) u_shares (
    .clk, .rst, .valid_i(result_valid_i), .word_i(result_i), .counts_i(result_counts_i),
    .frame_o(frame), .classes_o(classes), .shares_o(shares)
  );
  hearth_screen_rate #(.ClockHz(ClockHz)) u_rate (
    .clk, .rst, .frame_i(frame), .digits_o(digits)
  );

  // ---- the pixel clock: where the picture has come to, and what there is two cycles later
  logic [XBits-1:0] x;
  logic [YBits-1:0] y;
  logic seen, hsync, vsync, over, panel, letter, bar, first, line, white, line_q, white_q;
  logic [23:0] rgb, colour_q;

  hearth_screen_timing #(
    .Width(Width), .HFront(HFront), .HSync(HSync), .HBack(HBack),
    .Height(Height), .VFront(VFront), .VSync(VSync), .VBack(VBack)
  ) u_timing (
    .clk(pixel_clk), .rst(pixel_rst), .x_o(x), .y_o(y), .seen_o(seen), .hsync_o(hsync),
    .vsync_o(vsync), .over_o(over)
  );
  hearth_latest #(.Width(Shown * (ClassBits + ShareBits + 1) + 16)) u_latest (
    .s_clk(clk), .s_rst(rst), .d_i({classes, shares, digits}), .m_clk(pixel_clk),
    .m_rst(pixel_rst), .take_i(over), .q_o({shown_classes, shown_shares, shown_digits})
  );
  hearth_screen_picture #(
    .Width(Width), .Height(Height), .ShrinkBits(ShrinkBits), .ZoomBits(ZoomBits),
    .XBits(XBits), .YBits(YBits)
  ) u_picture (
    .clk, .rst, .tap_valid_i, .tap_first_i, .tap_pixel_i, .pixel_clk, .x_i(x), .y_i(y), .rgb_o(rgb)
  );
  hearth_screen_text #(
    .Height(Height), .XBits(XBits), .YBits(YBits), .Classes(Classes), .Shown(Shown),
    .LetterBits(LetterBits), .PanelBits(PanelBits), .TextBits(TextBits),
    .FontFile(FontFile), .NamesFile(NamesFile)
  ) u_text (
    .clk(pixel_clk), .x_i(x), .y_i(y), .classes_i(shown_classes), .shares_i(shown_shares),
    .digits_i(shown_digits), .panel_o(panel), .letter_o(letter), .bar_o(bar), .first_o(first)
  );
  hearth_screen_outline #(
    .Left(Left), .Top(Top), .Right(Right), .Bottom(Bottom), .Line(Line),
    .XBits(XBits), .YBits(YBits)
  ) u_outline (
    .clk(pixel_clk), .x_i(x), .y_i(y), .line_o(line), .white_o(white)
  );

  // ---- one over the other: the picture, the outline, a panel that darkens both, bars, letters
  localparam logic [23:0] White = 24'hFFFFFF;
  localparam logic [23:0] BestBar = {8'd160, 8'd122, 8'd0};
  localparam logic [23:0] OtherBar = {8'd112, 8'd98, 8'd84};

  logic [23:0] below, colour;
  assign below = !line_q ? rgb : white_q ? White : '0;
  always_comb begin
    if (letter) colour = White;
    else if (bar) colour = first ? BestBar : OtherBar;
    else if (panel) colour = {2'b0, below[23:18], 2'b0, below[15:10], 2'b0, below[7:2]};
    else colour = below;
  end

  // ---- symbols
  logic [2:0][2:0] syncs_q;  // seen, vsync, hsync of the last three cycles
  always_ff @(posedge pixel_clk) begin
    {line_q, white_q} <= {line, white};
    colour_q <= colour;
    syncs_q <= {syncs_q[1:0], {seen, vsync, hsync}};
  end

  for (genvar i = 0; i < 3; i++) begin : gen_channel
    hearth_tmds u_tmds (
      .clk(pixel_clk), .rst(pixel_rst), .seen_i(syncs_q[2][2]), .data_i(colour_q[8*(2-i)+:8]),
      .control_i((i == 0) ? syncs_q[2][1:0] : 2'b00), .symbol_o(tmds_o[i])
    );
  end
endmodule
