"""`python -m studio catalogue | dataset | train | score`: see `--help` of each."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Parse the command line and run one command; heavy imports stay in the command that needs them."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(prog="studio", description="The sample studio.")
    commands = parser.add_subparsers(dest="command", required=True)
    catalogue = commands.add_parser("catalogue", help="render the sample catalogue into studio/catalogue")
    catalogue.add_argument("--part", choices=("users", "items", "looks", "all"), default="all")
    catalogue.add_argument("--workers", type=int, default=1, help="threads a picture")
    dataset = commands.add_parser("dataset", help="render training pictures into a folder, resumable")
    dataset.add_argument("folder", type=Path)
    dataset.add_argument("--count", type=int, default=1120)
    dataset.add_argument("--seed", type=int, default=1)
    dataset.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="processes")
    train = commands.add_parser("train", help="train the body net on a folder made by `dataset`, resumable")
    train.add_argument("folder", type=Path)
    train.add_argument("--steps", type=int, default=3000)
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    tuning = commands.add_parser(
        "score", help="score the body parser on full-length renders, kept in a folder"
    )
    tuning.add_argument("folder", type=Path)
    tuning.add_argument("--count", type=int, default=30, help="how many of the tuning seeds, 50 at most")
    arguments = vars(parser.parse_args())
    _COMMANDS[arguments.pop("command")](**arguments)


def make_catalogue(part: str, workers: int) -> None:
    """Render the catalogue, or the named part of it."""
    from studio import shoot
    from studio.wardrobe import ITEMS, PEOPLE

    if part in ("users", "all"):
        for user in PEOPLE:
            shoot.shoot_user(user, shoot.CATALOGUE, workers)
    if part in ("items", "all"):
        for item in ITEMS:
            shoot.shoot_item(item, shoot.CATALOGUE, workers)
    if part in ("looks", "all"):
        for user in PEOPLE:
            shoot.shoot_looks(user, shoot.CATALOGUE, workers)


def make_dataset(folder: Path, count: int, seed: int, workers: int) -> None:
    """Render the training set, or what is missing of it."""
    from studio import dataset

    dataset.make_dataset(folder, count, seed, workers)


def train_net(folder: Path, steps: int, seed: int, threads: int) -> None:
    """Train the body net, or go on with it, and write it to tryon/engines/weights."""
    from studio.export import export
    from studio.train import Plan, held_out, train

    plan = Plan(steps=steps, seed=seed)
    net, renders = train(folder, plan, threads)
    scores = held_out(net, folder, plan)
    logging.info("%s", scores)
    export(net, scores, seed=seed, renders=renders, steps=steps)


def print_scores(folder: Path, count: int) -> None:
    """Score the body parser on the tuning set; what is missing of it is rendered first."""
    from studio.tuning import score_parser

    logging.info("\n%s", score_parser(folder, count))


_COMMANDS: dict[str, Callable[..., None]] = {
    "catalogue": make_catalogue,
    "dataset": make_dataset,
    "train": train_net,
    "score": print_scores,
}


if __name__ == "__main__":
    main()
