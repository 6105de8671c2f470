// Video of any size down to the network's input: what a model's preprocessing does to a photograph,
// resize and cut out the centre, by exact area averages. AXI4-Stream video on both sides (tuser =
// start of frame, tlast = end of line).
//
//   Source  --resize-->  Scaled  --centre crop-->  Width x Height        (never a larger picture)
//
//   out[y][x] = mean of the picture over the area that this pixel of the crop covers in it,
//               to the nearest integer, a half upwards
//
// Pixels on the border of two areas count in both, each with its exact share: an axis is measured
// in units of 1 / lcm(Source, Scaled) (hearth_scaler_axis.sv). No frame is kept: one row of sums
// (hearth_scaler_rows.sv), and a row of pixels in the FIFO behind them.
//
//   axi_video -> row (along the line) -> rows (down the columns) -> mean -> FIFO
//
// Broken frames are mended in front, and flagged (hw/axi/hearth_axi_video.sv): what comes in behind
// it are whole frames, so that a short line or a lost start of frame never reaches into the next
// one. One pixel a cycle and one idle cycle a frame, for as long as the FIFO has room: a target row
// leaves within one line of the source, and who reads takes as long for it as Source / Scaled lines
// last. A FIFO of one row is therefore all that a source needs which must not be held, if a frame
// is read in the time in which it comes.
//
// Sizes are parameters: a camera's is known when the board is built, and the weights and the
// division become constants. toolchain/video/scaler.py is the same in NumPy.
module hearth_scaler #(
  parameter int unsigned SourceWidth = 640,
  parameter int unsigned SourceHeight = 480,
  parameter int unsigned ScaledWidth = 341,
  parameter int unsigned ScaledHeight = 256,
  parameter int unsigned Width = 224,
  parameter int unsigned Height = 224,
  parameter int unsigned Colours = 3  // bytes of a pixel
) (
  input  logic                 clk,
  input  logic                 rst,
  input  logic                 enable_i,   // these two as in hw/axi/hearth_axi_video.sv
  input  logic [31:0]          timeout_i,
  input  logic [8*Colours-1:0] s_axis_tdata,
  input  logic                 s_axis_tvalid,
  output logic                 s_axis_tready,
  input  logic                 s_axis_tuser,
  input  logic                 s_axis_tlast,
  output logic [8*Colours-1:0] m_axis_tdata,
  output logic                 m_axis_tvalid,
  input  logic                 m_axis_tready,
  output logic                 m_axis_tuser,
  output logic                 m_axis_tlast,
  output logic                 busy_o,     // these four of the source's frame, as there
  output logic [4:0]           faults_o,
  output logic                 done_o,
  output logic                 damaged_o
);
  localparam int unsigned CommonX = hearth_scaler_pkg::gcd(SourceWidth, ScaledWidth);
  localparam int unsigned CommonY = hearth_scaler_pkg::gcd(SourceHeight, ScaledHeight);
  localparam int unsigned UnitX = ScaledWidth / CommonX;
  localparam int unsigned UnitY = ScaledHeight / CommonY;
  localparam int unsigned StepX = SourceWidth / CommonX;
  localparam int unsigned StepY = SourceHeight / CommonY;
  localparam int unsigned RowBits = $clog2(255 * StepX + 1);
  localparam int unsigned AreaBits = RowBits + $clog2(StepY);

  logic [Colours-1:0][7:0] pixel, mean;
  logic [Colours-1:0][RowBits-1:0] row;
  logic [Colours-1:0][AreaBits-1:0] area;
  logic go, pixel_valid, row_valid, area_valid, area_first, area_last;
  logic [1:0] valid_q, first_q, last_q;  // of the sums on their way through the division

  hearth_axi_video #(
    .Width(SourceWidth), .Height(SourceHeight), .DataWidth(8 * Colours)
  ) u_video (
    .clk, .rst, .enable_i, .timeout_i,
    .s_axis_tdata, .s_axis_tvalid, .s_axis_tready, .s_axis_tuser, .s_axis_tlast,
    .m_data(pixel), .m_valid(pixel_valid), .m_ready(go),
    .busy_o, .faults_o, .done_o, .damaged_o
  );

  hearth_scaler_row #(
    .Source(SourceWidth), .Unit(UnitX), .Step(StepX),
    .Skip((ScaledWidth - Width) / 2 * StepX), .Width(Width), .Colours(Colours)
  ) u_row (
    .clk, .rst, .go_i(go), .s_data(pixel), .s_valid(pixel_valid), .m_data(row), .m_valid(row_valid)
  );

  hearth_scaler_rows #(
    .Source(SourceHeight), .Unit(UnitY), .Step(StepY),
    .Skip((ScaledHeight - Height) / 2 * StepY), .Width(Width), .Height(Height), .Colours(Colours),
    .InBits(RowBits)
  ) u_rows (
    .clk, .rst, .go_i(go), .s_data(row), .s_valid(row_valid), .m_data(area),
    .m_valid(area_valid), .m_first(area_first), .m_last(area_last)
  );

  for (genvar c = 0; c < int'(Colours); c++) begin : gen_colour
    hearth_scaler_mean #(.Area(StepX * StepY), .Bits(AreaBits)) u_mean (
      .clk, .go_i(go), .s_data(area[c]), .m_data(mean[c])
    );
  end

  always_ff @(posedge clk) begin
    if (go) {first_q, last_q} <= {first_q[0], area_first, last_q[0], area_last};
    if (rst) valid_q <= '0;
    else if (go) valid_q <= {valid_q[0], area_valid};
  end

  hearth_fifo #(
    .Width(8 * Colours + 2),
    .Depth(Width)
  ) u_fifo (
    .clk, .rst, .s_data({first_q[1], last_q[1], mean}), .s_valid(valid_q[1]), .s_ready(go),
    .m_data({m_axis_tuser, m_axis_tlast, m_axis_tdata}), .m_valid(m_axis_tvalid),
    .m_ready(m_axis_tready)
  );
endmodule
