// The network `net` with AXI buses: AXI4-Stream video in, AXI4-Stream results out, AXI4-Lite
// control.
//
// Sizes and the register map come from the generated package hearth_axi_pkg. All buses share one
// clock; aresetn is synchronous and active low. This file joins the registers to the frames' way
// through the network (hearth_axi_frames.sv) and to the ROMs in UltraRAM (hearth_axi_load.sv), and
// holds no logic but the reset.
module hearth_axi (
  input  logic                  aclk,
  input  logic                  aresetn,
  input  logic [hearth_axi_pkg::InBits-1:0] s_axis_tdata,
  input  logic                  s_axis_tvalid,
  output logic                  s_axis_tready,
  input  logic                  s_axis_tuser,
  input  logic                  s_axis_tlast,
  output logic [hearth_axi_pkg::OutBits-1:0] m_axis_tdata,
  output logic                  m_axis_tvalid,
  input  logic                  m_axis_tready,
  output logic                  m_axis_tuser,
  output logic                  m_axis_tlast,
  input  logic [hearth_axi_pkg::AddressBits-1:0] s_axil_awaddr,
  input  logic                  s_axil_awvalid,
  output logic                  s_axil_awready,
  input  logic [31:0]           s_axil_wdata,
  input  logic [3:0]            s_axil_wstrb,
  input  logic                  s_axil_wvalid,
  output logic                  s_axil_wready,
  output logic [1:0]            s_axil_bresp,
  output logic                  s_axil_bvalid,
  input  logic                  s_axil_bready,
  input  logic [hearth_axi_pkg::AddressBits-1:0] s_axil_araddr,
  input  logic                  s_axil_arvalid,
  output logic                  s_axil_arready,
  output logic [31:0]           s_axil_rdata,
  output logic [1:0]            s_axil_rresp,
  output logic                  s_axil_rvalid,
  input  logic                  s_axil_rready
);
  logic load_start, load_write, load_hold, loaded;
  logic [31:0] load_count, load_crc;
  hearth_load_pkg::load_t load;
  logic rst, restart_q, enable, restart, busy, taken, damaged, waiting, answered;
  logic [31:0] timeout, write_data, write_mask, top;
  logic [hearth_axi_pkg::RegisterCount-1:0] write;
  logic [hearth_axi_pkg::RegisterCount-1:0][31:0] values;
  logic [4:0] faults;

  always_ff @(posedge aclk) rst <= !aresetn;
  always_ff @(posedge aclk) restart_q <= !aresetn || restart;

  hearth_axi_lite #(
    .AddressBits(hearth_axi_pkg::AddressBits),
    .Count(hearth_axi_pkg::RegisterCount),
    .Writable(hearth_axi_pkg::Writable)
  ) u_lite (
    .clk(aclk),
    .rst,
    .s_axil_awaddr,
    .s_axil_awvalid,
    .s_axil_awready,
    .s_axil_wdata,
    .s_axil_wstrb,
    .s_axil_wvalid,
    .s_axil_wready,
    .s_axil_bresp,
    .s_axil_bvalid,
    .s_axil_bready,
    .s_axil_araddr,
    .s_axil_arvalid,
    .s_axil_arready,
    .s_axil_rdata,
    .s_axil_rresp,
    .s_axil_rvalid,
    .s_axil_rready,
    .hold_i(load_hold),
    .write_o(write),
    .write_data_o(write_data),
    .write_mask_o(write_mask),
    .values_i(values)
  );

  hearth_axi_control u_control (
    .clk(aclk),
    .rst,
    .write_i(write),
    .write_data_i(write_data),
    .write_mask_i(write_mask),
    .values_o(values),
    .enable_o(enable),
    .restart_o(restart),
    .load_start_o(load_start),
    .load_write_o(load_write),
    .loaded_i(loaded),
    .load_count_i(load_count),
    .load_crc_i(load_crc),
    .timeout_o(timeout),
    .busy_i(busy),
    .faults_i(faults),
    .taken_i(taken),
    .damaged_i(damaged),
    .answered_i(answered),
    .waiting_i(waiting),
    .top_i(top)
  );

  hearth_axi_load #(
    .Bytes(hearth_axi_pkg::LoadBytes)
  ) u_load (
    .clk(aclk),
    .rst,
    .start_i(load_start),
    .write_i(load_write),
    .data_i(write_data),
    .hold_o(load_hold),
    .load_o(load),
    .count_o(load_count),
    .crc_o(load_crc),
    .done_o(loaded)
  );

  hearth_axi_frames u_frames (
    .clk(aclk),
    .rst,
    .load_i(load),
    .restart_i(restart_q),
    .enable_i(enable),
    .timeout_i(timeout),
    .s_axis_tdata,
    .s_axis_tvalid,
    .s_axis_tready,
    .s_axis_tuser,
    .s_axis_tlast,
    .m_axis_tdata,
    .m_axis_tvalid,
    .m_axis_tready,
    .m_axis_tuser,
    .m_axis_tlast,
    .busy_o(busy),
    .faults_o(faults),
    .taken_o(taken),
    .damaged_o(damaged),
    .waiting_o(waiting),
    .answered_o(answered),
    .top_o(top)
  );
endmodule
