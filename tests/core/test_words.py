"""Names: which ids are legal, what is a garment, what is an outfit, in which order it is painted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import ids, law
from tryon.core.errors import InvalidId, UnknownOutfit
from tryon.core.words import ID_RULE, Category, Garment, MaskKind, Order, Outfit, check_id

TEE, JEANS = Garment("tee", Category.TOPS), Garment("jeans", Category.BOTTOMS)
GOWN = Garment("gown", Category.DRESS)
garments = st.builds(Garment, ids, st.sampled_from(Category))
outfits = st.one_of(
    ids.map(lambda i: Outfit((Garment(i, Category.TOPS),))),
    ids.map(lambda i: Outfit((Garment(i, Category.BOTTOMS),))),
    ids.map(lambda i: Outfit((Garment(i, Category.DRESS),))),
    st.tuples(ids, ids).map(
        lambda two: Outfit((Garment(two[0], Category.TOPS), Garment(two[1], Category.BOTTOMS)))
    ),
)


@law
@given(ids)
def test_an_id_within_the_rule_is_kept(value: str) -> None:
    assert check_id(value) == value


@law
@given(st.text().filter(lambda text: not re.fullmatch(ID_RULE, text)))
def test_any_other_text_is_refused_with_the_rule(value: str) -> None:
    with pytest.raises(InvalidId, match=re.escape(ID_RULE)):
        check_id(value)


@pytest.mark.parametrize(
    "value", ["", "Ann", "a|b", "a.b", "a+b", "a/b", "../a", "-a", "_a", "a b", "a\n", "é", "a" * 64]
)
def test_what_breaks_a_store_is_refused(value: str) -> None:
    with pytest.raises(InvalidId, match=re.escape(repr(value))):
        check_id(value, "user id")


def test_the_longest_id_has_63_characters() -> None:
    assert check_id("a" * 63) == "a" * 63


@law
@given(garments)
def test_a_garment_is_read_back_from_its_id(garment: Garment) -> None:
    assert Garment.parse(garment.id) == garment


@pytest.mark.parametrize("text", ["tee", "tee.", "tee.hats", "tee.TOPS", ".", ""])
def test_what_is_no_garment_is_unknown(text: str) -> None:
    with pytest.raises(UnknownOutfit, match=r"item\.category"):
        Garment.parse(text)


def test_a_garment_of_an_illegal_item_is_refused() -> None:
    with pytest.raises(InvalidId, match=re.escape(ID_RULE)):
        Garment.parse("Tee.tops")


@law
@given(outfits)
def test_an_outfit_is_read_back_from_its_id(outfit: Outfit) -> None:
    assert Outfit.parse(outfit.id) == outfit


@pytest.mark.parametrize(
    "text",
    [
        "jeans.bottoms+tee.tops",
        "tee.tops+tee.tops",
        "tee.tops+gown.dress",
        "bag.bags",
        "pumps.shoes",
        "ring.accessories",
        "tee.tops+jeans.bottoms+gown.dress",
        "tee.tops+",
    ],
)
def test_what_nobody_wears_is_no_outfit(text: str) -> None:
    with pytest.raises(UnknownOutfit):
        Outfit.parse(text)


def test_an_empty_outfit_is_refused() -> None:
    with pytest.raises(UnknownOutfit):
        Outfit(())


@pytest.mark.parametrize(
    ("outfit", "look"),
    [
        (Outfit((TEE,)), False),
        (Outfit((JEANS,)), False),
        (Outfit((GOWN,)), True),
        (Outfit((TEE, JEANS)), True),
    ],
)
def test_a_look_is_complete(outfit: Outfit, look: bool) -> None:
    assert outfit.is_look is look


@pytest.mark.parametrize(
    ("order", "back_to_front"), [(Order.UNTUCKED, (JEANS, TEE)), (Order.TUCKED, (TEE, JEANS))]
)
def test_the_garment_in_front_is_painted_last(order: Order, back_to_front: tuple[Garment, ...]) -> None:
    assert order.layers(Outfit((TEE, JEANS))) == back_to_front


@law
@given(outfits, st.sampled_from(Order))
def test_layers_are_the_outfits_garments(outfit: Outfit, order: Order) -> None:
    assert sorted(order.layers(outfit)) == sorted(outfit.garments)


def test_only_what_is_tried_on_has_a_region() -> None:
    assert {category: category.region for category in Category if category.region} == {
        Category.TOPS: MaskKind.UPPER,
        Category.BOTTOMS: MaskKind.LOWER,
        Category.DRESS: MaskKind.OVERALL,
    }
