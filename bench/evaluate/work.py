"""The work of an evaluation in pieces that processes share, each by its own engines on one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import TypeVar

import cv2

from bench.evaluate.cast import Cast
from bench.evaluate.chain import Cutout, Engines, Wearer, upload
from bench.evaluate.hopeless import Example
from bench.evaluate.items import cut_out, packshots
from bench.evaluate.looks import Asked, score_look
from bench.evaluate.renders import load
from bench.evaluate.scenes import Scene
from bench.evaluate.scores import HopelessScore, LookScore
from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused

log = logging.getLogger(__name__)
T = TypeVar("T")
U = TypeVar("U")

Cutouts = Mapping[str, Cutout | Refused]


@cache
def engines() -> Engines:
    """This process's own."""
    cv2.setNumThreads(1)
    return Engines()


def shared(what: str, work: Callable[[T], U], jobs: Iterable[T], workers: int) -> list[U]:
    """`work` of each job, in that many processes, in order; with one, in this process."""
    listed = list(jobs)
    log.info("%s: %d", what, len(listed))
    if workers == 1 or len(listed) < 2:
        return [work(job) for job in listed]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, listed))


def all_cutouts(cast: Cast) -> dict[str, Cutout | Refused]:
    """What the detector gives of every packshot, by the piece's id."""
    pieces = cast.by_id
    return {name: cut_out(engines(), pieces[name], load(scene)) for name, scene in packshots(cast).items()}


def wearer_of(scene: Scene) -> Wearer | Refused:
    return engines().wearer(upload(load(scene).rgb))


def looks_of_person(job: tuple[list[Asked], Cutouts]) -> list[LookScore]:
    """All looks of one person; the photo is parsed once. A look whose photo or garment was refused is left out: that
    refusal counts where it was made."""
    wanted, cutouts = job
    wearer = wearer_of(wanted[0].before)
    scores = []
    for look in wanted:
        worn = [cutouts[piece.id] for piece in look.outfit.pieces]
        whole = [cutout for cutout in worn if not isinstance(cutout, Refused)]
        if isinstance(wearer, Refused) or len(whole) < len(worn):
            continue
        scores.append(score_look(engines(), look, wearer, whole, load(look.before), load(look.true)))
    return scores


def try_hopeless(job: tuple[Example, Wearer, Cutout, Cutout]) -> HopelessScore:
    """Through every door as far as it goes. The wearer, top and bottom are good ones, of other photos."""
    example, wearer, top, bottom = job
    picture = example.picture([load(scene) for scene in example.scenes], example.number)
    verdict = _item(picture, example.category, wearer) if example.category else _person(picture, top, bottom)
    return HopelessScore(example.kind, example.number, verdict if isinstance(verdict, Refused) else None)


def _item(picture: Pixels, category: Category, wearer: Wearer) -> Pixels | Refused:
    cutout = engines().cutout(upload(picture), category)
    return cutout if isinstance(cutout, Refused) else engines().look(wearer, [cutout])


def _person(picture: Pixels, top: Cutout, bottom: Cutout) -> Pixels | Refused:
    wearer = engines().wearer(upload(picture))
    return wearer if isinstance(wearer, Refused) else engines().look(wearer, [top, bottom])
