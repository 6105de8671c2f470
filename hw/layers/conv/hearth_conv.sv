// A convolution kernel, all but the three processes that XLS compiles: they hang on its ports.
//
//   s -> gearbox -> line_ring -> step [mac] sums -> tiles -> m
//                       ^                           ^  items, values [requantize]
//     order [walk] -> fifo
//
// layer.py says what is computed, walk.x in which order. The lanes never wait: line_ring begins the
// last step of a tile only when there is room for it in the FIFO behind them, so `step` has no
// ready and `sums` is always taken.
module hearth_conv #(
  parameter int unsigned Bits = 8,          // of an input value
  parameter int unsigned Channels = 4,      // of the input
  parameter int unsigned InBeat = 1,        // channels per input beat
  parameter int unsigned Simd = 1,          // input channels per step
  parameter int unsigned Pe = 1,            // output channels per tile
  parameter int unsigned Beat = 1,          // channels per output beat
  parameter int unsigned OutBits = 8,       // of an output value
  parameter int unsigned SumBits = 32,      // of an accumulator
  parameter int unsigned Line = 4,          // words of Simd channels per row of the ring
  parameter int unsigned Slots = 4,         // rows in the ring
  parameter int unsigned ClaimBits = 5,     // of the rows that a command claims or frees
  parameter int unsigned TileRoom = 2,      // tiles that the FIFO behind the lanes holds
  parameter int unsigned WeightWidth = 8,   // as in hearth_weights.sv
  parameter int unsigned WeightWords = 2,
  parameter WeightFile = "",
  parameter int unsigned CentreWidth = 0,
  parameter int unsigned CentreWords = 0,
  parameter CentreFile = "",
  parameter int unsigned CentreTiles = 0,   // as in hearth_drain.sv
  parameter int unsigned CentreLast = 0,
  parameter int unsigned WindowTiles = 1,
  parameter int unsigned WindowLast = 1,
  parameter int unsigned PixelBeats = 1,
  parameter int unsigned BiasBits = 32,
  parameter int unsigned MultiplierBits = 16,
  parameter ParameterFile = "",
  parameter int WeightBlock = -1,           // BlockWords of every memory (hw/memory)
  parameter int CentreBlock = -1,
  parameter int ParameterBlock = -1,
  parameter int RingBlock = -1,
  parameter int CommandBlock = -1,
  parameter int TileBlock = -1,
  localparam int unsigned RingWidth = Simd * Bits,
  localparam int unsigned RingBits = (Line * Slots > 1) ? $clog2(Line * Slots) : 1,
  localparam int unsigned MostWords = (WeightWords > CentreWords) ? WeightWords : CentreWords,
  localparam int unsigned RomBits = (MostWords > 1) ? $clog2(MostWords) : 1,
  localparam int unsigned OrderBits = RingBits + RomBits + 3 + 2 * ClaimBits,
  localparam int unsigned StepBits = 3 + RingWidth + CentreWidth + WeightWidth,
  localparam int unsigned ItemBits = MultiplierBits + BiasBits + SumBits
) (
  input  logic                               clk,
  input  logic                               rst,
  input  logic [            InBeat*Bits-1:0] s_data,
  input  logic                               s_valid,
  output logic                               s_ready,
  output logic [           Beat*OutBits-1:0] m_data,
  output logic                               m_valid,
  input  logic                               m_ready,
  output logic                               busy,           // a step begins in this cycle
  input  hearth_load_pkg::load_t             load_i,
  output hearth_load_pkg::load_t             load_o,
  input  logic [              OrderBits-1:0] order_data,     // from walk.x
  input  logic                               order_valid,
  output logic                               order_ready,
  output logic [              StepBits-1:0] step_data,      // to mac.x
  output logic                               step_valid,
  input  logic                               step_ready,     // never low: checked below
  input  logic [             Pe*SumBits-1:0] sums_data,      // from mac.x
  input  logic                               sums_valid,
  output logic                               sums_ready,     // always
  output logic [          Beat*ItemBits-1:0] items_data,     // to requantize.x
  output logic                               items_valid,
  input  logic                               items_ready,
  input  logic [           Beat*OutBits-1:0] values_data,    // from requantize.x
  input  logic                               values_valid,
  output logic                               values_ready
);
  logic [RingWidth-1:0] word_data;
  logic word_valid, word_ready;
  logic [OrderBits-1:0] command_data;
  logic command_valid, command_ready, tile_left;
  hearth_load_pkg::load_t load;

  assign busy = command_valid && command_ready;

  hearth_gearbox #(
    .Bits(Bits), .Channels(Channels), .InBeat(InBeat), .OutBeat(Simd)
  ) u_gearbox (
    .clk, .rst, .s_data, .s_valid, .s_ready,
    .m_data(word_data), .m_valid(word_valid), .m_ready(word_ready)
  );

  // The sequencer runs ahead, so that the ring's wait does not reach it in the same cycle.
  hearth_fifo #(
    .Width(OrderBits), .Depth(2), .BlockWords(CommandBlock)
  ) u_commands (
    .clk, .rst, .s_data(order_data), .s_valid(order_valid), .s_ready(order_ready),
    .m_data(command_data), .m_valid(command_valid), .m_ready(command_ready)
  );

  hearth_line_ring #(
    .RingWidth(RingWidth), .Line(Line), .Slots(Slots), .RingBits(RingBits),
    .RomWidth(WeightWidth), .RomWords(WeightWords), .RomBits(RomBits),
    .CentreWidth(CentreWidth), .CentreWords(CentreWords), .ClaimBits(ClaimBits),
    .TileRoom(TileRoom), .RomFile(WeightFile), .CentreFile(CentreFile),
    .RingBlock(RingBlock), .RomBlock(WeightBlock), .CentreBlock(CentreBlock)
  ) u_ring (
    .clk, .rst, .s_data(word_data), .s_valid(word_valid), .s_ready(word_ready),
    .command_data, .command_valid, .command_ready, .step_data, .step_valid,
    .tile_left, .load_i, .load_o(load)
  );

  hearth_tiles #(
    .Pe(Pe), .Beat(Beat), .OutBits(OutBits), .SumBits(SumBits), .TileRoom(TileRoom),
    .CentreTiles(CentreTiles), .CentreLast(CentreLast), .WindowTiles(WindowTiles),
    .WindowLast(WindowLast), .PixelBeats(PixelBeats), .BiasBits(BiasBits),
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
