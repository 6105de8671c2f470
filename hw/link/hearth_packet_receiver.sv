// Turns received bytes into one event per packet, and hands the payloads on.
//
//   packet   END  type flags sequence(2) length(4) payload CRC-32(4)  END      all little endian
//
// Nothing between two ENDs looks like one (hearth_slip_bytes.sv), so a damaged packet never takes
// the next one with it. Bytes of a FRAME packet go to hearth_packet_pixels.sv at once, before its
// CRC is known: nothing here holds a frame. A frame that ends early is given up with `give_up`,
// high until the next pixel: hw/axi/hearth_axi_video.sv completes it, and its event says what was
// wrong (hearth_packet_check.sv). A packet that stalls for Timeout cycles ends there with an error.
// After a BENCH or UPDATE request nothing is taken in until `release_hold`. Bytes are taken every
// other cycle at most, which no UART notices, so that s_ready is a register.
//
// The payload of an UPDATE is the id of the hardware it is for, then ImageBytes of new weights,
// which leave at once on `load` (hw/memory/hearth_rom_loader.sv) for memories that are not read: a
// bad packet spoils nothing.
module hearth_packet_receiver #(
  parameter int unsigned Width = 32,         // pixels per line
  parameter int unsigned Height = 32,        // lines
  parameter int unsigned Colours = 3,        // bytes of a pixel
  parameter int unsigned Timeout = 1 << 20,  // cycles
  parameter int unsigned ImageBytes = 0      // of all ROMs; 0: weights are fixed
) (
  input  logic        clk,
  input  logic        rst,
  input  logic [ 7:0] s_data,
  input  logic        s_valid,
  output logic        s_ready,
  input  logic        s_lost,       // bytes were lost just before this one
  output hearth_link_pkg::pixel_t pixel,
  output logic        pixel_valid,
  input  logic        pixel_ready,
  output logic        give_up,      // the frame that has begun will not be completed
  output hearth_link_pkg::event_t      event_data,
  output logic        event_valid,
  input  logic        event_ready,
  output logic [63:0] argument,     // the last eight bytes of the last payload
  input  logic [63:0] hardware_id,
  output logic [ 9:0] load,         // start, valid, byte
  input  logic        release_hold
);
  localparam int unsigned TimerBits = $clog2(Timeout + 1);
  localparam int unsigned CountBits = 28;
  localparam int unsigned FrameBytes = Width * Height * Colours;
  localparam int unsigned UpdateBytes = 8 + ImageBytes;

  logic [CountBits-1:0] count_q;  // bytes of the packet so far
  hearth_link_pkg::header_t header;
  logic [31:0] crc_q;
  logic [TimerBits-1:0] timer_q;
  logic begun_q;  // a byte of the packet has come
  logic hold_q;   // nothing is taken in
  logic timed_out_q, lost_q, take, is_end, is_byte, bad_escape, ends, closing, holds;
  logic headed, in_payload, is_frame, is_update, colour, framed, other_model_q;
  logic [7:0] value, status;
  logic [31:0] origin;

  // ---- bytes
  assign take = s_valid && s_ready;
  assign ends = is_end || timed_out_q;
  assign closing = ends && begun_q;
  hearth_slip_bytes u_bytes (
    .clk, .rst, .data(s_data), .take, .close(ends), .is_end, .is_byte, .value, .broken(bad_escape)
  );
  assign holds = hearth_link_pkg::holds(event_data.kind, event_data.status);

  // ---- header
  hearth_packet_header #(.FrameBytes(FrameBytes), .UpdateBytes(UpdateBytes)) u_header (
    .clk, .rst, .value, .is_byte, .close(ends), .header, .complete(headed), .in_payload, .is_frame,
    .is_update
  );
  assign origin = headed ? {header.kind, header.flags, header.sequence_number} : '0;
  assign colour = is_byte && in_payload && is_frame;

  hearth_packet_check #(.CountBits(CountBits), .ImageBytes(ImageBytes)) u_check (
    .clk, .header, .is_frame, .is_update, .count(count_q), .crc(crc_q),
    .lost(lost_q || (s_lost && take)),
    .timed_out(timed_out_q && !is_end), .bad_escape,
    .frames(argument[31:0]), .other_model(other_model_q), .status
  );

  always_ff @(posedge clk) begin
    if (is_byte && in_payload) argument <= {value, argument[63:8]};
    if (closing) event_data <= {origin, status, framed};
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      count_q <= '0;
      crc_q <= hearth_crc_pkg::Init;
      begun_q <= 1'b0;
      s_ready <= 1'b0;
      timer_q <= '0;
      timed_out_q <= 1'b0;
      lost_q <= 1'b0;
      event_valid <= 1'b0;
      hold_q <= 1'b0;
      give_up <= 1'b0;
    end else begin
      s_ready <= !take && !timed_out_q && (!pixel_valid || pixel_ready) && !event_valid && !hold_q;
      timer_q <= (!s_ready || !begun_q) ? '0 : timer_q + 1'b1;  // not s_ready: a byte was taken
      timed_out_q <= !take && s_ready && timer_q == TimerBits'(Timeout - 1);
      if (event_ready) event_valid <= 1'b0;
      if (event_valid && event_ready && holds) hold_q <= 1'b1;
      else if (release_hold) hold_q <= 1'b0;
      if (closing && incomplete) give_up <= 1'b1;
      else if (pixel_valid) give_up <= 1'b0;
      lost_q <= lost_q || (s_lost && take);
      if (is_byte) begin
        begun_q <= 1'b1;
        if (count_q != '1) count_q <= count_q + 1'b1;
        crc_q <= hearth_crc_pkg::advance(crc_q, value);
      end
      if (ends) begin
        count_q <= '0;
        begun_q <= 1'b0;
        crc_q <= hearth_crc_pkg::Init;
        lost_q <= 1'b0;
        event_valid <= closing;
      end
    end
  end

  // ---- pixels, only of packets whose header promises a frame
  logic incomplete;
  hearth_packet_pixels #(.Width(Width), .Height(Height), .Colours(Colours)) u_pixels (
    .clk, .rst, .value, .colour, .close(ends), .framed, .incomplete,
    .pixel, .pixel_valid, .pixel_ready
  );

  // ---- new weights, only of packets whose header promises the right number of bytes
  logic updating;
  assign updating = is_byte && in_payload && is_update;

  always_ff @(posedge clk) begin
    load <= {updating && count_q == CountBits'(8), updating && count_q >= CountBits'(16), value};
    if (updating && count_q == CountBits'(15)) begin
      other_model_q <= {value, argument[63:8]} != hardware_id;
    end
  end
endmodule
