"""AMD boards: the network with AXI buses, as Vivado projects, with resource estimates from Yosys.

registers.py   the AXI4-Lite register map: one table for the RTL, the host and the documentation
axi.py         RTL files of the network with its AXI border (hw/axi)
boards.py      what differs between boards, as data
vivado.py      the Vivado project of a board
estimate.py    resources of the RTL on a part, counted by Yosys
dma_host.py    the host's side on Zynq boards (PYNQ)
"""
