// Takes SLIP off received bytes (RFC 1055): finds the ENDs, and gives the bytes between them.
//
// Between two ENDs every END is written DB DC and every DB as DB DD. `close` ends a packet: an
// escape that has begun does not reach into the next one.
module hearth_slip_bytes (
  input  logic       clk,
  input  logic       rst,
  input  logic [7:0] data,
  input  logic       take,     // data is the next byte
  input  logic       close,
  output logic       is_end,   // in the same cycle: an END
  output logic       is_byte,  // or a byte of the packet
  output logic [7:0] value,
  output logic       broken    // some escape of the packet has been wrong, or is not complete
);
  logic escaped_q, wrong_q;  // DB has come; another byte than DC or DD came behind it
  logic is_escape, second_end, second_escape;
  logic [7:0] meant;

  assign second_end = data == hearth_link_pkg::EscapedEnd;
  assign second_escape = data == hearth_link_pkg::EscapedEscape;
  assign is_end = take && (data == hearth_link_pkg::End);
  assign is_escape = take && (data == hearth_link_pkg::Escape) && !escaped_q;
  assign is_byte = take && !is_end && !is_escape;
  assign meant = second_end ? hearth_link_pkg::End : hearth_link_pkg::Escape;
  assign value = escaped_q ? meant : data;
  assign broken = wrong_q || escaped_q;

  always_ff @(posedge clk) begin
    if (rst || close) begin
      escaped_q <= 1'b0;
      wrong_q <= 1'b0;
    end else begin
      if (is_escape) escaped_q <= 1'b1;
      else if (is_byte) escaped_q <= 1'b0;
      if (is_byte && escaped_q && !second_end && !second_escape) wrong_q <= 1'b1;
    end
  end
endmodule
