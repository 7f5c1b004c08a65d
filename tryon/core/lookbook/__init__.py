"""What shoppers see: views over a pipeline that change nothing and make nothing.

Only an outfit whose published key is the wanted one is shown, and nothing ever takes its place.
"""

from tryon.core.lookbook.files import Picked, crop_image, image, person_photo, splat_file, splat_record
from tryon.core.lookbook.logs import LogPage, event_facts, events_since, log_page
from tryon.core.lookbook.matrix import coverage_matrix
from tryon.core.lookbook.outfit import outfit, shown_outfit
from tryon.core.lookbook.outfits import outfits
from tryon.core.lookbook.people import people, person
from tryon.core.lookbook.progress import Forecast, progress
from tryon.core.lookbook.views import (
    Card,
    Cell,
    CoverageMatrix,
    Filter,
    ImageFacts,
    OutfitPage,
    OutfitView,
    People,
    Person,
    Progress,
    Provenance,
    SplatFacts,
    StageProgress,
    State,
    Step,
    UploadFacts,
    Working,
)

__all__ = [
    "Card",
    "Cell",
    "CoverageMatrix",
    "Filter",
    "Forecast",
    "ImageFacts",
    "LogPage",
    "OutfitPage",
    "OutfitView",
    "People",
    "Person",
    "Picked",
    "Progress",
    "Provenance",
    "SplatFacts",
    "StageProgress",
    "State",
    "Step",
    "UploadFacts",
    "Working",
    "coverage_matrix",
    "crop_image",
    "event_facts",
    "events_since",
    "image",
    "log_page",
    "outfit",
    "outfits",
    "people",
    "person",
    "person_photo",
    "progress",
    "shown_outfit",
    "splat_file",
    "splat_record",
]
