"""Clips and cameras as frames, and frames as a clip: the one place that knows PyAV (FFmpeg).

    source.py     a path as a clip or a camera
    kinds.py      what is a clip, told by its first bytes
    container.py  a file opened with care, and the stream of it that is shown
    clip.py       how many frames a file has and when; whether it is whole
    frames.py     some frames of a clip, decoded one after another
    camera.py     frames of a camera (Video4Linux)
    part.py       which frames are asked for
    picture.py    a decoded frame as upright 8-bit RGB of square pixels
    writer.py     frames as an H.264 file

A file is data from outside: each module says what it refuses. No clip is ever in memory whole.
"""
