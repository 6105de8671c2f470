// The kernel of tests/nets/toy.py: every channel plus one, one beat a cycle, one register. It can be broken:
//   "stick"     it takes no more than ten beats
//   "repeat"    its tenth beat leaves twice
//   "withdraw"  it withdraws a valid that waits
//   "unreset"   reset does not empty its register
module hearth_toy_kernel #(
  parameter int unsigned Bits = 8,      // bits per channel
  parameter int unsigned Beat = 1,      // channels per beat
  parameter int unsigned Channels = 1,  // channels per pixel
  parameter string Fault = ""
) (
  input  logic                 clk,
  input  logic                 rst,
  input  logic [Beat*Bits-1:0] s_data,
  input  logic                 s_valid,
  output logic                 s_ready,
  output logic [Beat*Bits-1:0] m_data,
  output logic                 m_valid,
  input  logic                 m_ready,
  output logic                 busy
);
  localparam int unsigned PixelBeats = (Channels + Beat - 1) / Beat;

  logic full_q, odd_q, repeated_q, again, stuck, sent;
  int unsigned count_q, part_q;  // beats taken; beat within the pixel

  assign stuck = Fault == "stick" && count_q == 10;
  assign again = Fault == "repeat" && count_q == 10 && !repeated_q;
  assign m_valid = full_q && !(Fault == "withdraw" && odd_q);
  assign sent = m_valid && m_ready;
  assign s_ready = !stuck && (!full_q || (sent && !again));
  assign busy = s_valid && s_ready;

  always_ff @(posedge clk) begin
    odd_q <= !odd_q && !rst;
    if (rst) begin
      if (Fault != "unreset") full_q <= 1'b0;
      repeated_q <= 1'b0;
      count_q <= 0;
      part_q <= 0;
    end else begin
      if (sent) full_q <= again;
      if (sent && again) repeated_q <= 1'b1;
      if (busy) begin
        full_q <= 1'b1;
        count_q <= count_q + 1;
        part_q <= (part_q == PixelBeats - 1) ? 0 : part_q + 1;
      end
    end
  end

  for (genvar i = 0; i < Beat; i++) begin : gen_lane
    always_ff @(posedge clk) begin
      if (busy) begin
        m_data[i*Bits+:Bits] <= (part_q * Beat + i < Channels) ? s_data[i*Bits+:Bits] + 1'b1 : '0;
      end
    end
  end
endmodule
