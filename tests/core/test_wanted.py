"""Which keys are wanted, and which of them a change of one thing changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import (
    ANN,
    BOB,
    CLOSET,
    METHODS,
    RELEASE,
    TUCKED,
    catalogues,
    categories,
    changed,
    digest,
    item,
    keys,
    law,
    products,
    retaken,
    shelf,
    worn_items,
)
from tryon.core.errors import UnknownOutfit, UnknownUpload
from tryon.core.matrix import Matrix
from tryon.core.recipes import Stage
from tryon.core.records import Verdict
from tryon.core.releases import Release
from tryon.core.uploads import Item, UploadKind, UploadRef
from tryon.core.wanted import BODY, Wanted, missing
from tryon.core.words import Category, MaskKind, Outfit

LOOK = Outfit.parse("i1.tops+i2.bottoms")
TOP, BOTTOM = Outfit.parse("i1.tops"), Outfit.parse("i2.bottoms")


@law
@given(catalogues())
def test_every_product_has_its_own_key(items: tuple[Item, ...]) -> None:
    everything = [*products(shelf(ANN, items)), *products(shelf(BOB, items))]
    crops = sum(len(i.categories) for i in items)
    assert len({p.key for p in everything}) == len(everything) - crops


@law
@given(catalogues(), categories)
def test_a_new_item_changes_no_key(items: tuple[Item, ...], worn: tuple[Category, ...]) -> None:
    new = item(items[-1].ordinal + 1 if items else 1, *worn, id="new")
    before, after = keys(shelf(items=items)), keys(shelf(items=(*items, new)))
    assert before.items() <= after.items()
    assert all("new" in worn_items(place) for place in after.keys() - before.keys())


@law
@given(catalogues(min_size=1), st.data())
def test_a_changed_item_photo_changes_the_keys_that_use_it(
    items: tuple[Item, ...], data: st.DataObject
) -> None:
    old = data.draw(st.sampled_from(items))
    before = keys(shelf(items=items))
    after = keys(shelf(items=[retaken(i) if i is old else i for i in items]))
    assert before.keys() == after.keys()
    assert changed(before, after) == {place for place in before if old.id in worn_items(place)}


@law
@given(catalogues())
def test_a_changed_user_photo_changes_all_keys_of_that_user(items: tuple[Item, ...]) -> None:
    before = keys(shelf(ANN, items))
    after = keys(shelf(replace(ANN, sha256=digest("another photo")), items))
    assert changed(before, after) == {place for place in before if place[0] == "users/ann"}


@law
@given(catalogues())
def test_users_share_the_crops_and_nothing_else(items: tuple[Item, ...]) -> None:
    ann, bob = set(keys(shelf(ANN, items)).values()), set(keys(shelf(BOB, items)).values())
    crops = {p.key for p in products(shelf(ANN, items)) if p.stage is Stage.CROP}
    assert ann & bob == crops


def test_the_same_photo_under_another_id_is_another_person() -> None:
    twin = replace(BOB, sha256=ANN.sha256)
    assert not {p.key for p in shelf(ANN).parse()} & {p.key for p in shelf(twin).parse()}


@law
@given(catalogues(min_size=1), st.data())
def test_a_deleted_item_removes_the_keys_that_use_it(items: tuple[Item, ...], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(items))
    before = keys(shelf(items=items))
    after = keys(shelf(items=[i for i in items if i is not gone]))
    assert after == {place: key for place, key in before.items() if gone.id not in worn_items(place)}


@law
@given(catalogues())
def test_tops_and_bottoms_are_made_once_and_painted_over(items: tuple[Item, ...]) -> None:
    """T + B + D + T*B engine passes a user, not T + B + D + 2*T*B."""
    of = shelf(items=items)
    tryons = [p for p in products(of) if p.stage is Stage.TRYON]
    singles = {p.key for p in tryons if p.outfit and len(p.outfit.garments) == 1}
    assert len(tryons) == len({p.key for p in tryons}) == len(Matrix(items))
    assert {p.base.key for p in tryons if p.base} <= singles


def test_untucked_is_painted_over_the_bottom() -> None:
    look = shelf().tryon(LOOK)
    assert look.base == shelf().tryon(BOTTOM)


def test_tucked_is_painted_over_the_top() -> None:
    look = shelf(release=TUCKED).tryon(LOOK)
    assert look.base == shelf(release=TUCKED).tryon(TOP)


def test_the_order_is_part_of_the_recipe() -> None:
    assert shelf().tryon(LOOK).key != shelf(release=TUCKED).tryon(LOOK).key


def test_a_two_piece_uses_its_base_the_front_crop_its_mask_and_the_parse() -> None:
    of = shelf()
    front = of.wanted.crop(TOP.garments[0])
    expected = (of.tryon(BOTTOM).input, front.input, of.masks[MaskKind.UPPER].input, of.body.input)
    assert of.tryon(LOOK).recipe.inputs == expected


@pytest.mark.parametrize(
    ("outfit", "kind"),
    [("i1.tops", MaskKind.UPPER), ("i2.bottoms", MaskKind.LOWER), ("i5.dress", MaskKind.OVERALL)],
)
def test_a_single_uses_the_mask_of_its_region(outfit: str, kind: MaskKind) -> None:
    of = shelf()
    assert of.masks[kind].input in of.tryon(Outfit.parse(outfit)).recipe.inputs


def test_masks_are_made_from_the_parse() -> None:
    of = shelf()
    assert [p.name for p in of.parse()] == [BODY, *MaskKind]
    assert all(mask.recipe.inputs == (of.body.input,) for mask in of.masks.values())


def test_only_looks_get_a_splat() -> None:
    of = shelf()
    names = [p.name for i in CLOSET for p in of.splats(i)]
    assert names == [o.id for o in Matrix(CLOSET).outfits() if o.is_look]


def test_singles_get_a_splat_when_asked() -> None:
    of = shelf(release=Release(METHODS, splat_singles=True))
    assert len([p for i in CLOSET for p in of.splats(i)]) == len(Matrix(CLOSET))


def test_a_splat_is_made_from_its_look() -> None:
    of = shelf()
    look = of.tryon(LOOK)
    assert of.splat(look).recipe.inputs == (look.input,)


def test_a_next_generation_changes_every_key_but_those_made_from_photos_alone() -> None:
    again = keys(shelf(release=replace(RELEASE, generation=2)))
    same = {place for place, key in keys(shelf()).items() if again[place] == key}
    assert same == {p for p in again if p[1] == Stage.CROP or p[2] == BODY}


@pytest.mark.parametrize("stage", Stage)
def test_a_new_engine_revision_changes_its_stage_and_what_follows(stage: Stage) -> None:
    newer = {**METHODS, stage: replace(METHODS[stage], engines={"engine": "r2"})}
    found = {place[1] for place in changed(keys(shelf()), keys(shelf(release=Release(newer))))}
    assert (
        found
        == {
            Stage.CROP: {"crop", "tryon", "splat"},
            Stage.MASK: {"mask", "tryon", "splat"},
            Stage.TRYON: {"tryon", "splat"},
            Stage.SPLAT: {"splat"},
        }[stage]
    )


def test_a_product_has_the_generation_of_its_release() -> None:
    first, third = shelf().body, shelf(release=replace(RELEASE, generation=3)).body
    assert (first.generation, third.generation, first.key == third.key) == (1, 3, True)


def test_a_product_knows_every_upload_it_is_made_from() -> None:
    of = shelf()
    ann = UploadRef(UploadKind.USER, "ann", 10)
    one, two = UploadRef(UploadKind.ITEM, "i1", 1), UploadRef(UploadKind.ITEM, "i2", 2)
    look = of.tryon(LOOK)
    assert of.wanted.uploads_of(look) == (ann, one, two)
    assert of.wanted.uploads_of(of.splat(look)) == (ann, one, two)
    assert of.wanted.uploads_of(of.body) == (ann,)
    assert of.wanted.uploads_of(of.wanted.crop(TOP.garments[0])) == (one,)


def test_one_photo_worn_twice_is_one_upload() -> None:
    suit = item(1, Category.TOPS, Category.BOTTOMS, id="suit")
    of = shelf(items=[suit])
    look = of.tryon(Outfit.parse("suit.tops+suit.bottoms"))
    assert [ref.id for ref in of.wanted.uploads_of(look)] == ["ann", "suit"]


def test_a_pair_is_filed_under_the_item_that_completes_it() -> None:
    look = shelf().tryon(Outfit.parse("i3.tops+i2.bottoms"))
    assert look.item == CLOSET[2]


def test_missing_is_what_has_no_verdict() -> None:
    parse = shelf().parse()
    found = {parse[0].input: Verdict.PUBLISHED, parse[2].input: Verdict.REFUSED}
    assert missing(parse, found) == [parse[1], *parse[3:]]


def test_an_unknown_item_is_named() -> None:
    with pytest.raises(UnknownUpload, match="'hat'"):
        Wanted(CLOSET, RELEASE).item("hat")


def test_an_outfit_outside_the_matrix_is_unknown() -> None:
    with pytest.raises(UnknownOutfit, match=r"i5\.dress\+|i1\.bottoms"):
        shelf().tryon(Outfit.parse("i1.bottoms"))
