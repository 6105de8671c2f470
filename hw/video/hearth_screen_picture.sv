// The camera's picture on the screen: kept at reduced size in block RAM, which the network's clock
// writes (hearth_screen_keep.sv) and the pixel clock reads, each kept pixel shown as a square of
// 2^ZoomBits times as many. The colours of (x_i, y_i) come two cycles later.
//
// There is one such picture: where the camera has just come to, the screen shows the new one above
// and the one before below. A second one would take as many block RAMs again.
module hearth_screen_picture #(
  parameter int unsigned Width = 640,   // pixels shown of a line
  parameter int unsigned Height = 480,  // lines shown
  parameter int unsigned ShrinkBits = 2,
  parameter int unsigned ZoomBits = 2,
  parameter int unsigned XBits = 10,
  parameter int unsigned YBits = 10
) (
  input  logic             clk,
  input  logic             rst,
  input  logic             tap_valid_i,
  input  logic             tap_first_i,
  input  logic [23:0]      tap_pixel_i,
  input  logic             pixel_clk,
  input  logic [XBits-1:0] x_i,
  input  logic [YBits-1:0] y_i,
  output logic [23:0]      rgb_o         // red in the lowest byte
);
  localparam int unsigned KeptWidth = Width >> ZoomBits;
  localparam int unsigned KeptHeight = Height >> ZoomBits;
  localparam int unsigned AddressBits = $clog2(KeptWidth * KeptHeight);
  localparam logic [YBits-1:0] Square = YBits'((1 << ZoomBits) - 1);  // bits inside a square

  if (KeptWidth << ZoomBits != Width || KeptHeight << ZoomBits != Height)
    $error("%m: Width and Height are whole numbers of kept pixels");

  logic write_enable;
  logic [AddressBits-1:0] write_address;
  logic [15:0] write_data, read_data;

  hearth_screen_keep #(
    .Width(KeptWidth), .Height(KeptHeight), .ShrinkBits(ShrinkBits)
  ) u_keep (
    .clk, .rst, .tap_valid_i, .tap_first_i, .tap_pixel_i,
    .valid_o(write_enable), .address_o(write_address), .word_o(write_data)
  );

  // The address of a line's first pixel goes on where a line of squares ends, and back to zero
  // below the picture.
  logic [AddressBits-1:0] line_q, read_address_q;
  logic line_ends;
  assign line_ends = x_i == XBits'(Width - 1);
  always_ff @(posedge pixel_clk) begin
    if (y_i >= YBits'(Height)) line_q <= '0;
    else if (line_ends && (y_i & Square) == Square) line_q <= line_q + AddressBits'(KeptWidth);
    read_address_q <= line_q + AddressBits'(x_i >> ZoomBits);
  end

  hearth_two_clock_ram #(
    .Width(16),
    .Words(KeptWidth * KeptHeight)
  ) u_ram (
    .write_clk(clk), .write_enable, .write_address, .write_data,
    .read_clk(pixel_clk), .read_address(read_address_q), .read_data
  );

  hearth_dvp_rgb565 u_rgb (.word_i(read_data), .rgb_o);
endmodule
