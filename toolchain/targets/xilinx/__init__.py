"""AMD's parts: the network with AXI buses, as Vivado projects, with resources counted by Yosys."""
