// First-in first-out buffer between two clocks that know nothing of each other.
//
// Either side counts its words and shows the other its count in Gray code, of which one bit changes
// at a time, so that what arrives is the count before or after (hearth_sync.sv). What a side knows
// of the other is late, hence on the safe side: the FIFO seems fuller to who writes and emptier to
// who reads (Cummings 2002, "Simulation and Synthesis Techniques for Asynchronous FIFO Design").
//
// 2^AddressBits words in LUT RAM. Both sides are reset together: no reset ends before either side
// has had an edge of its clock in both. Proved for all time and any two clocks:
// formal/hearth_async_fifo_proof.sv.
module hearth_async_fifo #(
  parameter int unsigned Width = 8,       // bits per word
  parameter int unsigned AddressBits = 4  // at least 2
) (
  input  logic             s_clk,
  input  logic             s_rst,
  input  logic [Width-1:0] s_data,
  input  logic             s_valid,
  output logic             s_ready,
  input  logic             m_clk,
  input  logic             m_rst,
  output logic [Width-1:0] m_data,
  output logic             m_valid,
  input  logic             m_ready
);
  localparam int unsigned CountBits = AddressBits + 1;
  // A count that is all of the memory ahead differs from the other in its two highest Gray bits.
  localparam logic [CountBits-1:0] Full = CountBits'(3) << (CountBits - 2);

  if (AddressBits < 2) $error("%m: AddressBits is at least 2");

  logic [CountBits-1:0] write_q, write_d, write_gray_q, write_seen;
  logic [CountBits-1:0] read_q, read_d, read_gray_q, read_seen;

  (* ram_style = "distributed", no_rw_check *) logic [Width-1:0] memory[2**AddressBits];

  assign s_ready = write_gray_q != (read_seen ^ Full);
  assign m_valid = read_gray_q != write_seen;
  assign m_data = memory[read_q[AddressBits-1:0]];
  assign write_d = write_q + CountBits'(s_valid && s_ready);
  assign read_d = read_q + CountBits'(m_valid && m_ready);

  always_ff @(posedge s_clk) begin
    if (s_valid && s_ready) memory[write_q[AddressBits-1:0]] <= s_data;
    if (s_rst) {write_q, write_gray_q} <= '0;
    else {write_q, write_gray_q} <= {write_d, write_d ^ (write_d >> 1)};
  end

  always_ff @(posedge m_clk) begin
    if (m_rst) {read_q, read_gray_q} <= '0;
    else {read_q, read_gray_q} <= {read_d, read_d ^ (read_d >> 1)};
  end

  hearth_sync #(.Width(CountBits)) u_write (
    .clk(m_clk), .rst(m_rst), .d_i(write_gray_q), .q_o(write_seen)
  );

  hearth_sync #(.Width(CountBits)) u_read (
    .clk(s_clk), .rst(s_rst), .d_i(read_gray_q), .q_o(read_seen)
  );
endmodule
