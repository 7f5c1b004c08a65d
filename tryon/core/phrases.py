"""What a detector is asked to find, where all that is known of a photo is a category."""

from __future__ import annotations

from tryon.core.words import Category

PHRASES = {
    Category.TOPS: "top",
    Category.BOTTOMS: "trousers or skirt",
    Category.DRESS: "dress",
    Category.SHOES: "pair of shoes",
    Category.BAGS: "bag",
    Category.ACCESSORIES: "accessory",
}
"""In lower case and without full stops, which separate phrases."""
