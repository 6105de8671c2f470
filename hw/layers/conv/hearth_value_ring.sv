// Ring of the values of pixels that are not zero (hearth_nonzeros.sv). A pixel takes as much of it
// as it has values. Once it is complete, its number of values waits on `pixel`; they are read one
// by one, as often as wanted, and leave the ring when the number is taken.
//
// The ring holds two whole pixels at least, and many more that are mostly zero: it is the FIFO that
// evens out their different work.
module hearth_value_ring #(
  parameter int unsigned Bits = 8,      // of a value
  parameter int unsigned Channels = 4,  // of a pixel
  parameter int unsigned Values = 8,    // that the ring holds: a power of two
  parameter int unsigned Pixels = 16,   // complete ones that it holds at most
  parameter int RingBlock = -1, PixelBlock = -1,  // BlockWords of hw/memory
  localparam int unsigned IndexBits = (Channels > 1) ? $clog2(Channels) : 1,
  localparam int unsigned ItemBits = 2 + IndexBits + Bits,
  localparam int unsigned AddressBits = $clog2(Values),
  localparam int unsigned CountBits = $clog2(Channels + 1)
) (
  input  logic                      clk,
  input  logic                      rst,
  input  logic [      ItemBits-1:0] s_data,
  input  logic                      s_valid,
  output logic                      s_ready,
  output logic [     CountBits-1:0] pixel_data,    // values of the oldest complete pixel
  output logic                      pixel_valid,
  input  logic                      pixel_ready,   // its last value is being read for the last time
  input  logic [   AddressBits-1:0] read_address,
  output logic [IndexBits+Bits-1:0] read_data      // {channel, value}, a cycle later
);
  typedef struct packed {
    logic                      ends;  // the pixel is complete
    logic                      some;  // there is a value
    logic [IndexBits+Bits-1:0] value;
  } item_t;  // as hearth_nonzeros.sv gives it

  item_t item;
  logic [AddressBits-1:0] write_q;
  logic [AddressBits:0] held_q;          // values in the ring
  logic [CountBits-1:0] count_q, count;  // of the pixel that comes in
  logic accept, write, counted, freed;

  assign item = s_data;
  assign s_ready = !held_q[AddressBits] && counted;
  assign accept = s_valid && s_ready;
  assign write = accept && item.some;
  assign count = count_q + CountBits'(item.some);
  assign freed = pixel_valid && pixel_ready;

  always_ff @(posedge clk) begin
    if (rst) begin
      write_q <= '0;
      held_q <= '0;
      count_q <= '0;
    end else begin
      if (write) write_q <= write_q + 1'b1;
      if (accept) count_q <= item.ends ? '0 : count;
      held_q <= held_q + (AddressBits + 1)'(write) - (freed ? (AddressBits + 1)'(pixel_data) : '0);
    end
  end

  hearth_ram #(
    .Width(IndexBits + Bits), .Words(Values), .BlockWords(RingBlock)
  ) u_ring (
    .clk, .write_enable(write), .write_address(write_q), .write_data(item.value),
    .read_enable(1'b1), .read_address, .read_data
  );

  hearth_fifo #(
    .Width(CountBits), .Depth(Pixels), .BlockWords(PixelBlock)
  ) u_pixels (
    .clk, .rst, .s_data(count), .s_valid(accept && item.ends), .s_ready(counted),
    .m_data(pixel_data), .m_valid(pixel_valid), .m_ready(pixel_ready)
  );
endmodule
