"""What lies behind toolchain/data/images.py: pictures, arrays, lists and folders of other people.

    decode.py   one picture file as 8-bit RGB or RGBA, upright
    budget.py   what a picture may cost
    quiet.py    what decoders write to standard error
    depth.py    grey values of 16 and 32 bits and floats, brought to 8 bits
    arrays.py   frames of a .npy or .npz, read a few at a time
    table.py    a CSV of file names, with or without labels
    folder.py   the pictures in a folder and in the folders below
    labels.py   the one rule of what a label is, and class folders as labels

Everything here is read from files that nobody has checked: each module says what it refuses.
"""
