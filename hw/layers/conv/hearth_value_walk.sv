// Sequencer of a convolution that skips zeros, and its weights.
//
//   for pixel                            (raster order)
//     for tile of output channels
//       for value of the pixel           (hearth_value_ring.sv)
//         emit {value, weights[tile][its channel], first, last}
//
// ROM words are [tile][channel]. Steps leave five cycles later, one a cycle, and are never held up:
// the last step of a tile starts only when there is room for the tile behind the lanes (TileRoom
// tiles, of which `tile_left` gives one back).
module hearth_value_walk #(
  parameter int unsigned Bits = 8,      // of a value
  parameter int unsigned Channels = 4,  // of a pixel
  parameter int unsigned Values = 8,    // that the ring holds
  parameter int unsigned Tiles = 1,
  parameter int unsigned TileRoom = 2,  // tiles that the FIFO behind the lanes holds
  parameter int unsigned RomWidth = 8,
  parameter RomFile = "",
  parameter int RomBlock = -1,          // as in hw/memory/hearth_rom.sv
  localparam int unsigned IndexBits = (Channels > 1) ? $clog2(Channels) : 1,
  localparam int unsigned StepBits = 3 + Bits + RomWidth,
  localparam int unsigned AddressBits = $clog2(Values),
  localparam int unsigned CountBits = $clog2(Channels + 1)
) (
  input  logic                      clk,
  input  logic                      rst,
  input  logic [     CountBits-1:0] pixel_data,    // as in hearth_value_ring.sv
  input  logic                      pixel_valid,
  output logic                      pixel_ready,
  output logic [   AddressBits-1:0] read_address,
  input  logic [IndexBits+Bits-1:0] read_data,
  output logic [      StepBits-1:0] step_data,     // as mac.x takes it
  output logic                      step_valid,
  output logic                      busy,          // a step begins in this cycle
  input  logic                      tile_left,     // a tile has left the FIFO behind the lanes
  input  hearth_load_pkg::load_t    load_i,        // new weights (hearth_rom_loader.sv)
  output hearth_load_pkg::load_t    load_o
);
  localparam int unsigned RomWords = Tiles * Channels;
  localparam int unsigned RomBits = (RomWords > 1) ? $clog2(RomWords) : 1;
  localparam int unsigned TileBits = (Tiles > 1) ? $clog2(Tiles) : 1;
  localparam int unsigned RoomBits = $clog2(TileRoom + 1);

  logic [AddressBits-1:0] pixel_q;  // first value of the pixel
  logic [CountBits-1:0] number_q;              // of the value within its pixel
  logic [TileBits-1:0] tile_q;
  logic [RomBits-1:0] base_q;                  // first word of the tile
  logic [RoomBits-1:0] room_q;
  logic tile_left_q, last_value, last_tile;

  assign last_value = number_q + 1'b1 == pixel_data;
  assign last_tile = tile_q == TileBits'(Tiles - 1);
  assign busy = pixel_valid && (!last_value || room_q != '0);
  assign pixel_ready = busy && last_value && last_tile;

  always_ff @(posedge clk) begin
    if (rst) begin
      pixel_q <= '0;
      read_address <= '0;
      number_q <= '0;
      tile_q <= '0;
      base_q <= '0;
    end else if (busy && last_value) begin
      pixel_q <= last_tile ? read_address + 1'b1 : pixel_q;
      read_address <= last_tile ? read_address + 1'b1 : pixel_q;
      number_q <= '0;
      tile_q <= last_tile ? '0 : tile_q + 1'b1;
      base_q <= last_tile ? '0 : base_q + RomBits'(Channels);
    end else if (busy) begin
      read_address <= read_address + 1'b1;
      number_q <= number_q + 1'b1;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      room_q <= RoomBits'(TileRoom);
      tile_left_q <= 1'b0;
    end else begin
      room_q <= room_q + RoomBits'(tile_left_q) - RoomBits'(busy && last_value);
      tile_left_q <= tile_left;
    end
  end

  // ---- read pipeline: the value, then the weights of its channel
  typedef struct packed {
    logic              first;  // of a tile
    logic              last;
    logic [  Bits-1:0] value;
  } part_t;

  logic [Bits-1:0] value;
  logic [IndexBits-1:0] channel;
  logic [RomBits-1:0] base_read_q, rom_address_q;
  logic [RomWidth-1:0] weights, weights_near_q;
  logic first_q, last_q;
  part_t found_q, memory_q, near_q;
  logic [4:0] valid_q;

  assign {channel, value} = read_data;

  hearth_rom #(
    .Width(RomWidth), .Words(RomWords), .File(RomFile), .BlockWords(RomBlock)
  ) u_rom (
    .clk, .enable(1'b1), .address(rom_address_q), .data(weights), .load_i, .load_o
  );

  always_ff @(posedge clk) begin
    first_q <= number_q == '0;
    last_q <= last_value;
    base_read_q <= base_q;
    found_q <= {first_q, last_q, value};
    rom_address_q <= base_read_q + RomBits'(channel);
    memory_q <= found_q;
    near_q <= memory_q;
    weights_near_q <= weights;
    step_data <= {1'b0, near_q, weights_near_q};  // as mac.x takes it: no 1x1 part
  end

  always_ff @(posedge clk) valid_q <= rst ? '0 : {valid_q[3:0], busy};
  assign step_valid = valid_q[4];
endmodule
