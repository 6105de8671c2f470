// Changes the number of channels per beat; pixels stay aligned to beats.
//
// A pixel of Channels values arrives in ceil(Channels / InBeat) beats and leaves in
// ceil(Channels / OutBeat) beats. One of InBeat and OutBeat must divide the other. Unused channels
// of a pixel's last beat are zero on the output if they are zero on the input.
//
// Proved for all time: formal/hearth_gearbox_proof.sv.
//
//   InBeat 2, OutBeat 4, Channels 6:   01 23 45    ->  0123 45..
//   InBeat 4, OutBeat 2, Channels 6:   0123 45..   ->  01 23 45
module hearth_gearbox #(
  parameter int unsigned Bits = 8,      // bits per channel
  parameter int unsigned Channels = 8,  // channels per pixel
  parameter int unsigned InBeat = 1,    // channels per input beat
  parameter int unsigned OutBeat = 1    // channels per output beat
) (
  input  logic                    clk,
  input  logic                    rst,
  input  logic [ InBeat*Bits-1:0] s_data,
  input  logic                    s_valid,
  output logic                    s_ready,
  output logic [OutBeat*Bits-1:0] m_data,
  output logic                    m_valid,
  input  logic                    m_ready
);
  localparam int unsigned InBeats = (Channels + InBeat - 1) / InBeat;
  localparam int unsigned OutBeats = (Channels + OutBeat - 1) / OutBeat;

  if (InBeat == OutBeat) begin : gen_wire
    logic unused;
    assign unused = &{1'b0, clk, rst};
    assign m_data = s_data;
    assign m_valid = s_valid;
    assign s_ready = m_ready;
  end else if (OutBeat % InBeat == 0) begin : gen_widen
    localparam int unsigned Parts = OutBeat / InBeat;
    localparam int unsigned PartBits = $clog2(Parts);
    localparam int unsigned BeatBits = $clog2(InBeats + 1);

    logic [PartBits-1:0] part_q;   // part of the output beat that comes next
    logic [BeatBits-1:0] beat_q;   // input beat within the pixel
    logic last_of_pixel, complete, take;

    assign s_ready = !m_valid || m_ready;
    assign take = s_valid && s_ready;
    assign last_of_pixel = beat_q == BeatBits'(InBeats - 1);
    assign complete = last_of_pixel || (part_q == PartBits'(Parts - 1));

    always_ff @(posedge clk) begin
      if (take) begin
        // The first part clears the rest, so a short last beat is padded with zeros.
        for (int unsigned i = 0; i < Parts; i++) begin
          if (PartBits'(i) == part_q) m_data[i*InBeat*Bits+:InBeat*Bits] <= s_data;
          else if (part_q == '0) m_data[i*InBeat*Bits+:InBeat*Bits] <= '0;
        end
      end
    end

    always_ff @(posedge clk) begin
      if (rst) begin
        part_q  <= '0;
        beat_q  <= '0;
        m_valid <= 1'b0;
      end else begin
        if (m_ready) m_valid <= 1'b0;
        if (take) begin
          part_q  <= complete ? '0 : part_q + 1'b1;
          beat_q  <= last_of_pixel ? '0 : beat_q + 1'b1;
          m_valid <= complete;
        end
      end
    end
  end else if (InBeat % OutBeat == 0) begin : gen_narrow
    localparam int unsigned Parts = InBeat / OutBeat;
    localparam int unsigned PartBits = $clog2(Parts);
    localparam int unsigned BeatBits = $clog2(OutBeats + 1);

    logic [InBeat*Bits-1:0] data_q;
    logic [PartBits-1:0] part_q;  // part of the input beat that leaves next
    logic [BeatBits-1:0] beat_q;  // output beat within the pixel
    logic last_of_pixel, last_part, give;

    assign m_data = data_q[OutBeat*Bits-1:0];
    assign give = m_valid && m_ready;
    assign last_of_pixel = beat_q == BeatBits'(OutBeats - 1);
    assign last_part = last_of_pixel || (part_q == PartBits'(Parts - 1));
    assign s_ready = !m_valid || (m_ready && last_part);

    always_ff @(posedge clk) begin
      if (s_valid && s_ready) data_q <= s_data;
      else if (give) data_q <= data_q >> (OutBeat * Bits);
    end

    always_ff @(posedge clk) begin
      if (rst) begin
        part_q  <= '0;
        beat_q  <= '0;
        m_valid <= 1'b0;
      end else begin
        if (s_ready) m_valid <= s_valid;
        if (give) begin
          part_q <= last_part ? '0 : part_q + 1'b1;
          beat_q <= last_of_pixel ? '0 : beat_q + 1'b1;
        end
      end
    end
  end else begin : gen_illegal
    $error("%m: InBeat and OutBeat must divide one another");
  end
endmodule
