"""What an analyzer saw becomes phrases and prompts: nothing in a description can break a prompt or be lost in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tryon.core.ports import SeenGarment
from tryon.core.words import Category
from tryon.engines.grounding_dino.phrases import LONGEST, Question, ask, clean
from tryon.engines.grounding_dino.prompts import FRAME, prompts

MOST = 256
WORDS = st.text("abcde", min_size=1, max_size=9)
PHRASES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


def spans(text: str) -> list[tuple[int, int]]:
    """A tokenizer: pieces of at most three letters, punctuation by itself."""
    return [match.span() for match in re.finditer(r"\w{1,3}|[^\w\s]", text)]


def tops(*phrases: str) -> list[SeenGarment]:
    return [SeenGarment(Category.TOPS, phrase) for phrase in phrases]


def length(text: str) -> int:
    return len(spans(text)) + FRAME


# Phrases


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("White Shirt", "white shirt"),
        ("a dress. with dots?", "a dress with dots"),
        ("men's V-neck t-shirt", "men's v-neck t-shirt"),
        ("red,\n\tgreen; (blue) “skirt”", "red green blue skirt"),
        ("jeans．", "jeans"),
        ("a_b", "a b"),
        ("- ' -- !?", ""),
        ("", ""),
        ("robe d'été", "robe d'été"),
        ("[SEP] shirt [CLS]", "sep shirt cls"),
    ],
)
def test_a_description_is_cleaned(text: str, phrase: str) -> None:
    assert clean(text) == phrase


@given(st.text())
def test_nothing_that_separates_phrases_survives(text: str) -> None:
    found = clean(text)
    assert not set(found) & set(".?,;[]\n\t")
    assert found == " ".join(found.split())


def test_wanted_phrases_come_first_and_each_once() -> None:
    question = ask(tops("White shirt.", "white  shirt", "skirt"), ["hanger", "HANGER", "Skirt", ""], spans)
    assert question == Question(("white shirt", "skirt", "hanger"), 2, (0, 0, 1))


def test_a_garment_without_words_keeps_its_place() -> None:
    assert ask(tops("shirt", " ? "), [], spans) == Question(("shirt",), 1, (0, None))


@pytest.mark.parametrize("text", ["word " * 500, "x" * 5000, "a-" * 300])
def test_an_endless_description_is_cut_between_tokens(text: str) -> None:
    [phrase] = ask(tops(text), [], spans).phrases
    assert LONGEST - 1 <= len(spans(phrase)) <= LONGEST
    assert text.startswith(phrase)


@pytest.mark.parametrize(
    ("seen", "others", "alone"),
    [
        (["shirt"], [], True),
        (["shirt"], ["hat"], False),
        (["shirt", "skirt"], [], False),
        (["shirt"] * 2, [], False),
    ],
)
def test_alone_means_that_nothing_else_is_known_of(seen: list[str], others: list[str], alone: bool) -> None:
    assert ask(tops(*seen), others, spans).alone is alone


# Prompts


def test_a_prompt_ends_each_phrase_with_a_full_stop() -> None:
    question = ask(tops("dress shirt", "shirt dress"), ["belt"], spans)
    [prompt] = prompts(question, spans, MOST)
    assert prompt.text == "dress shirt. shirt dress. belt."
    assert prompt.spans == ((0, 11), (13, 24), (26, 30))
    assert prompt.phrases == (0, 1, 2)


def test_nothing_to_ask_is_no_prompt_with_phrases() -> None:
    assert [prompt.phrases for prompt in prompts(Question((), 0, ()), spans, MOST)] == [()]


def test_what_just_fits_is_one_prompt_and_a_token_more_is_two() -> None:
    question = ask(tops("abc"), [f"{'abc' * 3}d{c}" for c in "abcdefgh"], spans)
    exact = length(prompts(question, spans, MOST)[0].text)
    assert len(prompts(question, spans, exact)) == 1
    assert len(prompts(question, spans, exact - 1)) == 2


@given(
    st.lists(PHRASES, min_size=1, max_size=8, unique=True),
    st.lists(PHRASES, max_size=60, unique=True),
    st.integers(64, MOST),
)
def test_long_lists_are_split_so_that_each_wanted_phrase_meets_each_other(
    wanted: list[str], others: list[str], most: int
) -> None:
    question = ask(tops(*wanted), others, spans)
    found = prompts(question, spans, most)
    met = {(a, b) for prompt in found for a in prompt.phrases for b in prompt.phrases}
    every = range(len(question.phrases))
    assert all((a, b) in met for a in range(question.wanted) for b in every if b >= question.wanted or a == b)
    for prompt in found:
        assert length(prompt.text) <= most
        assert prompt.phrases[0] < question.wanted
        written = [prompt.text[start:end] for start, end in prompt.spans]
        assert written == [question.phrases[place] for place in prompt.phrases]
        assert prompt.text == "".join(f" {phrase}." for phrase in written).strip()
    assert len(found) == 1 or length(" ".join(f"{phrase}." for phrase in question.phrases)) > most
