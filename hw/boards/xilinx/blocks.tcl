# What the block designs are made with; read before one of them.

# The newest version of an IP core that this Vivado has.
proc newest {core} {
  lindex [lsort -dictionary [get_ipdefs -all "xilinx.com:ip:${core}:*"]] end
}

proc cell {core name args} {
  set made [create_bd_cell -type ip -vlnv [newest $core] $name]
  if {[llength $args]} { set_property -dict $args $made }
  return $made
}

proc wire {from args} {
  foreach to $args { connect_bd_net [get_bd_pins $from] [get_bd_pins $to] }
}

proc bus {from to} {
  connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
}

# A design on a board with a processor, whose clock and memory are as its board files say.
proc processor {board_parts clock_mhz} {
  set found [lsort -dictionary [get_board_parts -quiet $board_parts]]
  if {[llength $found] == 0} {
    error "no board files match $board_parts: install them with Vivado's board store (xhub)"
  }
  set_property board_part [lindex $found end] [current_project]

  create_bd_design system

  set ps [cell zynq_ultra_ps_e ps]
  apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e -config {apply_board_preset 1} $ps
  set_property -dict [list \
    CONFIG.PSU__USE__M_AXI_GP0 1 \
    CONFIG.PSU__USE__M_AXI_GP1 0 \
    CONFIG.PSU__USE__M_AXI_GP2 0 \
    CONFIG.PSU__USE__S_AXI_GP2 1 \
    CONFIG.PSU__FPGA_PL0_ENABLE 1 \
    CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ $clock_mhz \
  ] $ps
}
