// Behavioural model of the 7-series block RAM of 18 Kbit as Yosys uses it: its configuration and
// ports around block_ram.sv, which says what is modelled.
module RAMB18E1 #(
  parameter integer DOA_REG = 0, DOB_REG = 0,
  parameter integer READ_WIDTH_A = 0, READ_WIDTH_B = 0, WRITE_WIDTH_A = 0, WRITE_WIDTH_B = 0,
  parameter WRITE_MODE_A = "WRITE_FIRST", WRITE_MODE_B = "WRITE_FIRST",
  parameter RAM_MODE = "TDP", RDADDR_COLLISION_HWCONFIG = "DELAYED_WRITE",
  parameter [17:0] INIT_A = '0, INIT_B = '0, SRVAL_A = '0, SRVAL_B = '0,
  parameter [255:0]
    INITP_00 = 256'b0, INITP_01 = 256'b0, INITP_02 = 256'b0, INITP_03 = 256'b0,
    INITP_04 = 256'b0, INITP_05 = 256'b0, INITP_06 = 256'b0, INITP_07 = 256'b0,
  parameter [255:0]
    INIT_00 = 256'b0, INIT_01 = 256'b0, INIT_02 = 256'b0, INIT_03 = 256'b0,
    INIT_04 = 256'b0, INIT_05 = 256'b0, INIT_06 = 256'b0, INIT_07 = 256'b0,
    INIT_08 = 256'b0, INIT_09 = 256'b0, INIT_0A = 256'b0, INIT_0B = 256'b0,
    INIT_0C = 256'b0, INIT_0D = 256'b0, INIT_0E = 256'b0, INIT_0F = 256'b0,
    INIT_10 = 256'b0, INIT_11 = 256'b0, INIT_12 = 256'b0, INIT_13 = 256'b0,
    INIT_14 = 256'b0, INIT_15 = 256'b0, INIT_16 = 256'b0, INIT_17 = 256'b0,
    INIT_18 = 256'b0, INIT_19 = 256'b0, INIT_1A = 256'b0, INIT_1B = 256'b0,
    INIT_1C = 256'b0, INIT_1D = 256'b0, INIT_1E = 256'b0, INIT_1F = 256'b0,
    INIT_20 = 256'b0, INIT_21 = 256'b0, INIT_22 = 256'b0, INIT_23 = 256'b0,
    INIT_24 = 256'b0, INIT_25 = 256'b0, INIT_26 = 256'b0, INIT_27 = 256'b0,
    INIT_28 = 256'b0, INIT_29 = 256'b0, INIT_2A = 256'b0, INIT_2B = 256'b0,
    INIT_2C = 256'b0, INIT_2D = 256'b0, INIT_2E = 256'b0, INIT_2F = 256'b0,
    INIT_30 = 256'b0, INIT_31 = 256'b0, INIT_32 = 256'b0, INIT_33 = 256'b0,
    INIT_34 = 256'b0, INIT_35 = 256'b0, INIT_36 = 256'b0, INIT_37 = 256'b0,
    INIT_38 = 256'b0, INIT_39 = 256'b0, INIT_3A = 256'b0, INIT_3B = 256'b0,
    INIT_3C = 256'b0, INIT_3D = 256'b0, INIT_3E = 256'b0, INIT_3F = 256'b0
) (
  input          [13:0] ADDRARDADDR, ADDRBWRADDR,
  input                 CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB,
  input                 RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
  input          [ 1:0] WEA,
  input          [ 3:0] WEBWE,
  input          [15:0] DIADI, DIBDI,
  input          [ 1:0] DIPADIP, DIPBDIP,
  output         [15:0] DOADO, DOBDO,
  output         [ 1:0] DOPADOP, DOPBDOP
);
  localparam bit WideRead = READ_WIDTH_A == 36, WideWrite = WRITE_WIDTH_B == 36;
  wire [63:0] read_a, read_b;
  wire [7:0] parity_a, parity_b;

  block_ram #(
    .AddressBits(14),
    .ReadA(READ_WIDTH_A), .ReadB(READ_WIDTH_B), .WriteA(WRITE_WIDTH_A), .WriteB(WRITE_WIDTH_B),
    .OldDataA(WRITE_MODE_A == "READ_FIRST"), .OldDataB(WRITE_MODE_B == "READ_FIRST"),
    .Parity({
    INITP_07, INITP_06, INITP_05, INITP_04, INITP_03, INITP_02, INITP_01, INITP_00
    }),
    .Data({
    INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39, INIT_38, INIT_37, INIT_36,
    INIT_35, INIT_34, INIT_33, INIT_32, INIT_31, INIT_30, INIT_2F, INIT_2E, INIT_2D, INIT_2C,
    INIT_2B, INIT_2A, INIT_29, INIT_28, INIT_27, INIT_26, INIT_25, INIT_24, INIT_23, INIT_22,
    INIT_21, INIT_20, INIT_1F, INIT_1E, INIT_1D, INIT_1C, INIT_1B, INIT_1A, INIT_19, INIT_18,
    INIT_17, INIT_16, INIT_15, INIT_14, INIT_13, INIT_12, INIT_11, INIT_10, INIT_0F, INIT_0E,
    INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08, INIT_07, INIT_06, INIT_05, INIT_04,
    INIT_03, INIT_02, INIT_01, INIT_00
    })
  ) u_ram (
    .clk_a(CLKARDCLK), .enable_a(ENARDEN), .reset_a(RSTRAMARSTRAM),
    .address_a(ADDRARDADDR[13:0]), .write_a(8'(WEA)),
    .data_a(64'(DIADI)), .data_parity_a(8'(DIPADIP)), .read_a, .parity_a,
    .clk_b(CLKBWRCLK), .enable_b(ENBWREN), .reset_b(RSTRAMB),
    .address_b(ADDRBWRADDR[13:0]), .write_b(8'(WEBWE)),
    .data_b(WideWrite ? 64'({DIBDI, DIADI}) : 64'(DIBDI)),
    .data_parity_b(WideWrite ? 8'({DIPBDIP, DIPADIP}) : 8'(DIPBDIP)), .read_b, .parity_b
  );

  assign DOADO = read_a[15:0];
  assign DOPADOP = parity_a[1:0];
  assign DOBDO = WideRead ? read_a[31:16] : read_b[15:0];
  assign DOPBDOP = WideRead ? parity_a[3:2] : parity_b[1:0];

  if (DOA_REG != 0 || DOB_REG != 0) begin : gen_check
    $error("%m: output registers are not modelled");
  end
endmodule
