// Behavioural model of the ECP5 block RAM as Yosys uses it, for post-synthesis simulation.
//
// Two ports of 1, 2, 4, 9 or 18 bits, or one write port (A) and one read port (B) of 36 bits; one
// cycle of latency, two with the output register (OUTREG). Modelled after Lattice FPGA-TN-02204
// and Yosys' own mapping (techlibs/lattice/brams_map_16kd.v). Not modelled: chip selects, resets,
// inverted clocks, write-through.
module DP16KD #(
  parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18,
  parameter REGMODE_A = "NOREG", REGMODE_B = "NOREG",
  parameter RESETMODE = "SYNC", ASYNC_RESET_RELEASE = "SYNC",
  parameter CSDECODE_A = "0b000", CSDECODE_B = "0b000",
  parameter CLKAMUX = "CLKA", CLKBMUX = "CLKB",
  parameter WRITEMODE_A = "NORMAL", WRITEMODE_B = "NORMAL",
  parameter GSR = "AUTO", WID = 0,
  parameter [319:0]
    INITVAL_00 = 320'b0, INITVAL_01 = 320'b0, INITVAL_02 = 320'b0, INITVAL_03 = 320'b0,
    INITVAL_04 = 320'b0, INITVAL_05 = 320'b0, INITVAL_06 = 320'b0, INITVAL_07 = 320'b0,
    INITVAL_08 = 320'b0, INITVAL_09 = 320'b0, INITVAL_0A = 320'b0, INITVAL_0B = 320'b0,
    INITVAL_0C = 320'b0, INITVAL_0D = 320'b0, INITVAL_0E = 320'b0, INITVAL_0F = 320'b0,
    INITVAL_10 = 320'b0, INITVAL_11 = 320'b0, INITVAL_12 = 320'b0, INITVAL_13 = 320'b0,
    INITVAL_14 = 320'b0, INITVAL_15 = 320'b0, INITVAL_16 = 320'b0, INITVAL_17 = 320'b0,
    INITVAL_18 = 320'b0, INITVAL_19 = 320'b0, INITVAL_1A = 320'b0, INITVAL_1B = 320'b0,
    INITVAL_1C = 320'b0, INITVAL_1D = 320'b0, INITVAL_1E = 320'b0, INITVAL_1F = 320'b0,
    INITVAL_20 = 320'b0, INITVAL_21 = 320'b0, INITVAL_22 = 320'b0, INITVAL_23 = 320'b0,
    INITVAL_24 = 320'b0, INITVAL_25 = 320'b0, INITVAL_26 = 320'b0, INITVAL_27 = 320'b0,
    INITVAL_28 = 320'b0, INITVAL_29 = 320'b0, INITVAL_2A = 320'b0, INITVAL_2B = 320'b0,
    INITVAL_2C = 320'b0, INITVAL_2D = 320'b0, INITVAL_2E = 320'b0, INITVAL_2F = 320'b0,
    INITVAL_30 = 320'b0, INITVAL_31 = 320'b0, INITVAL_32 = 320'b0, INITVAL_33 = 320'b0,
    INITVAL_34 = 320'b0, INITVAL_35 = 320'b0, INITVAL_36 = 320'b0, INITVAL_37 = 320'b0,
    INITVAL_38 = 320'b0, INITVAL_39 = 320'b0, INITVAL_3A = 320'b0, INITVAL_3B = 320'b0,
    INITVAL_3C = 320'b0, INITVAL_3D = 320'b0, INITVAL_3E = 320'b0, INITVAL_3F = 320'b0
) (
  input
    DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
    DIA3, DIA2, DIA1, DIA0,
  input
    ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input
    CSA2, CSA1, CSA0,
  output
    DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4,
    DOA3, DOA2, DOA1, DOA0,
  input CEA, OCEA, CLKA, WEA, RSTA,
  input
    DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4,
    DIB3, DIB2, DIB1, DIB0,
  input
    ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input
    CSB2, CSB1, CSB0,
  output
    DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4,
    DOB3, DOB2, DOB1, DOB0,
  input CEB, OCEB, CLKB, WEB, RSTB
);
  // Sixteen bits a row and two beside them: 1,024 rows of 18, two entries of 9 bits each.
  logic [17:0] memory[1024];
  localparam logic [64*320-1:0] Init = {
    INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39,
    INITVAL_38, INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32,
    INITVAL_31, INITVAL_30, INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B,
    INITVAL_2A, INITVAL_29, INITVAL_28, INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24,
    INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20, INITVAL_1F, INITVAL_1E, INITVAL_1D,
    INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18, INITVAL_17, INITVAL_16,
    INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10, INITVAL_0F,
    INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
    INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00
  };
  initial for (int row = 0; row < 1024; row++) memory[row] = Init[row*20+:18];

  wire [13:0] address_a = {
    ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0
  };
  wire [13:0] address_b = {
    ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0
  };
  wire [17:0] write_a = {
    DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
    DIA3, DIA2, DIA1, DIA0
  };
  wire [17:0] write_b = {
    DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4,
    DIB3, DIB2, DIB1, DIB0
  };
  logic [17:0] read_a, read_b, wide_low, out_a, out_b;
  assign {
    DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4,
    DOA3, DOA2, DOA1, DOA0
  } = out_a;
  assign {
    DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4,
    DOB3, DOB2, DOB1, DOB0
  } = out_b;

  localparam bit Wide = DATA_WIDTH_B == 36;

  // One word narrower than a row.
  function automatic logic [17:0] narrow(input int width, input logic [13:0] address);
    logic [17:0] row;
    logic [8:0] entry;
    row = memory[address[13:4]];
    entry = row[9*address[3]+:9];
    unique case (width)
      18: narrow = row;
      9: narrow = 18'(entry);
      4: narrow = 18'(entry[4*address[2]+:4]);
      2: narrow = 18'(entry[2*address[2:1]+:2]);
      default: narrow = 18'(entry[address[2:0]]);
    endcase
  endfunction

  always_ff @(posedge CLKA) begin
    if (CEA) begin
      if (!Wide) read_a <= narrow(DATA_WIDTH_A, address_a);
      if (WEA) begin
        unique case (DATA_WIDTH_A)
          36: begin
            for (int i = 0; i < 2; i++) begin
              if (address_a[i]) memory[{address_a[13:5], 1'b0}][9*i+:9] <= write_a[9*i+:9];
              if (address_a[2+i]) memory[{address_a[13:5], 1'b1}][9*i+:9] <= write_b[9*i+:9];
            end
          end
          18: begin
            for (int i = 0; i < 2; i++) begin
              if (address_a[i]) memory[address_a[13:4]][9*i+:9] <= write_a[9*i+:9];
            end
          end
          9: memory[address_a[13:4]][9*address_a[3]+:9] <= write_a[8:0];
          4: memory[address_a[13:4]][9*address_a[3]+4*address_a[2]+:4] <= write_a[3:0];
          2: memory[address_a[13:4]][9*address_a[3]+2*address_a[2:1]+:2] <= write_a[1:0];
          default: memory[address_a[13:4]][9*address_a[3]+address_a[2:0]] <= write_a[0];
        endcase
      end
    end
  end

  // A wide word is read with port B's clock and address alone.
  always_ff @(posedge CLKB) begin
    if (CEB) wide_low <= memory[{address_b[13:5], 1'b0}];
    if (CEB) read_b <= Wide ? memory[{address_b[13:5], 1'b1}] : narrow(DATA_WIDTH_B, address_b);
  end

  // ---- output registers: they start as 0
  if (REGMODE_A == "OUTREG") begin : gen_register_a
    initial out_a = '0;
    always_ff @(posedge CLKA) if (OCEA) out_a <= Wide ? wide_low : read_a;
  end else begin : gen_wires_a
    assign out_a = Wide ? wide_low : read_a;
  end
  if (REGMODE_B == "OUTREG") begin : gen_register_b
    initial out_b = '0;
    always_ff @(posedge CLKB) if (OCEB) out_b <= read_b;
  end else begin : gen_wires_b
    assign out_b = read_b;
  end
endmodule
