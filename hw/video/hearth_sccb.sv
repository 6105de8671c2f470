// Writes a table of registers into a camera over SCCB, OmniVision's two wires, which I2C slaves
// understand too: for each entry of Table start, device, register, value, stop.
//
// An entry is 24 bits: register (16, of which the low RegisterBytes bytes are sent), value (8).
// Register FFFF is none: nothing is sent for 256 x (value + 1) bits, 2.6 ms x (value + 1) at 10 us
// a bit. The ninth bit of each byte is the camera's, and not looked at, as SCCB has it. The lines
// are open drain: a high one is not driven, and needs its resistor.
module hearth_sccb #(
  parameter int unsigned Quarter = 150,      // cycles in a quarter of a bit
  parameter logic [7:0] Device = 8'h42,      // address of writes
  parameter int unsigned RegisterBytes = 1,  // 1 or 2
  parameter int unsigned Entries = 10,
  parameter Table = "hw/video/ov7670_rgb565.hex"
) (
  input  logic clk,
  input  logic rst,
  output logic scl_low_o,  // pull the clock down
  output logic sda_low_o,  // pull the data down
  output logic done_o      // all entries are written
);
  localparam int unsigned Bytes = 2 + RegisterBytes;
  localparam int unsigned Bits = 9 * Bytes;
  localparam int unsigned CountBits = (Quarter > 1) ? $clog2(Quarter) : 1;
  localparam int unsigned EntryBits = $clog2(Entries + 1);
  localparam logic [15:0] None = 16'hFFFF;

  if (RegisterBytes < 1 || RegisterBytes > 2) $error("%m: a register has 1 or 2 bytes");

  logic [23:0] entries[Entries];
  initial $readmemh(Table, entries);

  logic [CountBits-1:0] count_q;
  logic [1:0] phase_q;               // quarter of the bit
  logic [15:0] bit_q;                // 0 start, Bits + 1 stop; of a pause its length
  logic [EntryBits-1:0] entry_q;
  logic [23:0] entry;
  logic [Bits-1:0] sent;             // a 1 for each bit of the camera's
  logic tick, pauses, last, begins, ends, level;

  assign entry = entries[entry_q];
  assign pauses = entry[23:8] == None;
  assign done_o = entry_q == EntryBits'(Entries);
  assign tick = count_q == CountBits'(Quarter - 1);
  assign begins = bit_q == '0;
  assign ends = bit_q == 16'(Bits + 1);
  assign last = pauses ? bit_q == {entry[7:0], 8'hFF} : ends;
  if (RegisterBytes == 1) begin : gen_one
    assign sent = {Device, 1'b1, entry[15:8], 1'b1, entry[7:0], 1'b1};
  end else begin : gen_two
    assign sent = {Device, 1'b1, entry[23:16], 1'b1, entry[15:8], 1'b1, entry[7:0], 1'b1};
  end
  assign level = |(sent & (Bits'(1) << (16'(Bits) - bit_q)));

  //            0     1     2     3
  // start  SCL 1     1     1     0      SDA falls while SCL is high
  //        SDA 1     1     0     0
  // bit    SCL 0     1     1     0      SDA stands while SCL is high
  // stop   SCL 0     1     1     1      SDA rises while SCL is high
  //        SDA 0     0     1     1
  always_ff @(posedge clk) begin
    if (rst || done_o || pauses) {scl_low_o, sda_low_o} <= '0;
    else if (begins) {scl_low_o, sda_low_o} <= {phase_q == 2'd3, phase_q[1]};
    else if (ends) {scl_low_o, sda_low_o} <= {phase_q == 2'd0, !phase_q[1]};
    else {scl_low_o, sda_low_o} <= {phase_q == 2'd0 || phase_q == 2'd3, !level};
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      {count_q, phase_q, bit_q, entry_q} <= '0;
    end else if (!done_o) begin
      count_q <= tick ? '0 : count_q + 1'b1;
      if (tick) phase_q <= phase_q + 1'b1;
      if (tick && phase_q == 2'd3) begin
        bit_q <= last ? '0 : bit_q + 1'b1;
        if (last) entry_q <= entry_q + 1'b1;
      end
    end
  end
endmodule
