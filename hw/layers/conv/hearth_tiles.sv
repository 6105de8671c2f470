// What is behind the lanes of a convolution: tiles of sums wait, leave beat by beat to the
// requantizer (requantize.x, on the ports), and its values leave the kernel.
//
//   sums -> fifo -> drain -> items [requantize] values -> fifo -> m
//
// The lanes never wait: whoever starts the last step of a tile first asks for room here (TileRoom
// tiles, of which `tile_left` gives one back), so `sums` is always taken. Nor do the requantizers:
// a beat leaves the drain only when there is room for its values in the second FIFO, so no `ready`
// has to cross their stages, or reach the wide registers in front of them, in a cycle.
module hearth_tiles #(
  parameter int unsigned Pe = 1,           // sums of a tile
  parameter int unsigned Beat = 1,         // channels per output beat
  parameter int unsigned OutBits = 8,      // of an output value
  parameter int unsigned SumBits = 32,     // of an accumulator
  parameter int unsigned TileRoom = 2,     // tiles that the FIFO holds
  parameter int unsigned CentreTiles = 0,  // as in hearth_drain.sv
  parameter int unsigned CentreLast = 0,
  parameter int unsigned WindowTiles = 1,
  parameter int unsigned WindowLast = 1,
  parameter int unsigned PixelBeats = 1,
  parameter int unsigned BiasBits = 32,
  parameter int unsigned MultiplierBits = 16,
  parameter ParameterFile = "",
  parameter int ParameterBlock = -1,       // BlockWords of every memory (hw/memory)
  parameter int TileBlock = -1,
  localparam int unsigned ItemBits = MultiplierBits + BiasBits + SumBits
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic [   Pe*SumBits-1:0] sums_data,     // from mac.x
  input  logic                     sums_valid,
  output logic                     sums_ready,    // always
  output logic                     tile_left,     // a tile leaves the FIFO
  output logic [Beat*ItemBits-1:0] items_data,    // to requantize.x
  output logic                     items_valid,
  input  logic                     items_ready,   // never low: checked below
  input  logic [ Beat*OutBits-1:0] values_data,   // from requantize.x
  input  logic                     values_valid,
  output logic                     values_ready,  // always
  output logic [ Beat*OutBits-1:0] m_data,
  output logic                     m_valid,
  input  logic                     m_ready,
  input  hearth_load_pkg::load_t   load_i,        // new parameters (hearth_rom_loader.sv)
  output hearth_load_pkg::load_t   load_o
);
  // Beats between the drain and m. The way there and back takes 10 cycles, 7 of them in ROM and
  // requantizer; what a cell of LUT RAM holds is 16.
  localparam int unsigned Room = 16;
  localparam int unsigned UnderWayBits = $clog2(Room + 1);

  logic [Pe*SumBits-1:0] tiles_data;
  logic tiles_valid, tiles_ready, fits, gives, taken, room_q, values_fit;
  logic [UnderWayBits-1:0] under_way_q, under_way;

  assign sums_ready = 1'b1;
  assign values_ready = 1'b1;
  assign tile_left = tiles_valid && tiles_ready;
  assign taken = m_valid && m_ready;
  assign under_way = under_way_q + UnderWayBits'(gives) - UnderWayBits'(taken);

  always_ff @(posedge clk) begin
    under_way_q <= rst ? '0 : under_way;
    room_q <= rst || under_way != UnderWayBits'(Room);
  end

  hearth_fifo #(
    .Width(Pe * SumBits), .Depth(TileRoom), .BlockWords(TileBlock)
  ) u_fifo (
    .clk, .rst, .s_data(sums_data), .s_valid(sums_valid), .s_ready(fits),
    .m_data(tiles_data), .m_valid(tiles_valid), .m_ready(tiles_ready)
  );

  hearth_drain #(
    .Pe(Pe), .SumBits(SumBits), .Beat(Beat), .CentreTiles(CentreTiles), .CentreLast(CentreLast),
    .WindowTiles(WindowTiles), .WindowLast(WindowLast), .PixelBeats(PixelBeats),
    .BiasBits(BiasBits), .MultiplierBits(MultiplierBits), .RomFile(ParameterFile),
    .RomBlock(ParameterBlock)
  ) u_drain (
    .clk, .rst, .s_data(tiles_data), .s_valid(tiles_valid), .s_ready(tiles_ready),
    .room(room_q), .gives, .m_data(items_data), .m_valid(items_valid), .load_i, .load_o
  );

  hearth_fifo #(
    .Width(Beat * OutBits), .Depth(Room), .BlockWords(0)
  ) u_values (
    .clk, .rst, .s_data(values_data), .s_valid(values_valid), .s_ready(values_fit),
    .m_data, .m_valid, .m_ready
  );

`ifndef SYNTHESIS
  hearth_never u_no_room_for_a_tile_under_way (
    .clk, .rst, .happens(sums_valid && !fits)
  );
  hearth_never u_requantizer_did_not_take_a_beat (
    .clk, .rst, .happens(items_valid && !items_ready)
  );
  hearth_never u_no_room_for_values_under_way (
    .clk, .rst, .happens(values_valid && !values_fit)
  );
`endif
endmodule
