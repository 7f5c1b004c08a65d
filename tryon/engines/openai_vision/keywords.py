"""Which category a noun belongs to: the second opinion on the model's own choice.

Words are matched whole. In English the noun that says what a thing is comes last: a dress shirt is a shirt, a shirt
dress a dress, a belt bag a bag. A last word that is not known says nothing: a shirt hanger is no shirt. A word that
means two things is left out: a jumper is a sweater in London and a dress in New York.
"""

from __future__ import annotations

import re

from tryon.core.words import Category

_NOUNS = {
    Category.TOPS: (
        "top shirt tshirt tee blouse sweater pullover hoodie sweatshirt cardigan jacket coat blazer vest "
        "waistcoat parka polo tunic turtleneck camisole cami corset tank windbreaker anorak henley gilet fleece "
        "overshirt shacket bomber peacoat overcoat raincoat trenchcoat halterneck kimono poncho crewneck puffer"
    ),
    Category.BOTTOMS: (
        "trousers trouser pants pant jeans jean skirt miniskirt shorts leggings legging joggers chinos chino culottes "
        "slacks sweatpants skort cargos bottoms capris jeggings palazzos"
    ),
    Category.DRESS: (
        "dress gown sundress minidress jumpsuit romper playsuit dungarees overalls onesie kaftan abaya frock pinafore "
        "boilersuit"
    ),
    Category.SHOES: (
        "shoe sneaker trainer boot bootie heel heels pump pumps loafer sandal slipper mule oxfords brogue clog "
        "espadrille moccasin stiletto flats footwear slingback derbies wellies plimsoll"
    ),
    Category.BAGS: (
        "bag handbag tote backpack purse clutch satchel rucksack briefcase crossbody duffel pouch suitcase minaudiere"
    ),
    Category.ACCESSORIES: (
        "belt hat cap beanie scarf glove glasses sunglasses watch necklace bracelet earring ring tie bowtie sock "
        "tights stocking jewellery jewelry brooch headband wallet anklet beret bandana shawl mitten suspenders "
        "cufflink pendant fedora visor cravat choker bangle"
    ),
}  # fmt: skip
_CATEGORY = {noun: category for category, nouns in _NOUNS.items() for noun in nouns.split()}
_AFTER_NOUN = frozenset({"with", "in", "on", "over", "under", "for", "from", "at", "without", "worn"})
_PLURALS = (("s", ""), ("es", ""), ("ves", "f"), ("ies", "y"))
_JOINS = frozenset({"and", "or"})


def category_of(text: str) -> Category | None:
    """None: it does not say, or names things of several categories.

    >>> category_of("striped dress shirt"), category_of("pair of boots"), category_of("shirt hanger")
    (<Category.TOPS: 'tops'>, <Category.SHOES: 'shoes'>, None)
    """
    named = {_head(part) for part in _parts(re.findall("[a-z]+", text.lower()))}
    return named.pop() if len(named) == 1 else None


def _parts(words: list[str]) -> list[list[str]]:
    """The words of each thing named, without what follows its noun; "a pair of boots" is the boots."""
    parts: list[list[str]] = [[]]
    for word in words:
        if word in _AFTER_NOUN:
            break
        if word in _JOINS:
            parts.append([])
        elif word == "of":
            parts[-1] = []
        else:
            parts[-1].append(word)
    return parts


def _head(words: list[str]) -> Category | None:
    if not words:
        return None
    noun = words[-1]
    singulars = [noun.removesuffix(plural) + end for plural, end in _PLURALS if noun.endswith(plural)]
    return next((_CATEGORY[form] for form in (noun, *singulars) if form in _CATEGORY), None)
