// Turns the accumulators of a tile into a stream for the requantizers.
//
// A tile of Pe accumulators is loaded at once and leaves Beat at a time, joined with the parameters
// of its channels from a ROM: each item is {multiplier, bias, accumulator}. Biases have BiasBits,
// so that with 16-bit multipliers a pair of parameters fits a block RAM's 36 bits where it can.
// Tiles of one pixel follow one another: CentreTiles, then WindowTiles; the last of each group may
// be short, and its unused accumulators are dropped. A new tile is loaded in the cycle in which the
// last beat of the old one leaves, so tiles that take at least Pe / Beat cycles to compute never
// wait. A beat takes a cycle, that of the ROM, and nothing holds it up on its way: it leaves only
// when there is `room` for it behind the requantizers. `room` and the flags here are flip-flops,
// because what they enable is wide and lies far apart.
module hearth_drain #(
  parameter int unsigned Pe = 4,
  parameter int unsigned SumBits = 32,     // of an accumulator
  parameter int unsigned Beat = 1,         // channels per output beat
  parameter int unsigned CentreTiles = 0,
  parameter int unsigned CentreLast = 0,   // beats of the last centre tile
  parameter int unsigned WindowTiles = 1,
  parameter int unsigned WindowLast = 4,   // beats of the last window tile
  parameter int unsigned PixelBeats = 4,   // beats of a pixel: words in the ROM
  parameter int unsigned BiasBits = 32,
  parameter int unsigned MultiplierBits = 16,
  parameter RomFile = "",
  parameter int RomBlock = -1,             // as in hw/memory/hearth_rom.sv
  localparam int unsigned ItemBits = MultiplierBits + BiasBits + SumBits
) (
  input  logic                                     clk,
  input  logic                                     rst,
  input  logic [                   Pe*SumBits-1:0] s_data,
  input  logic                                     s_valid,
  output logic                                     s_ready,
  input  logic                                     room,    // for the beat that leaves next
  output logic                                     gives,   // it leaves
  output logic [                Beat*ItemBits-1:0] m_data,  // a cycle later
  output logic                                     m_valid,
  input  hearth_load_pkg::load_t                   load_i,  // new parameters (hearth_rom_loader.sv)
  output hearth_load_pkg::load_t                   load_o
);
  localparam int unsigned FullBeats = (Pe + Beat - 1) / Beat;
  localparam int unsigned Tiles = CentreTiles + WindowTiles;
  localparam int unsigned TileBits = $clog2(Tiles + 1);
  localparam int unsigned LeftBits = $clog2(FullBeats + 1);
  localparam int unsigned RomBits = (PixelBeats > 1) ? $clog2(PixelBeats) : 1;
  localparam int unsigned ShiftWidth = FullBeats * Beat * SumBits;

  logic [ShiftWidth-1:0] shift_q;
  logic [LeftBits-1:0] left_q;      // beats of the loaded tile still to leave
  logic some_q, last_q;             // left_q is not 0, is 1
  logic [TileBits-1:0] tile_q;      // tile that is loaded next
  logic [RomBits-1:0] address_q;    // channel group of the beat that leaves next
  logic [LeftBits-1:0] tile_beats;
  logic load;

  always_comb begin
    tile_beats = LeftBits'(FullBeats);
    if (CentreTiles > 0 && tile_q == TileBits'(CentreTiles - 1)) tile_beats = LeftBits'(CentreLast);
    if (tile_q == TileBits'(Tiles - 1)) tile_beats = LeftBits'(WindowLast);
  end

  assign gives = some_q && room;
  assign s_ready = !some_q || (room && last_q);
  assign load = s_valid && s_ready;

  always_ff @(posedge clk) begin
    if (load) shift_q <= ShiftWidth'(s_data);
    else if (gives) shift_q <= shift_q >> (Beat * SumBits);
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      left_q <= '0;
      some_q <= 1'b0;
      last_q <= 1'b0;
      tile_q <= '0;
      address_q <= '0;
      m_valid <= 1'b0;
    end else begin
      if (load) begin
        left_q <= tile_beats;
        some_q <= 1'b1;
        last_q <= tile_beats == LeftBits'(1);
        tile_q <= (tile_q == TileBits'(Tiles - 1)) ? '0 : tile_q + 1'b1;
      end else if (gives) begin
        left_q <= left_q - 1'b1;
        some_q <= !last_q;
        last_q <= left_q == LeftBits'(2);
      end
      if (gives) address_q <= (address_q == RomBits'(PixelBeats - 1)) ? '0 : address_q + 1'b1;
      m_valid <= gives;
    end
  end

  logic [Beat*SumBits-1:0] sums_q;
  localparam int unsigned ParameterBits = MultiplierBits + BiasBits;
  logic [Beat*ParameterBits-1:0] parameters;
  always_ff @(posedge clk) sums_q <= shift_q[Beat*SumBits-1:0];

  hearth_rom #(
    .Width(Beat * ParameterBits),
    .Words(PixelBeats),
    .File(RomFile),
    .BlockWords(RomBlock)
  ) u_parameters (
    .clk,
    .enable(1'b1),
    .address(address_q),
    .data(parameters),
    .load_i,
    .load_o
  );

  for (genvar d = 0; d < Beat; d++) begin : gen_item
    assign m_data[d*ItemBits+:ItemBits] = {
      parameters[d*ParameterBits+:ParameterBits], sums_q[d*SumBits+:SumBits]
    };
  end
endmodule
