"""From the float network and calibration photographs to the integer network (`QGraph`)."""
