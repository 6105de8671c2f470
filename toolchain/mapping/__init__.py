"""From the integer network to hardware decisions (`Design`): folding, FIFO depths."""
