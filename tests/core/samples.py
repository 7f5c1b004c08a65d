"""Made-up catalogues, people and releases, and the strategies that draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from hypothesis import settings
from hypothesis import strategies as st

from tryon.core.recipes import Input, Method, Stage
from tryon.core.records import Verdict
from tryon.core.releases import Release
from tryon.core.uploads import Item, User
from tryon.core.wanted import Product, Shelf, Wanted
from tryon.core.words import Category, Order

law = settings(deadline=None, max_examples=60)
"""For property tests: enough examples to break a wrong rule, and no clock on a shared machine."""

METHODS = {stage: Method(stage, 1, {f"engine-{stage.value}": "r1"}) for stage in Stage}
RELEASE = Release(METHODS)
TUCKED = Release(METHODS, Order.TUCKED)

ids = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True)
categories = st.lists(st.sampled_from(Category), min_size=1, unique=True).map(tuple)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def item(ordinal: int, *worn: Category, id: str = "") -> Item:
    name = id or f"i{ordinal}"
    return Item(ordinal, name, digest(name), worn)


def user(ordinal: int, id: str = "") -> User:
    name = id or f"u{ordinal}"
    return User(ordinal, name, digest(name))


def retaken(upload: Item) -> Item:
    """The same item with another photo."""
    return replace(upload, sha256=digest(upload.sha256))


@st.composite
def catalogues(draw: st.DrawFn, min_size: int = 0, max_size: int = 6) -> tuple[Item, ...]:
    """Items in ordinal order, with gaps where others were deleted."""
    worn = draw(st.lists(categories, min_size=min_size, max_size=max_size))
    gaps = draw(st.lists(st.integers(1, 4), min_size=len(worn), max_size=len(worn)))
    return tuple(item(sum(gaps[: n + 1]), *each) for n, each in enumerate(worn))


TOPS, BOTTOMS, DRESS = Category.TOPS, Category.BOTTOMS, Category.DRESS
CLOSET = (item(1, TOPS), item(2, BOTTOMS), item(3, TOPS), item(4, BOTTOMS), item(5, DRESS))
"""2 tops, 2 bottoms, 1 dress: 5 single try-ons and 4 two-piece ones."""
ANN, BOB = user(10, "ann"), user(11, "bob")

Standings = Mapping[Input, Verdict]


def shelf(
    person: User = ANN,
    items: Iterable[Item] = CLOSET,
    release: Release = RELEASE,
    standings: Standings | None = None,
) -> Shelf:
    known = standings or {}
    return Shelf(Wanted(tuple(items), release), person, known)


def products(of: Shelf) -> list[Product]:
    """Everything wanted for one user: crops, body parse, masks, try-ons, splats."""
    found = [crop for each in of.wanted.items for crop in of.wanted.crops(each)] + list(of.parse())
    for each in of.wanted.items:
        found += [*of.singles(each), *of.two_piece(each), *of.splats(each)]
    return found


Place = tuple[str, str, str]
"""(subject, stage, name): which product, whatever its recipe is."""


def keys(of: Shelf) -> dict[Place, str]:
    return {(p.recipe.subject, p.stage.value, p.name): p.key for p in products(of)}


def changed(before: Mapping[Place, str], after: Mapping[Place, str]) -> set[Place]:
    """Places in both whose key differs."""
    return {place for place in before.keys() & after.keys() if before[place] != after[place]}


def worn_items(place: Place) -> set[str]:
    """Ids of the items that a product is made from."""
    _, stage, name = place
    return set() if stage == Stage.MASK else {garment.partition(".")[0] for garment in name.split("+")}
