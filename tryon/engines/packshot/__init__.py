"""Packshot: garments photographed alone on a plain, light surface, found and cut out by colour. CPU, no weights.

detector.py asks in this order: segment.py what stands out from the backdrop (pale.py and shadows.py where that is
little), cutout.py for its coverage, matching.py which part is which garment (silhouettes.py, contours.py,
category_scores.py), and for reasons to refuse: product_light.py, lying.py, worn_garment.py, wrong_photo.py.
"""

from tryon.engines.packshot.detector import PADDING, PackshotDetector

__all__ = ["PADDING", "PackshotDetector"]
