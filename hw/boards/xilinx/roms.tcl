# Runs before synthesis, in its directory: copies the ROM images there.
file copy -force [file join [file dirname [file normalize [info script]]] rom] .
