// What is wrong with a packet that has ended: a status, the first fault that is found.
//
// A packet that came whole (its bytes as many as its header says, its CRC right) is looked at by
// type: only FRAME, BENCH and, where weights can be changed, UPDATE have a payload.
module hearth_packet_check #(
  parameter int unsigned CountBits = 28,
  parameter int unsigned FrameBytes = 3072,
  parameter int unsigned ImageBytes = 0      // of all ROMs; 0: weights are fixed
) (
  input  hearth_link_pkg::header_t header,
  input  logic [CountBits-1:0]     count,        // bytes that came, with header and CRC
  input  logic [31:0]              crc,          // over all of them
  input  logic                     lost,         // some did not come
  input  logic                     timed_out,
  input  logic                     bad_escape,
  input  logic [31:0]              frames,       // of a BENCH request
  input  logic                     other_model,  // of an UPDATE request
  output logic [7:0]               status
);
  localparam logic [31:0] UpdateBytes = 32'(8 + ImageBytes);

  logic [31:0] length;
  logic unused;
  assign length = header.length;
  assign unused = ^{header.sequence_number, header.flags};

  always_comb begin
    status = hearth_link_pkg::Fine;
    if (lost) status = hearth_link_pkg::LostBytes;
    else if (timed_out) status = hearth_link_pkg::TimedOut;
    else if (bad_escape) status = hearth_link_pkg::BadEscape;
    else if (count < CountBits'(12) || 32'(count) != length + 32'd12) begin
      status = hearth_link_pkg::WrongLength;
    end else if (crc != hearth_link_pkg::CrcResidue) status = hearth_link_pkg::WrongCrc;
    else begin
      unique case (header.kind)
        hearth_link_pkg::TypeFrame: begin
          if (length != 32'(FrameBytes)) status = hearth_link_pkg::WrongPayload;
        end
        hearth_link_pkg::TypeBench: begin
          if (length != 32'd8 || frames > hearth_link_pkg::BenchFrames) begin
            status = hearth_link_pkg::WrongPayload;
          end
        end
        hearth_link_pkg::TypeUpdate: begin
          if (ImageBytes == 0) status = hearth_link_pkg::UnknownType;
          else if (length != UpdateBytes) status = hearth_link_pkg::WrongPayload;
          else if (other_model) status = hearth_link_pkg::WrongModel;
        end
        hearth_link_pkg::TypeInfo, hearth_link_pkg::TypeCounters: begin
          if (length != '0) status = hearth_link_pkg::WrongPayload;
        end
        default: status = hearth_link_pkg::UnknownType;
      endcase
    end
  end
endmodule
