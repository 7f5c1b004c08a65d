"""Photos that no honest try-on can be made of: each example must be refused at some door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bench.evaluate import spoiled
from bench.evaluate.cast import Cast, Outfit
from bench.evaluate.renders import Truth
from bench.evaluate.scenes import Backdrop, Scene, packshot_of, sitting_of, smaller
from studio import layout as at
from studio.pose import CROSSED, Pose
from tryon.core.ports import Pixels
from tryon.core.words import Category

EXAMPLES = 6
"""Of each kind."""

Picture = Callable[[Sequence[Truth], int], Pixels]

SPOILED: dict[str, Picture] = {
    "cropped at the knees": spoiled.above_the_knees,
    "head out of frame": spoiled.without_head,
    "sideways or upside down": spoiled.turned,
    "too small": spoiled.small,
    "blurred": spoiled.blurred,
    "too dark": spoiled.dark,
}
"""Good photos of one person, and what is done to them."""


@dataclass(frozen=True)
class Example:
    """scenes: what is rendered for it; picture: makes uint8 [H, W, 3] of them and the number. category: of an item's
    photo, as it was declared; None: a person's photo."""

    kind: str
    number: int
    scenes: tuple[Scene, ...]
    picture: Picture
    category: Category | None = None


def examples(cast: Cast) -> Iterator[Example]:
    """EXAMPLES of each kind, the same ones every time."""
    for number in range(EXAMPLES):
        for example in (*_people(cast, number), *_items(cast, number)):
            yield replace(example, scenes=tuple(smaller(scene) for scene in example.scenes))


def _people(cast: Cast, number: int) -> Iterator[Example]:
    seed = cast.seeds[60 + number]
    alone = _sitting(cast, number, seed)
    for kind, spoil in SPOILED.items():
        yield Example(kind, number, (alone,), spoil)
    for kind, pose in _poses(number).items():
        yield Example(kind, number, (_sitting(cast, number, seed, pose),), spoiled.nothing)
    other = _sitting(cast, number + 3, seed + 10)
    yield Example("two people", number, (alone, other), spoiled.beside)
    busy = replace(alone, backdrop=Backdrop(alone.backdrop.colours, clutter=seed))
    yield Example("busy backdrop", number, (busy,), spoiled.nothing)
    if number % 2:
        garment = packshot_of(cast.pieces[number % len(cast.pieces)], seed)
        yield Example("no person", number, (garment,), spoiled.nothing)
    else:
        yield Example("no person", number, (), spoiled.nobody)


def _items(cast: Cast, number: int) -> Iterator[Example]:
    seed = cast.seeds[80 + number]
    piece = cast.pieces[(4 * number + 1) % len(cast.pieces)]
    shot = packshot_of(piece, seed)
    declared = (Category.TOPS, Category.BOTTOMS, Category.DRESS)[number % 3]
    yield Example("person as an item", number, (_sitting(cast, number + 1, seed),), spoiled.nothing, declared)
    white = replace(piece, cut=replace(piece.cut, palette=((247, 247, 246),) * 3, texture=(at.PLAIN,)))
    paper = Backdrop(((250, 250, 250), (247, 247, 247)))
    on_white = replace(packshot_of(white, seed), backdrop=paper)
    yield Example("white on white", number, (on_white,), spoiled.burnt_out, piece.category)
    yield Example("garment cut off", number, (shot,), spoiled.cut_off, piece.category)
    tops = cast.of(Category.TOPS)
    mistaken = tops[number % len(tops)] if piece.category is not Category.BOTTOMS else piece
    wrong = (Category.BOTTOMS, Category.DRESS)[number % 2] if mistaken is not piece else Category.TOPS
    yield Example("wrong category", number, (packshot_of(mistaken, seed),), spoiled.nothing, wrong)


def _poses(number: int) -> dict[str, Pose]:
    """People who hide what would be dressed, each example a little otherwise."""
    other = 1.0 if number % 2 else -1.0
    return {
        "seated": Pose(seated=True, turn=4.0 * number * other),
        "from behind": Pose(turn=180.0 + 5.0 * number * other),
        "from the side": Pose(turn=other * (80.0 + 4.0 * number)),
        "arms crossed": Pose(*CROSSED, turn=2.0 * number * other),
    }


def _sitting(cast: Cast, number: int, seed: int, pose: Pose | None = None) -> Scene:
    """Whoever sits wears trousers, since skirts are cut for people who stand."""
    outfit = cast.outfit(7 * number + 1)
    if pose is not None and pose.seated:
        outfit = next(cast.outfit(n) for n in range(number, 1000) if _legged(cast.outfit(n)))
    return sitting_of(cast.people[number % len(cast.people)], outfit, seed, pose)


def _legged(outfit: Outfit) -> bool:
    return outfit.lower is not None and outfit.lower.kind == "trousers"
