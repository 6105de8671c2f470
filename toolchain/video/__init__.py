"""What hw/video computes, in NumPy: a camera's picture becomes a frame of the network's size."""
