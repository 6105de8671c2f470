// Pseudo-random frames for measuring the network's own speed, one pixel a cycle.
//
// `start` begins `frames` frames; pixel n is the low 8 * Colours bits of state n of Marsaglia's
// xorshift32, started with `seed` (0 counts as 1), which runs on from frame to frame. `frames` and
// `seed` are taken one cycle after `start`. While `stop` is high no frame begins after the one that
// is being made; `busy` falls when the last pixel has been taken.
module hearth_pattern_source #(
  parameter int unsigned Width = 32,   // pixels per line
  parameter int unsigned Height = 32,  // lines
  parameter int unsigned Colours = 3   // bytes of a pixel
) (
  input  logic        clk,
  input  logic        rst,
  input  logic        start,
  input  logic        stop,
  input  logic [31:0] frames,
  input  logic [31:0] seed,
  output logic        busy,
  output hearth_link_pkg::pixel_t pixel,
  output logic        pixel_valid,
  input  logic        pixel_ready
);
  localparam int unsigned ColumnBits = $clog2(Width + 1);
  localparam int unsigned RowBits = $clog2(Height + 1);

  logic start_q;
  logic [31:0] left_q, state_q, mixed1, mixed2, mixed3;
  logic final_q;  // left_q is 1; pixel_valid: it is not 0. 32 bits are not in the pixels' way
  logic [ColumnBits-1:0] column_q;
  logic [RowBits-1:0] row_q;
  logic last_row, line_end, frame_end, give;

  assign busy = start_q || pixel_valid;
  assign line_end = column_q == ColumnBits'(Width - 1);
  assign last_row = row_q == RowBits'(Height - 1);
  assign frame_end = line_end && last_row;
  assign give = pixel_valid && pixel_ready;
  assign mixed1 = state_q ^ (state_q << 13);
  assign mixed2 = mixed1 ^ (mixed1 >> 17);
  assign mixed3 = mixed2 ^ (mixed2 << 5);

  always_ff @(posedge clk) begin
    start_q <= !rst && start;
    if (rst) begin
      pixel_valid <= 1'b0;
      column_q <= '0;
      row_q <= '0;
    end else if (start_q) begin
      left_q <= frames;
      pixel_valid <= frames != '0;
      final_q <= frames == 32'd1;
    end else if (give) begin
      column_q <= line_end ? '0 : column_q + 1'b1;
      if (line_end) row_q <= last_row ? '0 : row_q + 1'b1;
      if (frame_end) begin
        left_q <= left_q - 1'b1;
        pixel_valid <= !(final_q || stop);
        final_q <= left_q == 32'd2;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (start_q) state_q <= (seed == '0) ? 32'd1 : seed;
    else if (give) state_q <= mixed3;
  end

  assign pixel.colours = (state_q << (32 - 8 * Colours)) >> (32 - 8 * Colours);
  assign pixel.first = (row_q == '0) && (column_q == '0);
  assign pixel.last = line_end;
endmodule
