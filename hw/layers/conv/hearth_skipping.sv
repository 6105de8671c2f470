// A pointwise convolution that skips zeros, all but the processes that XLS compiles: they hang on
// its ports, as in hearth_conv.sv.
//
//   s -> nonzeros -> value_ring -> value_walk -> step [mac] sums -> tiles -> m
//                                                                   ^  items, values [requantize]
//
// One input channel a step: where most of the input is zero, that is less work than several
// channels a step of which most are zero. What a frame takes depends on its values, and what comes
// out does not: dense frames are only slower.
module hearth_skipping #(
  parameter int unsigned Bits = 8,          // of an input value
  parameter int unsigned Channels = 4,      // of the input
  parameter int unsigned InBeat = 1,        // channels per input beat
  parameter int unsigned Pe = 1,            // output channels per tile
  parameter int unsigned Beat = 1,          // channels per output beat
  parameter int unsigned OutBits = 8,       // of an output value
  parameter int unsigned SumBits = 32,      // of an accumulator
  parameter int unsigned Values = 8,        // as in hearth_value_ring.sv
  parameter int unsigned Pixels = 16,
  parameter int unsigned TileRoom = 2,      // tiles that the FIFO behind the lanes holds
  parameter int unsigned WeightWidth = 8,
  parameter WeightFile = "",
  parameter int unsigned Tiles = 1,         // of a pixel
  parameter int unsigned TileLast = 1,      // beats of the last one
  parameter int unsigned PixelBeats = 1,    // as in hearth_drain.sv
  parameter int unsigned BiasBits = 32,
  parameter int unsigned MultiplierBits = 16,
  parameter ParameterFile = "",
  parameter int WeightBlock = -1,           // BlockWords of every memory (hw/memory)
  parameter int ParameterBlock = -1,
  parameter int RingBlock = -1,
  parameter int PixelBlock = -1,
  parameter int TileBlock = -1,
  localparam int unsigned StepBits = 3 + Bits + WeightWidth,
  localparam int unsigned ItemBits = MultiplierBits + BiasBits + SumBits
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic [  InBeat*Bits-1:0] s_data,
  input  logic                     s_valid,
  output logic                     s_ready,
  output logic [ Beat*OutBits-1:0] m_data,
  output logic                     m_valid,
  input  logic                     m_ready,
  output logic                     busy,           // a step begins in this cycle
  input  hearth_load_pkg::load_t   load_i,
  output hearth_load_pkg::load_t   load_o,
  output logic [     StepBits-1:0] step_data,      // to mac.x
  output logic                     step_valid,
  input  logic                     step_ready,     // never low: checked below
  input  logic [   Pe*SumBits-1:0] sums_data,      // from mac.x
  input  logic                     sums_valid,
  output logic                     sums_ready,     // always
  output logic [Beat*ItemBits-1:0] items_data,     // to requantize.x
  output logic                     items_valid,
  input  logic                     items_ready,
  input  logic [ Beat*OutBits-1:0] values_data,    // from requantize.x
  input  logic                     values_valid,
  output logic                     values_ready
);
  localparam int unsigned IndexBits = (Channels > 1) ? $clog2(Channels) : 1;

  localparam int unsigned AddressBits = $clog2(Values);
  localparam int unsigned CountBits = $clog2(Channels + 1);

  logic [2+IndexBits+Bits-1:0] found_data;
  logic [CountBits-1:0] pixel_data;
  logic [AddressBits-1:0] read_address;
  logic [IndexBits+Bits-1:0] read_data;
  logic found_valid, found_ready, pixel_valid, pixel_ready, tile_left;
  hearth_load_pkg::load_t load;

  hearth_nonzeros #(
    .Bits(Bits), .Channels(Channels), .InBeat(InBeat)
  ) u_nonzeros (
    .clk, .rst, .s_data, .s_valid, .s_ready,
    .m_data(found_data), .m_valid(found_valid), .m_ready(found_ready)
  );

  hearth_value_ring #(
    .Bits(Bits), .Channels(Channels), .Values(Values), .Pixels(Pixels),
    .RingBlock(RingBlock), .PixelBlock(PixelBlock)
  ) u_ring (
    .clk, .rst, .s_data(found_data), .s_valid(found_valid), .s_ready(found_ready),
    .pixel_data, .pixel_valid, .pixel_ready, .read_address, .read_data
  );

  hearth_value_walk #(
    .Bits(Bits), .Channels(Channels), .Values(Values), .Tiles(Tiles), .TileRoom(TileRoom),
    .RomWidth(WeightWidth), .RomFile(WeightFile), .RomBlock(WeightBlock)
  ) u_walk (
    .clk, .rst, .pixel_data, .pixel_valid, .pixel_ready, .read_address, .read_data,
    .step_data, .step_valid, .busy, .tile_left, .load_i, .load_o(load)
  );

  hearth_tiles #(
    .Pe(Pe), .Beat(Beat), .OutBits(OutBits), .SumBits(SumBits), .TileRoom(TileRoom),
    .WindowTiles(Tiles), .WindowLast(TileLast), .PixelBeats(PixelBeats), .BiasBits(BiasBits),
    .MultiplierBits(MultiplierBits), .ParameterFile(ParameterFile),
    .ParameterBlock(ParameterBlock), .TileBlock(TileBlock)
  ) u_tiles (
    .clk, .rst, .sums_data, .sums_valid, .sums_ready, .tile_left, .items_data, .items_valid,
    .items_ready, .values_data, .values_valid, .values_ready, .m_data, .m_valid, .m_ready,
    .load_i(load), .load_o
  );

`ifndef SYNTHESIS
  hearth_never u_lanes_did_not_take_a_step (
    .clk, .rst, .happens(step_valid && !step_ready)
  );
`endif
endmodule
