# Block design for Zynq UltraScale+ boards: frames come from and results go to the processor's memory.
#
#   PS HPM0 --> smartconnect --> s_axil of hearth_block, registers of the DMA engine
#   PS HP0  <-- smartconnect <-- DMA engine: memory -> s_axis, m_axis -> memory
#
# blocks.tcl has the procedures.
# settings.tcl has set: board_parts clock_mhz result_bits control_address dma_address.

processor $board_parts $clock_mhz

cell proc_sys_reset reset
cell smartconnect control CONFIG.NUM_SI 1 CONFIG.NUM_MI 2
cell smartconnect memory CONFIG.NUM_SI 2 CONFIG.NUM_MI 1
cell axi_dma dma \
  CONFIG.c_include_sg 0 \
  CONFIG.c_sg_length_width 26 \
  CONFIG.c_m_axi_mm2s_data_width 64 \
  CONFIG.c_m_axis_mm2s_tdata_width 32 \
  CONFIG.c_mm2s_burst_size 64 \
  CONFIG.c_m_axi_s2mm_data_width 64 \
  CONFIG.c_s_axis_s2mm_tdata_width $result_bits
create_bd_cell -type module -reference hearth_block hearth

bus ps/M_AXI_HPM0_FPD control/S00_AXI
bus control/M00_AXI hearth/s_axil
bus control/M01_AXI dma/S_AXI_LITE
bus dma/M_AXIS_MM2S hearth/s_axis
bus hearth/m_axis dma/S_AXIS_S2MM
bus dma/M_AXI_MM2S memory/S00_AXI
bus dma/M_AXI_S2MM memory/S01_AXI
bus memory/M00_AXI ps/S_AXI_HP0_FPD

wire ps/pl_clk0 reset/slowest_sync_clk ps/maxihpm0_fpd_aclk ps/saxihp0_fpd_aclk control/aclk \
  memory/aclk hearth/aclk dma/s_axi_lite_aclk dma/m_axi_mm2s_aclk dma/m_axi_s2mm_aclk
wire ps/pl_resetn0 reset/ext_reset_in
wire reset/peripheral_aresetn control/aresetn memory/aresetn hearth/aresetn dma/axi_resetn

assign_bd_address -offset $control_address -range 4K [get_bd_addr_segs hearth/s_axil/*]
assign_bd_address -offset $dma_address -range 4K [get_bd_addr_segs dma/S_AXI_LITE/*]
assign_bd_address
