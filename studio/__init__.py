"""The sample studio: renders people and garments, writes the sample catalogue and trains the sample nets.

Development only. What it makes (`studio/catalogue`, `tryon/engines/weights`) is committed, so nothing at run
time needs numba or torch. Units are metres with y up, the floor at y = 0 and the person facing +z, so the
person's left is +x and lies on the right of the image.
"""
