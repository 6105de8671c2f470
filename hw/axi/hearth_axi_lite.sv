// AXI4-Lite slave in front of a bank of 32-bit registers.
//
// Register i lies at byte address 4 i; the two lowest address bits are ignored. A read of an
// address behind the last register, and a write to such an address or to a register that is not in
// Writable, is answered with SLVERR and changes nothing. Address and data of a write may come in
// any order: each is kept until the other is there. No output follows an input within the cycle: a
// `ready` says that the place is free. One outstanding transaction per direction; a transfer takes
// two cycles at least, and a write as long as `hold_i` says.
module hearth_axi_lite #(
  parameter int unsigned AddressBits = 8,
  parameter int unsigned Count = 16,              // registers
  parameter logic [Count-1:0] Writable = '0       // one bit per register
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic [AddressBits-1:0] s_axil_awaddr,
  input  logic                   s_axil_awvalid,
  output logic                   s_axil_awready,
  input  logic [31:0]            s_axil_wdata,
  input  logic [3:0]             s_axil_wstrb,
  input  logic                   s_axil_wvalid,
  output logic                   s_axil_wready,
  output logic [1:0]             s_axil_bresp,
  output logic                   s_axil_bvalid,
  input  logic                   s_axil_bready,
  input  logic [AddressBits-1:0] s_axil_araddr,
  input  logic                   s_axil_arvalid,
  output logic                   s_axil_arready,
  output logic [31:0]            s_axil_rdata,
  output logic [1:0]             s_axil_rresp,
  output logic                   s_axil_rvalid,
  input  logic                   s_axil_rready,
  input  logic                   hold_i,          // no write now
  output logic [Count-1:0]       write_o,         // one pulse per write, to the register written
  output logic [31:0]            write_data_o,
  output logic [31:0]            write_mask_o,    // bits that the write's strobes cover
  input  logic [Count-1:0][31:0] values_i
);
  localparam int unsigned IndexBits = AddressBits - 2;
  localparam logic [1:0] Okay = 2'b00;
  localparam logic [1:0] SlaveError = 2'b10;

  if (Count > (1 << IndexBits)) begin : gen_check
    $error("%m: AddressBits do not reach the last register");
  end

  logic [IndexBits-1:0] write_index_q, read_index;
  logic [3:0] strobes_q;
  logic address_held_q, data_held_q, writes, reads, unused;

  assign read_index = s_axil_araddr[AddressBits-1:2];
  assign unused = ^{s_axil_awaddr[1:0], s_axil_araddr[1:0]};

  assign s_axil_awready = !address_held_q;
  assign s_axil_wready = !data_held_q;
  assign writes = address_held_q && data_held_q && (!s_axil_bvalid || s_axil_bready) &&
                  !hold_i;
  assign s_axil_arready = !s_axil_rvalid;
  assign reads = s_axil_arvalid && s_axil_arready;

  always_ff @(posedge clk) begin
    if (s_axil_awready) write_index_q <= s_axil_awaddr[AddressBits-1:2];
    if (s_axil_wready) {strobes_q, write_data_o} <= {s_axil_wstrb, s_axil_wdata};
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      address_held_q <= 1'b0;
      data_held_q <= 1'b0;
    end else begin
      address_held_q <= !writes && (address_held_q || s_axil_awvalid);
      data_held_q <= !writes && (data_held_q || s_axil_wvalid);
    end
  end

  for (genvar i = 0; i < 4; i++) begin : gen_mask
    assign write_mask_o[8*i+:8] = {8{strobes_q[i]}};
  end

  for (genvar i = 0; i < Count; i++) begin : gen_write
    assign write_o[i] = writes && Writable[i] && write_index_q == IndexBits'(i);
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      s_axil_bvalid <= 1'b0;
      s_axil_bresp <= Okay;
    end else if (writes) begin
      s_axil_bvalid <= 1'b1;
      s_axil_bresp <= (write_o != '0) ? Okay : SlaveError;
    end else if (s_axil_bready) begin
      s_axil_bvalid <= 1'b0;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      s_axil_rvalid <= 1'b0;
      s_axil_rresp <= Okay;
      s_axil_rdata <= '0;
    end else if (reads) begin
      s_axil_rvalid <= 1'b1;
      s_axil_rresp <= SlaveError;
      s_axil_rdata <= '0;
      for (int unsigned i = 0; i < Count; i++) begin
        if (read_index == IndexBits'(i)) begin
          s_axil_rresp <= Okay;
          s_axil_rdata <= values_i[i];
        end
      end
    end else if (s_axil_rready) begin
      s_axil_rvalid <= 1'b0;
    end
  end
endmodule
