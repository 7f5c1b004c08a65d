"""Product photos that clearly do not show what was declared: another category, no garment, a person.

The declared category is believed unless the outline clearly says otherwise. The figures are measured on 18
packshots of the studio and 36 drawn outlines at 512 pixels, and on 72 pictures of people.
"""

from __future__ import annotations

from collections.abc import Sequence

from tryon.core.areas import Area
from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused
from tryon.engines.packshot.category_scores import CLOTHES, SHAPED, category_scores, shoe_size
from tryon.engines.packshot.contours import contour, levelled
from tryon.engines.packshot.lying import check_lying
from tryon.engines.packshot.silhouettes import Candidate, outline
from tryon.engines.reasons import of_product

MARGIN = 0.5
"""Another category's score is better by this much.

Right pairs: at most 0.20 (a tunic), below 0.3 when turned by 12 degrees or stretched by a third. Wrong pairs:
a folded pullover as bottoms 0.52, other short tops as a dress or bottoms 0.72, a skirt as a top 0.57 or more,
a flared dress as a top 0.69, jeans as a top or a dress 0.88, a pair of shoes 1. In between, and
believed: straight dresses as tops 0.20, a long coat as bottoms 0.36, a tee as a dress 0.
"""

NAMED = {category: category.value for category in SHAPED} | {Category.DRESS: "a dress"}
"""As a sentence calls them."""

TOO_SMALL = 0.02
"""Of the photo: less is a logo or a label; the smallest garment of a set fills 0.10."""

ROUND = 0.85
"""Of the circle around it: more is a ball or a plate, 0.92; garments have at most 0.71."""

RECTANGLE, LYING_RECTANGLE, LYING = 0.96, 0.92, 0.55
"""Of the rectangle around it: more is a board or a book. Straight boards have 0.96 to 1, turned ones 0.94 to 0.96,
tops and dresses at most 0.86.

Shorts have 0.95, so what has less is named by its scores: bottoms. A straight skirt has 0.98, so bottoms are
boards only if they lie (height over width; garments from 0.65, and those flare: 0.72).
"""


def check_photo(
    image: Pixels, candidate: Candidate, category: Category, others: Sequence[Area]
) -> Refused | None:
    """Why the candidate is not a garment of that category, if it clearly is none.

    others: the photo's other parts. Bags and accessories may have any shape.
    """
    if category not in SHAPED:
        return None
    share = float(candidate.mask.mean())
    if category in CLOTHES and share < TOO_SMALL:
        what = f"What stands out fills only {share:.1%} of the photo, too little for a garment"
        return of_product("not_a_garment", what=what)
    if category in CLOTHES and _is_plain_shape(candidate.mask, category):
        return of_product("not_a_garment", what=f"The outline is not one of {NAMED[category]}")
    scores = category_scores(candidate, others)
    # How it lies comes first: an outline that is turned says little of the category. Shoes lie in any way.
    lies = (
        check_lying(candidate.mask, category)
        if category in CLOTHES and scores[Category.SHOES] < MARGIN
        else None
    )
    if lies:
        return lies
    likelier = max(SHAPED, key=lambda other: scores[other])
    if category is Category.SHOES:
        scores[category] = shoe_size(candidate)
    if scores[likelier] - scores[category] < MARGIN:
        return None
    return of_product("wrong_category", likelier=NAMED[likelier], category=NAMED[category])


def _is_plain_shape(mask: Area, category: Category) -> bool:
    level = levelled(mask)
    edge = contour(level)
    if category is Category.BOTTOMS:
        board = edge.rectangular > LYING_RECTANGLE and outline(level).tall < LYING
    else:
        board = edge.rectangular > RECTANGLE
    return edge.round > ROUND or board
