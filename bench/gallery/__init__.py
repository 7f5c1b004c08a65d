"""docs/gallery.md: what the sample engines make of the sample catalogue, and what they refuse to make.

`bench.gallery.write.write` is the door. No figures: those are docs/evaluation.md's.
"""
