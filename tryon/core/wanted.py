"""What should exist: every product with its recipe, computed from uploads and a release alone.

Nothing is loaded or made here. A plan, a stage, `why` and an export all ask this module for the wanted
key, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tryon.core.errors import UnknownUpload
from tryon.core.matrix import Matrix
from tryon.core.recipes import Input, Recipe, Stage
from tryon.core.records import Verdict
from tryon.core.releases import Release
from tryon.core.uploads import Item, UploadKind, UploadRef, User
from tryon.core.words import Garment, MaskKind, Outfit

BODY = "body"
"""Name of the mask stage's first product: label map and keypoints, which the masks are computed from."""


class Product(NamedTuple):
    """One wanted result (a tuple, since a plan builds millions).

    generation: its release's. base: the try-on it is painted over or made from.
    """

    recipe: Recipe
    key: str
    generation: int
    user: User | None
    item: Item | None
    outfit: Outfit | None = None
    base: Product | None = None

    @property
    def stage(self) -> Stage:
        return self.recipe.method.stage

    @property
    def name(self) -> str:
        return self.recipe.name

    @property
    def input(self) -> Input:
        return Input(self.key, self.generation)


@dataclass
class Wanted:
    """The catalogue side of the matrix, shared by all users."""

    items: Sequence[Item]
    release: Release

    def __post_init__(self) -> None:
        self.matrix = Matrix(self.items)
        self._items = {item.id: item for item in self.items}
        self._crops: dict[str, Product] = {}
        self._owners: dict[str, Item] = {}

    def has(self, item_id: str) -> bool:
        return item_id in self._items

    def item(self, item_id: str) -> Item:
        if item_id not in self._items:
            raise UnknownUpload(f"there is no item {item_id!r}; add a photo with `fashion add-item`")
        return self._items[item_id]

    def crops(self, item: Item) -> tuple[Product, ...]:
        return tuple(self.crop(Garment(item.id, category)) for category in item.categories)

    def crop(self, garment: Garment) -> Product:
        if garment.id not in self._crops:
            item = self._items[garment.item]
            recipe = Recipe(
                self.release.methods[Stage.CROP], f"items/{item.id}", garment.id, (item.sha256,), ()
            )
            self._crops[garment.id] = Product(recipe, recipe.key, self.release.generation, None, item)
        return self._crops[garment.id]

    def owner(self, outfit: Outfit) -> Item:
        """The item whose pairs own `outfit`. Raises UnknownOutfit outside the matrix."""
        if outfit.id not in self._owners:
            self._owners[outfit.id] = self._items[self.matrix.owner(outfit)]
        return self._owners[outfit.id]

    def offers(self, product: Product) -> bool:
        """Whether every item that the product shows is still there."""
        return all(self.has(item_id) for item_id in _items_of(product))

    def uploads_of(self, product: Product) -> tuple[UploadRef, ...]:
        """Every upload that the product was made from."""
        refs = [UploadRef(UploadKind.ITEM, i, self._items[i].ordinal) for i in _items_of(product)]
        return (
            *([UploadRef(UploadKind.USER, product.user.id, product.user.ordinal)] if product.user else []),
            *refs,
        )


def _items_of(product: Product) -> list[str]:
    if product.outfit:
        return list(dict.fromkeys(garment.item for garment in product.outfit.garments))
    return [product.item.id] if product.item else []


class Shelf:
    """Everything wanted for one user."""

    def __init__(self, wanted: Wanted, user: User, standings: Mapping[Input, Verdict]) -> None:
        self.wanted, self.user, self.standings = wanted, user, standings
        self._release = wanted.release
        self._subject = f"users/{user.id}"
        self._uploads = (user.sha256,)
        self.body = self._product(Stage.MASK, BODY, ())
        self.masks = {kind: self._product(Stage.MASK, kind.value, (self.body.input,)) for kind in MaskKind}
        self._worn = {kind: (mask.input, self.body.input) for kind, mask in self.masks.items()}
        self._singles: dict[str, Product] = {}

    def parse(self) -> tuple[Product, ...]:
        return (self.body, *self.masks.values())

    def tryon(self, outfit: Outfit) -> Product:
        if len(outfit.garments) == 2:
            return self._two_piece(outfit)
        return self._single(outfit.garments[0])

    def _single(self, garment: Garment) -> Product:
        if garment.id not in self._singles:
            self._singles[garment.id] = self._dressed(Outfit((garment,)), garment, None)
        return self._singles[garment.id]

    def splat(self, look: Product) -> Product:
        """The splat of a try-on."""
        return self._product(Stage.SPLAT, look.name, (look.input,), look.item, look.outfit, look)

    def every_tryon(self) -> Iterator[Product]:
        """Every try-on, in the order of the matrix."""
        return map(self.tryon, self.wanted.matrix.outfits())

    def every_splat(self) -> Iterator[Product]:
        """The splats of all try-ons that get one."""
        outfits = filter(self._release.wants_splat, self.wanted.matrix.outfits())
        return (self.splat(self.tryon(outfit)) for outfit in outfits)

    def everything(self) -> Iterator[Product]:
        yield from (*self.parse(), *self.every_tryon(), *self.every_splat())

    @property
    def complete(self) -> bool:
        """Every outfit, and every splat, has its verdict."""
        return not missing(self.every_tryon(), self.standings) and not missing(
            self.every_splat(), self.standings
        )

    def singles(self, item: Item) -> list[Product]:
        return [self.tryon(outfit) for outfit in self.wanted.matrix.singles(item)]

    def two_piece(self, item: Item) -> list[Product]:
        return [self.tryon(outfit) for outfit in self.wanted.matrix.two_piece(item)]

    def splats(self, item: Item) -> list[Product]:
        owned = self.wanted.matrix.owned(item)
        return [self.splat(self.tryon(outfit)) for outfit in owned if self._release.wants_splat(outfit)]

    def _two_piece(self, outfit: Outfit) -> Product:
        back, front = self._release.order.layers(outfit)
        return self._dressed(outfit, front, self._single(back))

    def _dressed(self, outfit: Outfit, front: Garment, base: Product | None) -> Product:
        region = front.category.region
        assert region is not None, "the matrix holds only garments that can be tried on"
        owner = self.wanted.owner(outfit)
        inputs = (self.wanted.crop(front).input, *self._worn[region])
        made = (base.input, *inputs) if base else inputs
        return self._product(Stage.TRYON, outfit.id, made, owner, outfit, base)

    def _product(
        self,
        stage: Stage,
        name: str,
        inputs: tuple[Input, ...],
        item: Item | None = None,
        outfit: Outfit | None = None,
        base: Product | None = None,
    ) -> Product:
        recipe = Recipe(self._release.methods[stage], self._subject, name, self._uploads, inputs)
        return Product(recipe, recipe.key, self._release.generation, self.user, item, outfit, base)


def missing(products: Iterable[Product], standings: Mapping[Input, Verdict]) -> list[Product]:
    """Those without a verdict."""
    return [product for product in products if product.input not in standings]
