// What is wrong with a packet that has ended: a status, the first fault that is found.
//
// A packet that came whole (its bytes as many as its header says, its CRC right) is looked at by
// type: only FRAME, BENCH and, where weights can be changed, UPDATE have a payload. What its header
// and its payload say is compared a cycle ahead, into registers: in a whole packet the CRC's four
// bytes come between them and the end.
module hearth_packet_check #(
  parameter int unsigned CountBits = 28,
  parameter int unsigned ImageBytes = 0      // of all ROMs; 0: weights are fixed
) (
  input  logic                     clk,
  input  hearth_link_pkg::header_t header,
  input  logic                     is_frame,     // with a payload of the right length
  input  logic                     is_update,
  input  logic [CountBits-1:0]     count,        // bytes that came, with header and CRC
  input  logic [31:0]              crc,          // over all of them
  input  logic                     lost,         // some did not come
  input  logic                     timed_out,
  input  logic                     bad_escape,
  input  logic [31:0]              frames,       // of a BENCH request
  input  logic                     other_model,  // of an UPDATE request
  output logic [7:0]               status
);
  logic [31:0] length, whole_q;  // bytes that the header announces, with it and the CRC
  logic [7:0] by_type, by_type_q;
  logic unused;
  assign length = header.length;
  assign unused = ^{header.sequence_number, header.flags};

  always_comb begin
    by_type = hearth_link_pkg::Fine;
    unique case (header.kind)
      hearth_link_pkg::TypeFrame: begin
        if (!is_frame) by_type = hearth_link_pkg::WrongPayload;
      end
      hearth_link_pkg::TypeBench: begin
        if (length != 32'd8 || frames > hearth_link_pkg::BenchFrames) begin
          by_type = hearth_link_pkg::WrongPayload;
        end
      end
      hearth_link_pkg::TypeUpdate: begin
        if (ImageBytes == 0) by_type = hearth_link_pkg::UnknownType;
        else if (!is_update) by_type = hearth_link_pkg::WrongPayload;
        else if (other_model) by_type = hearth_link_pkg::WrongModel;
      end
      hearth_link_pkg::TypeInfo, hearth_link_pkg::TypeCounters: begin
        if (length != '0) by_type = hearth_link_pkg::WrongPayload;
      end
      default: by_type = hearth_link_pkg::UnknownType;
    endcase
  end

  always_ff @(posedge clk) begin
    whole_q <= length + 32'd12;
    by_type_q <= by_type;
  end

  always_comb begin
    if (lost) status = hearth_link_pkg::LostBytes;
    else if (timed_out) status = hearth_link_pkg::TimedOut;
    else if (bad_escape) status = hearth_link_pkg::BadEscape;
    else if (count < CountBits'(12) || 32'(count) != whole_q) begin
      status = hearth_link_pkg::WrongLength;
    end else if (crc != hearth_link_pkg::CrcResidue) status = hearth_link_pkg::WrongCrc;
    else status = by_type_q;
  end
endmodule
