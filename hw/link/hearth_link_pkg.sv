// Numbers of the packet format (docs/design/link.md; toolchain/host/packets.py holds the same ones)
// and its CRC-32 (IEEE 802.3, as in zlib).
package hearth_link_pkg;
  localparam logic [7:0] Version = 8'd3;

  // SLIP, RFC 1055
  localparam logic [7:0] End = 8'hC0;
  localparam logic [7:0] Escape = 8'hDB;
  localparam logic [7:0] EscapedEnd = 8'hDC;
  localparam logic [7:0] EscapedEscape = 8'hDD;

  // Types. (No enumerations: Yosys has no cast to one.)
  localparam logic [7:0] TypeFrame = 8'h01;
  localparam logic [7:0] TypeInfo = 8'h02;
  localparam logic [7:0] TypeCounters = 8'h03;
  localparam logic [7:0] TypeBench = 8'h04;
  localparam logic [7:0] TypeUpdate = 8'h05;
  localparam logic [7:0] TypeError = 8'h7F;
  localparam logic [7:0] Reply = 8'h80;  // added to the type of a request in its answer

  // Status
  localparam logic [7:0] Fine = 8'd0;
  localparam logic [7:0] WrongCrc = 8'd1;
  localparam logic [7:0] WrongLength = 8'd2;   // the packet's bytes are not as many as it says
  localparam logic [7:0] UnknownType = 8'd3;
  localparam logic [7:0] WrongPayload = 8'd4;  // does not suit the type: length, too many frames
  localparam logic [7:0] TimedOut = 8'd5;
  localparam logic [7:0] BadEscape = 8'd6;
  localparam logic [7:0] LostBytes = 8'd7;     // a byte without stop bit, or too many at once
  localparam logic [7:0] WrongModel = 8'd8;    // weights for other hardware

  localparam int unsigned Statuses = 9;

  localparam logic [31:0] BenchFrames = 32'd4096;  // of one BENCH request at most

  // The first eight bytes of a packet, the first one in the lowest bits.
  typedef struct packed {
    logic [31:0] length;
    logic [15:0] sequence_number;
    logic [7:0]  flags;
    logic [7:0]  kind;
  } header_t;

  // What the receiver tells the sender, in the order of the packets. Type, flags and sequence
  // number of a packet that ended before its header did are zero.
  typedef struct packed {
    logic [7:0]  kind;
    logic [7:0]  flags;
    logic [15:0] sequence_number;
    logic [7:0]  status;
    logic        framed;  // a frame entered the network and its result will come
  } event_t;
  localparam int unsigned EventBits = 41;

  // One step of a video on its way to the network.
  typedef struct packed {
    logic        last;   // of its line
    logic        first;  // of its frame
    logic [31:0] colours;  // the first in the lowest bits; where a pixel has fewer, the rest are 0
  } pixel_t;

  // Nothing is taken in between such a request and its answer.
  function automatic logic holds(input logic [7:0] kind, input logic [7:0] status);
    holds = status == Fine && (kind == TypeBench || kind == TypeUpdate);
  endfunction

  localparam logic [31:0] CrcResidue = 32'hDEBB_20E3;  // after a message and its own CRC
endpackage
