// Colour bytes of FRAME packets into pixels: Colours bytes each, such as R, G, B, line by line.
//
// `close` ends the packet, however many pixels of its frame have left. The caller gives no byte
// while a pixel waits.
module hearth_packet_pixels #(
  parameter int unsigned Width = 32,   // pixels per line
  parameter int unsigned Height = 32,  // lines
  parameter int unsigned Colours = 3   // bytes of a pixel, 1 to 4
) (
  input  logic        clk,
  input  logic        rst,
  input  logic [ 7:0] value,
  input  logic        colour,       // value is the frame's next byte
  input  logic        close,
  output logic        framed,       // some pixel of the packet has left
  output logic        incomplete,   // and some has not
  output hearth_link_pkg::pixel_t pixel,
  output logic        pixel_valid,
  input  logic        pixel_ready
);
  localparam int unsigned Pixels = Width * Height;
  localparam int unsigned PixelBits = $clog2(Pixels + 1);
  localparam int unsigned ColumnBits = $clog2(Width + 1);

  logic [23:0] pixel_q;           // the last three bytes
  logic [1:0] colour_q;
  logic [PixelBits-1:0] left_q;   // pixels still to leave
  logic [ColumnBits-1:0] column_q;
  logic complete, line_end;

  assign framed = left_q != PixelBits'(Pixels);
  assign incomplete = framed && left_q != '0;
  assign complete = colour && colour_q == 2'(Colours - 1);
  assign line_end = column_q == ColumnBits'(Width - 1);

  always_ff @(posedge clk) begin
    if (complete) pixel.colours <= {value, pixel_q} >> (32 - 8 * Colours);
    else if (colour) pixel_q <= {value, pixel_q[23:8]};
    if (colour) begin
      pixel.first <= !framed;
      pixel.last <= line_end;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      pixel_valid <= 1'b0;
    end else begin
      if (pixel_ready) pixel_valid <= 1'b0;
      if (complete) pixel_valid <= 1'b1;
    end
    if (rst || close) begin
      colour_q <= '0;
      left_q <= PixelBits'(Pixels);
      column_q <= '0;
    end else if (complete) begin
      colour_q <= '0;
      left_q <= left_q - 1'b1;
      column_q <= line_end ? '0 : column_q + 1'b1;
    end else if (colour) begin
      colour_q <= colour_q + 1'b1;
    end
  end
endmodule
