// Proof of axi/hearth_axi_lite.sv, for a master that may do anything at any time:
//
//   - addresses and data of writes are kept, one of each, until both are there; the n-th address
//     goes with the n-th data. A place that is free accepts in the same cycle
//   - as soon as both are there, the last answer is taken and nobody holds writes back, the
//     register is written once, with that data and the mask of its strobes, and no other; an
//     address that is not Writable, or none, writes nothing and is answered with SLVERR
//   - a read is answered in the next cycle with the register's value at the time, or SLVERR and
//     zero
//   - every request is answered once, in order, and none unasked; an answer stays until it is taken
//
// Strengthening: the block's places are those of the reference.
module hearth_axi_lite_proof #(
  parameter int unsigned AddressBits = 5,
  parameter int unsigned Count = 5,
  parameter logic [31:0] Writable = 32'h16
) (
  input logic                   clk,
  input logic                   reset,
  input logic [AddressBits-1:0] awaddr,
  input logic [AddressBits-1:0] araddr,
  input logic                   awvalid,
  input logic                   wvalid,
  input logic                   bready,
  input logic                   arvalid,
  input logic                   rready,
  input logic                   hold,
  input logic [31:0]            wdata,
  input logic [3:0]             wstrb,
  input logic [Count-1:0][31:0] values
);
  localparam int unsigned IndexBits = AddressBits - 2;
  localparam logic [1:0] Okay = 2'b00, SlaveError = 2'b10;

  logic started_q = 1'b0;
  logic rst, awready, wready, bvalid, arready, rvalid;
  logic [1:0] bresp, rresp;
  logic [31:0] rdata, write_data, write_mask;
  logic [Count-1:0] write;

  assign rst = reset || !started_q;

  hearth_axi_lite #(
    .AddressBits(AddressBits), .Count(Count), .Writable(Writable[Count-1:0])
  ) dut (
    .clk, .rst, .s_axil_awaddr(awaddr), .s_axil_awvalid(awvalid), .s_axil_awready(awready),
    .s_axil_wdata(wdata), .s_axil_wstrb(wstrb), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
    .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(bready),
    .s_axil_araddr(araddr), .s_axil_arvalid(arvalid), .s_axil_arready(arready),
    .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(rready),
    .hold_i(hold), .write_o(write), .write_data_o(write_data), .write_mask_o(write_mask),
    .values_i(values)
  );

  // Reference: what has been accepted and not used, and the answers that are due.
  logic address_q, data_q, b_due_q, r_due_q, use_pair, writable, readable;
  logic [IndexBits-1:0] index_q, read_index;
  logic [31:0] word_q, r_data_q, mask;
  logic [3:0] strobes_q;
  logic [1:0] b_answer_q, r_answer_q;

  assign use_pair = address_q && data_q && (!b_due_q || bready) && !hold;
  assign writable = 32'(index_q) < Count && Writable[5'(index_q)];
  assign read_index = araddr[AddressBits-1:2];
  assign readable = 32'(read_index) < Count;
  for (genvar i = 0; i < 32; i++) begin : gen_mask
    assign mask[i] = strobes_q[i/8];
  end

  always_ff @(posedge clk) begin
    started_q <= 1'b1;
    if (awvalid && awready) index_q <= awaddr[AddressBits-1:2];
    if (wvalid && wready) {strobes_q, word_q} <= {wstrb, wdata};
    address_q <= !rst && ((awvalid && awready) || (address_q && !use_pair));
    data_q <= !rst && ((wvalid && wready) || (data_q && !use_pair));
    b_due_q <= !rst && (use_pair || (b_due_q && !bready));
    if (use_pair) b_answer_q <= writable ? Okay : SlaveError;
    r_due_q <= !rst && ((arvalid && arready) || (r_due_q && !rready));
    if (arvalid && arready) begin
      r_answer_q <= readable ? Okay : SlaveError;
      r_data_q <= readable ? values[read_index] : '0;
    end
  end

  always_comb begin
    if (!rst) begin
      assert (awready == !address_q && wready == !data_q);
      assert (write == ((use_pair && writable) ? Count'(1) << index_q : '0));
      assert (write == '0 || (write_data == word_q && write_mask == mask));
      assert (bvalid == b_due_q && (!bvalid || bresp == b_answer_q));
      assert (rvalid == r_due_q && (!rvalid || (rresp == r_answer_q && rdata == r_data_q)));
      assert (arready || rvalid);
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (!address_q || \dut.write_index_q == index_q);
      assert (!data_q || {write_mask, write_data} == {mask, word_q});
`endif
    end
  end

  (* hierconn *) logic [IndexBits-1:0] \dut.write_index_q ;
endmodule
