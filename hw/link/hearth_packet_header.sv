// The first eight bytes of a packet, and what each later byte needs to know of them.
//
// That is in registers, which hold it from the cycle after the eighth byte on, when the first byte
// of the payload may already be there: compared then, 32 bits would be in every pixel's way.
module hearth_packet_header #(
  parameter int unsigned FrameBytes = 3072,
  parameter int unsigned UpdateBytes = 8
) (
  input  logic       clk,
  input  logic       rst,
  input  logic [7:0] value,
  input  logic       is_byte,     // value is the packet's next byte
  input  logic       close,       // the packet is over
  output hearth_link_pkg::header_t header,
  output logic       complete,    // all of it has come
  output logic       in_payload,  // the next byte is the payload's
  output logic       is_frame,    // a payload of a frame's bytes was promised
  output logic       is_update    // or one of all weights
);
  hearth_link_pkg::header_t next;
  logic [2:0] place_q;  // of the next byte in the header
  logic [31:0] left_q;  // bytes of the payload still to come
  logic last;

  assign next = {value, header[63:8]};
  assign last = is_byte && !complete && place_q == '1;

  always_ff @(posedge clk) begin
    if (is_byte && !complete) header <= next;
    if (last) begin
      is_frame <= next.kind == hearth_link_pkg::TypeFrame && next.length == FrameBytes;
      is_update <= next.kind == hearth_link_pkg::TypeUpdate && next.length == UpdateBytes;
      left_q <= next.length;
    end else if (is_byte && in_payload) begin
      left_q <= left_q - 1'b1;
    end

    if (rst || close) begin
      place_q <= '0;
      complete <= 1'b0;
      in_payload <= 1'b0;
    end else if (last) begin
      complete <= 1'b1;
      in_payload <= next.length != '0;
    end else if (is_byte) begin
      place_q <= place_q + 1'b1;
      if (left_q == 32'd1) in_payload <= 1'b0;
    end
  end
endmodule
