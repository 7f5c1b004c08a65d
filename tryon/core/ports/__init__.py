"""The ports: what a stage asks of a model (one engine a file in tryon/engines/) and of outside systems (tryon/stores/).

Pictures are numpy arrays, uint8, [H, W, 3], RGB, sRGB unless said otherwise; masks are uint8 [H, W] with
only 0 and 255. Every method takes a batch and answers one value per entry, in order: a result, or `Refused`
with a reason for a person to read. An exception means infrastructure (it is retried), never a bad photo.
"""

from tryon.core.ports._answers import Answers
from tryon.core.ports._calls import Calls
from tryon.core.ports._engines import (
    Analysis,
    Analyzer,
    Body,
    BodyParser,
    Detected,
    DetectJob,
    Detector,
    Dressed,
    Dresser,
    DressJob,
    Pixels,
    ProductPhoto,
    Samples,
    Scenic,
    SeenGarment,
    SplatJob,
    Splatter,
    sampled,
    scenic,
)
from tryon.core.ports._loading import Loading, OnDevice, Releasing, device_of, load_now, release_now
from tryon.core.ports._records import Records
from tryon.core.ports._stores import Archive, Blobs, Documents, Uploads

__all__ = [
    "Analysis",
    "Analyzer",
    "Answers",
    "Archive",
    "Blobs",
    "Body",
    "BodyParser",
    "Calls",
    "DetectJob",
    "Detected",
    "Detector",
    "Documents",
    "DressJob",
    "Dressed",
    "Dresser",
    "Loading",
    "OnDevice",
    "Pixels",
    "ProductPhoto",
    "Records",
    "Releasing",
    "Samples",
    "Scenic",
    "SeenGarment",
    "SplatJob",
    "Splatter",
    "Uploads",
    "device_of",
    "load_now",
    "release_now",
    "sampled",
    "scenic",
]
