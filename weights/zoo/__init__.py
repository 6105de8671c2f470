"""Networks of many kinds, trained here on CIFAR-10: their definitions and what training left."""
