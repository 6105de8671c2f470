// Replaces every value of a stream by the entry of a table.
//
//   m[c] = memory[{group of channel c, s[c]}]
//
// The memories are outside, one per channel of a beat: `address` goes to them, `values` comes back
// one cycle later, and `enable` low holds what they last read. Which of the tables a channel uses
// is the constant Groups. Channels beyond the last of a pixel leave as zero. Latency two cycles, a
// beat a cycle; s_ready comes from flip-flops alone.
module hearth_lookup #(
  parameter int unsigned Bits = 8,       // of a value that comes
  parameter int unsigned OutBits = 8,    // of an entry
  parameter int unsigned Channels = 4,
  parameter int unsigned Beat = 1,       // channels per beat
  parameter int unsigned GroupBits = 0,  // of a table's number; 0 when there is one table
  localparam int unsigned Words = (Channels + Beat - 1) / Beat,  // beats per pixel
  localparam int unsigned GroupsWidth = (GroupBits > 0) ? Words * Beat * GroupBits : 1,
  parameter logic [GroupsWidth-1:0] Groups = '0,  // table of every channel, channel 0 lowest
  localparam int unsigned AddressBits = Bits + GroupBits
) (
  input  logic                        clk,
  input  logic                        rst,
  input  logic [       Beat*Bits-1:0] s_data,
  input  logic                        s_valid,
  output logic                        s_ready,
  output logic                        busy,     // a beat is taken in this cycle
  output logic                        enable,   // of the memories
  output logic [Beat*AddressBits-1:0] address,
  input  logic [    Beat*OutBits-1:0] values,
  output logic [    Beat*OutBits-1:0] m_data,
  output logic                        m_valid,
  input  logic                        m_ready
);
  localparam int unsigned WordBits = (Words > 1) ? $clog2(Words) : 1;
  localparam int unsigned LastLanes = Channels - (Words - 1) * Beat;  // of a pixel's last beat

  logic [WordBits-1:0] word_q;  // beat of the pixel that comes next
  logic last_word, read_valid_q, read_last_q, leaves;

  assign enable = !read_valid_q || leaves;
  assign s_ready = enable;
  assign busy = s_valid && s_ready;
  assign last_word = word_q == WordBits'(Words - 1);

  always_ff @(posedge clk) begin
    if (rst) begin
      word_q <= '0;
      read_valid_q <= 1'b0;
    end else if (enable) begin
      read_valid_q <= s_valid;
      if (s_valid) word_q <= last_word ? '0 : word_q + 1'b1;
    end
  end
  always_ff @(posedge clk) if (enable) read_last_q <= last_word;

  for (genvar lane = 0; lane < Beat; lane++) begin : gen_address
    if (GroupBits > 0) begin : gen_group
      logic [GroupBits-1:0] group;
      assign group = Groups[(32'(word_q)*Beat+lane)*GroupBits+:GroupBits];
      assign address[lane*AddressBits+:AddressBits] = {group, s_data[lane*Bits+:Bits]};
    end else begin : gen_single
      assign address[lane*AddressBits+:AddressBits] = s_data[lane*Bits+:Bits];
    end
  end

  logic [Beat*OutBits-1:0] used;
  for (genvar lane = 0; lane < Beat; lane++) begin : gen_used
    assign used[lane*OutBits+:OutBits] =
        (lane >= LastLanes && read_last_q) ? '0 : values[lane*OutBits+:OutBits];
  end

  hearth_skid #(
    .Width(Beat * OutBits)
  ) u_values (
    .clk,
    .rst,
    .s_data(used),
    .s_valid(read_valid_q),
    .s_ready(leaves),
    .m_data,
    .m_valid,
    .m_ready
  );
endmodule
