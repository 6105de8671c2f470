# Checks the block design, makes its wrapper the top module, and puts ROM images where synthesis runs.

validate_bd_design
save_bd_design
set_property synth_checkpoint_mode None [get_files system.bd]
generate_target all [get_files system.bd]
add_files -norecurse [make_wrapper -files [get_files system.bd] -top]
update_compile_order -fileset sources_1

# $readmemh names files as rom/..., relative to the directory that synthesis runs in.
set_property STEPS.SYNTH_DESIGN.TCL.PRE [file normalize roms.tcl] [get_runs synth_1]
