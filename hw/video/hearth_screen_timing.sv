// Where on the screen the picture has come to: pixel by pixel, line by line, with the pauses and
// syncs in which a screen finds its place.
//
//   along a line     Width pixels | HFront | HSync: hsync_o low | HBack
//   down the screen  Height lines | VFront | VSync: vsync_o low | VBack
//
// The defaults are VESA's 640x480 at 60 Hz (DMT 0x04), whose clock is 25.175 MHz: at 25 MHz the
// screen shows 59.5 pictures a second. Both syncs are low while they last, as there. vsync_o
// changes where hsync_o falls.
module hearth_screen_timing #(
  parameter int unsigned Width = 640,  // pixels that are seen
  parameter int unsigned HFront = 16,
  parameter int unsigned HSync = 96,
  parameter int unsigned HBack = 48,
  parameter int unsigned Height = 480,  // lines that are seen
  parameter int unsigned VFront = 10,
  parameter int unsigned VSync = 2,
  parameter int unsigned VBack = 33,
  localparam int unsigned Pixels = Width + HFront + HSync + HBack,
  localparam int unsigned Lines = Height + VFront + VSync + VBack,
  localparam int unsigned XBits = $clog2(Pixels),
  localparam int unsigned YBits = $clog2(Lines)
) (
  input  logic             clk,
  input  logic             rst,
  output logic [XBits-1:0] x_o,
  output logic [YBits-1:0] y_o,
  output logic             seen_o,   // (x, y) is a pixel of the picture
  output logic             hsync_o,
  output logic             vsync_o,
  output logic             over_o    // in this cycle the picture is over
);
  localparam int unsigned HStart = Width + HFront;
  localparam int unsigned VStart = Height + VFront;

  if (HFront < 1 || HSync < 1 || HBack < 1) $error("%m: HFront, HSync and HBack are at least 1");
  if (VFront < 1 || VSync < 1 || VBack < 1) $error("%m: VFront, VSync and VBack are at least 1");

  logic line_ends, sync_starts, last_line;

  assign line_ends = x_o == XBits'(Pixels - 1);
  assign sync_starts = x_o == XBits'(HStart - 1);
  assign last_line = y_o == YBits'(Lines - 1);
  assign seen_o = x_o < XBits'(Width) && y_o < YBits'(Height);
  assign hsync_o = x_o < XBits'(HStart) || x_o >= XBits'(HStart + HSync);
  assign over_o = line_ends && y_o == YBits'(Height - 1);

  always_ff @(posedge clk) begin
    if (rst) begin
      {x_o, y_o} <= '0;
      vsync_o <= 1'b1;
    end else begin
      x_o <= line_ends ? '0 : x_o + 1'b1;
      if (line_ends) y_o <= last_line ? '0 : y_o + 1'b1;
      if (sync_starts) vsync_o <= y_o < YBits'(VStart) || y_o >= YBits'(VStart + VSync);
    end
  end
endmodule
