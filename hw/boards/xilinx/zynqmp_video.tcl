# Block design for Zynq UltraScale+ boards with a camera: zynqmp.tcl, but that frames come from the
# port `video` and the DMA engine brings results alone.
#
#   video --> s_axis of hearth_block: scaler, network
#   PS HPM0 --> smartconnect --> s_axil of hearth_block, registers of the DMA engine
#   PS HP0  <-- smartconnect <-- DMA engine: m_axis -> memory
#
# `video` is AXI4-Stream video of the camera's size in the clock video_clk, one pixel a beat: red in
# the lowest byte, then green, blue; tuser on the first pixel, tlast on the last of each line. The
# port has no pins. For a MIPI camera, whose lanes and timing are the module's own, these cores
# belong in its place (delete_bd_objs [get_bd_intf_ports video]), none of which is made here:
#
#   xilinx.com:ip:mipi_csi2_rx_subsystem  D-PHY, CSI-2, video format bridge: one pixel a beat
#   xilinx.com:ip:v_demosaic              Bayer to RGB, 8 bits, one pixel a clock; red, blue, green
#   xilinx.com:ip:axis_subset_converter   to the order of here:
#                                         CONFIG.TDATA_REMAP {tdata[15:8],tdata[7:0],tdata[23:16]}
#   xilinx.com:ip:axi_iic                 the camera's registers
#
# blocks.tcl has the procedures.
# settings.tcl has set: board_parts clock_mhz result_bits control_address dma_address.

processor $board_parts $clock_mhz

cell proc_sys_reset reset
cell smartconnect control CONFIG.NUM_SI 1 CONFIG.NUM_MI 2
cell smartconnect memory CONFIG.NUM_SI 1 CONFIG.NUM_MI 1
cell axi_dma dma \
  CONFIG.c_include_sg 0 \
  CONFIG.c_sg_length_width 26 \
  CONFIG.c_include_mm2s 0 \
  CONFIG.c_m_axi_s2mm_data_width 64 \
  CONFIG.c_s_axis_s2mm_tdata_width $result_bits
create_bd_cell -type module -reference hearth_block hearth

set video [create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:axis_rtl:1.0 video]
set_property -dict [list \
  CONFIG.TDATA_NUM_BYTES 3 \
  CONFIG.TUSER_WIDTH 1 \
  CONFIG.HAS_TLAST 1 \
  CONFIG.HAS_TREADY 1 \
] $video
set video_clk [create_bd_port -dir O -type clk video_clk]
set_property CONFIG.ASSOCIATED_BUSIF video $video_clk

connect_bd_intf_net $video [get_bd_intf_pins hearth/s_axis]
connect_bd_net $video_clk [get_bd_pins ps/pl_clk0]
bus ps/M_AXI_HPM0_FPD control/S00_AXI
bus control/M00_AXI hearth/s_axil
bus control/M01_AXI dma/S_AXI_LITE
bus hearth/m_axis dma/S_AXIS_S2MM
bus dma/M_AXI_S2MM memory/S00_AXI
bus memory/M00_AXI ps/S_AXI_HP0_FPD

wire ps/pl_clk0 reset/slowest_sync_clk ps/maxihpm0_fpd_aclk ps/saxihp0_fpd_aclk control/aclk \
  memory/aclk hearth/aclk dma/s_axi_lite_aclk dma/m_axi_s2mm_aclk
wire ps/pl_resetn0 reset/ext_reset_in
wire reset/peripheral_aresetn control/aresetn memory/aresetn hearth/aresetn dma/axi_resetn

assign_bd_address -offset $control_address -range 4K [get_bd_addr_segs hearth/s_axil/*]
assign_bd_address -offset $dma_address -range 4K [get_bd_addr_segs dma/S_AXI_LITE/*]
assign_bd_address
