"""`python -m studio catalogue | dataset | train`: see `--help` of each."""

from __future__ import annotations

import argparse
import logging
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
    train = commands.add_parser("train", help="train the body net on a folder made by `dataset`")
    train.add_argument("folder", type=Path)
    train.add_argument("--steps", type=int, default=2600)
    train.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.command == "catalogue":
        make_catalogue(arguments.part, arguments.workers)
    elif arguments.command == "dataset":
        from studio.dataset import make_dataset

        make_dataset(arguments.folder, arguments.count, arguments.seed)
    else:
        from studio.train import train_body

        train_body(arguments.folder, arguments.steps, arguments.seed)


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


if __name__ == "__main__":
    main()
