// Ring of input rows and weight ROMs behind one stream of addresses (hw/layers/conv/walk.x).
//
// Rows are written in raster order, Line words each, into Slots slots used in turn. A command waits
// until `claim` more rows are complete, reads both memories, and then releases the `free` oldest
// rows. The words leave as one step, three cycles later (memory, a register beside it, one beside
// the lanes: a block RAM answers late and lies anywhere), one a cycle.
//
// Steps are never held up: the last step of a tile starts only when the FIFO behind the lanes has
// room for the tile (TileRoom tiles, of which `tile_left` gives one back), so nothing between here
// and there waits, and no `ready` has to cross the lanes in a cycle.
module hearth_line_ring #(
  parameter int unsigned RingWidth = 8,   // bits per activation word
  parameter int unsigned Line = 4,        // words per row
  parameter int unsigned Slots = 4,       // rows in the ring
  parameter int unsigned RingBits = 4,    // address bits of a command
  parameter int unsigned RomWidth = 8,    // as in hearth_weights.sv
  parameter int unsigned RomWords = 2,
  parameter int unsigned CentreWidth = 0,
  parameter int unsigned CentreWords = 0,
  parameter int unsigned RomBits = 1,     // address bits of a command
  parameter int unsigned ClaimBits = 4,
  parameter int unsigned TileRoom = 2,    // tiles that the FIFO behind the lanes holds
  parameter RomFile = "",
  parameter CentreFile = "",
  parameter int RingBlock = -1, RomBlock = -1, CentreBlock = -1,  // BlockWords of hw/memory
  localparam int unsigned CommandBits = RingBits + RomBits + 3 + 2 * ClaimBits,
  localparam int unsigned StepBits = 3 + RingWidth + CentreWidth + RomWidth
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic [  RingWidth-1:0] s_data,
  input  logic                   s_valid,
  output logic                   s_ready,
  input  logic [CommandBits-1:0] command_data,
  input  logic                   command_valid,
  output logic                   command_ready,
  output logic [   StepBits-1:0] step_data,
  output logic                   step_valid,
  input  logic                   tile_left,      // a tile has left the FIFO behind the lanes
  input  hearth_load_pkg::load_t load_i,         // new weights (hearth_rom_loader.sv)
  output hearth_load_pkg::load_t load_o
);
  localparam int unsigned Words = Line * Slots;
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1;
  localparam int unsigned LineBits = $clog2(Line + 1);
  localparam int unsigned RowBits = $clog2(Slots + 1) + 1;
  localparam int unsigned RoomBits = $clog2(TileRoom + 1);

  if (RingBits < AddressBits) $error("%m: RingBits cannot address %0d words", Words);

  typedef struct packed {
    logic                 centre;  // of the 1x1 part
    logic [RingBits-1:0]  ring_address;
    logic [RomBits-1:0]   rom_address;
    logic                 first;  // of a tile
    logic                 last;
    logic [ClaimBits-1:0] claim;
    logic [ClaimBits-1:0] free;
  } command_t;  // as walk.x gives it

  typedef struct packed {
    logic                            centre;
    logic                            first;
    logic                            last;
    logic [RingWidth-1:0]            activations;
    logic [CentreWidth+RomWidth-1:0] weights;
  } step_t;  // as mac.x takes it

  command_t command;
  logic accept;
  assign command = command_data;

  // ---- rows: complete and unclaimed, and complete and not yet freed
  logic [RowBits-1:0] unclaimed_q, held_q;
  logic [LineBits-1:0] word_q;
  logic [AddressBits-1:0] write_address_q;
  logic write, row_done, last_address, claim_met;

  assign s_ready = held_q != RowBits'(Slots);
  assign write = s_valid && s_ready;
  assign row_done = write && (word_q == LineBits'(Line - 1));
  assign last_address = write_address_q == AddressBits'(Words - 1);
  assign claim_met = 32'(command.claim) <= 32'(unclaimed_q);

  always_ff @(posedge clk) begin
    if (rst) begin
      unclaimed_q <= '0;
      held_q <= '0;
      word_q <= '0;
      write_address_q <= '0;
    end else begin
      unclaimed_q <= unclaimed_q + RowBits'(row_done) - (accept ? RowBits'(command.claim) : '0);
      held_q <= held_q + RowBits'(row_done) - (accept ? RowBits'(command.free) : '0);
      if (write) begin
        word_q <= row_done ? '0 : word_q + 1'b1;
        write_address_q <= last_address ? '0 : write_address_q + 1'b1;
      end
    end
  end

  // ---- room for tiles behind the lanes
  logic [RoomBits-1:0] room_q;
  logic tile_left_q;
  always_ff @(posedge clk) begin
    if (rst) begin
      room_q <= RoomBits'(TileRoom);
      tile_left_q <= 1'b0;
    end else begin
      room_q <= room_q + RoomBits'(tile_left_q) - RoomBits'(accept && command.last);
      tile_left_q <= tile_left;
    end
  end

  // ---- read pipeline
  logic memory_valid_q, near_valid_q;
  step_t memory, near_q;  // what the memories gave, and a cycle later

  assign command_ready = claim_met && (!command.last || room_q != '0);
  assign accept = command_valid && command_ready;

  hearth_ram #(
    .Width(RingWidth), .Words(Words), .BlockWords(RingBlock)
  ) u_ring (
    .clk, .write_enable(write), .write_address(write_address_q), .write_data(s_data),
    .read_enable(1'b1), .read_address(command.ring_address[AddressBits-1:0]),
    .read_data(memory.activations)
  );

  hearth_weights #(
    .Width(RomWidth), .Words(RomWords), .File(RomFile), .CentreWidth(CentreWidth),
    .CentreWords(CentreWords), .CentreFile(CentreFile), .AddressBits(RomBits),
    .BlockWords(RomBlock), .CentreBlockWords(CentreBlock)
  ) u_rom (
    .clk, .address(command.rom_address), .data(memory.weights), .load_i, .load_o
  );

  always_ff @(posedge clk) begin
    memory.centre <= command.centre;
    memory.first <= command.first;
    memory.last <= command.last;
    near_q <= memory;
    step_data <= near_q;
  end

  always_ff @(posedge clk) begin
    memory_valid_q <= !rst && accept;
    near_valid_q <= !rst && memory_valid_q;
    step_valid <= !rst && near_valid_q;
  end
endmodule
