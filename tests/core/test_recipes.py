"""One text for one recipe, one key for one text, and every field of it counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import digest, ids, law
from tryon.core.recipes import Input, Method, Recipe, Stage, canonical_json, method_of
from tryon.core.words import EngineCard

digests = ids.map(digest)
values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
methods = st.builds(
    Method,
    st.sampled_from(Stage),
    st.integers(1),
    st.dictionaries(st.text(min_size=1), st.text(), max_size=3),
    st.dictionaries(st.text(), values, max_size=4),
    st.integers(),
)
recipes = st.builds(
    Recipe,
    methods,
    st.tuples(st.sampled_from(["users", "items"]), ids).map("/".join),
    st.lists(ids.map(lambda name: f"{name}.tops"), min_size=1, max_size=2).map("+".join),
    st.lists(digests, max_size=3).map(tuple),
    st.lists(st.builds(Input, digests, st.integers(1)), max_size=3).map(tuple),
)
METHOD = Method(Stage.TRYON, 1, {"warp": "3"}, {"order": "untucked", "width": 768}, 42)
RECIPE = Recipe(METHOD, "users/ann", "tee.tops", (digest("photo"),), (Input(digest("crop"), 1),))


def with_method(change: Callable[[Method], Method]) -> Recipe:
    return RECIPE._replace(method=change(METHOD))


VARIANTS: Mapping[str, Recipe] = {
    "stage": with_method(lambda m: replace(m, stage=Stage.SPLAT)),
    "version": with_method(lambda m: replace(m, version=2)),
    "engine": with_method(lambda m: replace(m, engines={"other": "3"})),
    "revision": with_method(lambda m: replace(m, engines={"warp": "4"})),
    "another engine": with_method(lambda m: replace(m, engines={"warp": "3", "judge": "1"})),
    "parameter": with_method(lambda m: replace(m, parameters={"order": "tucked", "width": 768})),
    "parameter type": with_method(lambda m: replace(m, parameters={"order": "untucked", "width": "768"})),
    "seed": with_method(lambda m: replace(m, seed=43)),
    "subject": RECIPE._replace(subject="users/bob"),
    "kind of subject": RECIPE._replace(subject="items/ann"),
    "name": RECIPE._replace(name="tee.bottoms"),
    "upload": RECIPE._replace(uploads=(digest("another photo"),)),
    "no upload": RECIPE._replace(uploads=()),
    "input": RECIPE._replace(inputs=(Input(digest("another crop"), 1),)),
    "generation of an input": RECIPE._replace(inputs=(Input(digest("crop"), 2),)),
    "one more input": RECIPE._replace(inputs=(Input(digest("crop"), 1), Input(digest("mask"), 1))),
}


@law
@given(recipes)
def test_the_fast_text_is_the_canonical_json_of_the_facts(recipe: Recipe) -> None:
    assert recipe.canonical() == canonical_json(recipe.facts())


@law
@given(recipes)
def test_the_text_holds_every_fact(recipe: Recipe) -> None:
    assert json.loads(recipe.canonical()) == recipe.facts()


@law
@given(recipes)
def test_the_key_is_the_digest_of_the_text(recipe: Recipe) -> None:
    assert recipe.key == sha256(recipe.canonical().encode()).hexdigest()


@law
@given(recipes, recipes)
def test_one_key_is_one_recipe(one: Recipe, other: Recipe) -> None:
    assert (one.key == other.key) == (canonical_json(one.facts()) == canonical_json(other.facts()))


@pytest.mark.parametrize("field", VARIANTS)
def test_the_key_depends_on_the(field: str) -> None:
    assert VARIANTS[field].key != RECIPE.key


def test_no_two_variants_share_a_key() -> None:
    assert len({recipe.key for recipe in VARIANTS.values()}) == len(VARIANTS)


def test_the_order_of_inputs_counts() -> None:
    two = (Input(digest("base"), 1), Input(digest("crop"), 1))
    assert RECIPE._replace(inputs=two).key != RECIPE._replace(inputs=two[::-1]).key


def test_the_order_of_parameters_does_not_count() -> None:
    swapped = with_method(lambda m: replace(m, parameters={"width": 768, "order": "untucked"}))
    assert swapped.key == RECIPE.key


def test_a_published_key_never_changes() -> None:
    """Editing this constant means that every result ever published is made again."""
    assert RECIPE.key == KNOWN_KEY


def test_a_number_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"scale": float("nan")})


def test_a_method_names_the_revision_of_each_engine() -> None:
    cards = [EngineCard(name, f"{name}-7", "MIT", True, True) for name in ("detector", "analyzer")]
    assert method_of(Stage.CROP, 2, *cards) == Method(
        Stage.CROP, 2, {"analyzer": "analyzer-7", "detector": "detector-7"}
    )


KNOWN_KEY = "017535e3b6569a0118e1a8ae3d1399a8fec2c2225429bede78167e5efc86d8cc"
