# Block design for boards without a processor: frames and results travel through the JTAG cable.
#
#   oscillator --> clk_wiz --> everything
#   jtag_axi --> smartconnect --> s_axil of hearth_block, registers of the stream FIFO
#   stream FIFO: words written by the host -> s_axis, m_axis -> words read by the host
#
# blocks.tcl has the procedures.
# settings.tcl has set: clock_mhz input_mhz result_bits control_address stream_address.

if {$result_bits != 32} {
  error "the stream FIFO carries 32 bits a beat, but the network's results have $result_bits"
}

create_bd_design system

set clock [create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:diff_clock_rtl:1.0 clock]
set_property CONFIG.FREQ_HZ [expr {int($input_mhz * 1000000)}] $clock

cell clk_wiz pll \
  CONFIG.PRIM_SOURCE Differential_clock_capable_pin \
  CONFIG.PRIM_IN_FREQ $input_mhz \
  CONFIG.CLKOUT1_REQUESTED_OUT_FREQ $clock_mhz \
  CONFIG.USE_RESET false
cell xlconstant one CONFIG.CONST_VAL 1 CONFIG.CONST_WIDTH 1
cell proc_sys_reset reset
cell jtag_axi jtag CONFIG.PROTOCOL 2
cell smartconnect control CONFIG.NUM_SI 1 CONFIG.NUM_MI 2
cell axi_fifo_mm_s stream \
  CONFIG.C_USE_TX_CTRL 0 \
  CONFIG.C_USE_TX_CUT_THROUGH 1 \
  CONFIG.C_TX_FIFO_DEPTH 512 \
  CONFIG.C_RX_FIFO_DEPTH 2048
create_bd_cell -type module -reference hearth_block hearth

connect_bd_intf_net $clock [get_bd_intf_pins pll/CLK_IN1_D]
bus jtag/M_AXI control/S00_AXI
bus control/M00_AXI hearth/s_axil
bus control/M01_AXI stream/S_AXI
bus stream/AXI_STR_TXD hearth/s_axis
bus hearth/m_axis stream/AXI_STR_RXD

wire pll/clk_out1 reset/slowest_sync_clk control/aclk hearth/aclk jtag/aclk stream/s_axi_aclk
wire pll/locked reset/dcm_locked
wire one/dout reset/ext_reset_in
wire reset/peripheral_aresetn control/aresetn hearth/aresetn jtag/aresetn stream/s_axi_aresetn

assign_bd_address -offset $control_address -range 4K [get_bd_addr_segs hearth/s_axil/*]
assign_bd_address -offset $stream_address -range 4K [get_bd_addr_segs stream/S_AXI/*]
