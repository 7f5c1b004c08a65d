"""Every app file of deploy/modal: a new one is covered by the tests beside this at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from modal_proto import api_pb2

from tests.peers.modal_deploys import Deployed, ModalDeploys
from tests.peers.modal_peer import TOKEN_ID, TOKEN_SECRET, ModalPeer

ROOT = Path(__file__).parents[2]
FILES = tuple(sorted((ROOT / "deploy/modal").glob("*.py")))
NAMES = tuple(path.stem for path in FILES)
WEB = {
    "crops": "fastapi_app_v2",
    "lookbook": "fastapi_app",
    "masks": "Web.*",
    "splat_api": "fastapi_app",
    "tryons": "fastapi_app",
}
"""Web functions, by app: they answer whoever has one of our keys."""
WEB_ONLY = ("lookbook", "splat_api")
"""Apps without a worker of the pipeline."""
WORKERS = tuple(name for name in NAMES if name not in WEB_ONLY)


def load(name: str) -> ModuleType:
    """The app file, executed anew."""
    spec = spec_from_file_location(f"deployed_{name}", ROOT / f"deploy/modal/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Modal looks for the functions of a file among the modules that are loaded.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def environment(peer: ModalPeer) -> Mapping[str, str]:
    """Nothing of the caller's own Modal account, and no setting of theirs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FASHION_", "MODAL_"))}
    modal = {"SERVER_URL": peer.address, "TOKEN_ID": TOKEN_ID, "TOKEN_SECRET": TOKEN_SECRET}
    nowhere = {"MODAL_CONFIG_PATH": os.devnull}
    return kept | nowhere | {f"MODAL_{name}": value for name, value in modal.items()}


ONE_AFTER_THE_OTHER = """
import sys
from modal.__main__ import main
for path in sys.argv[1:]:
    sys.argv = ["modal", "deploy", path]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""
"""The command line of Modal, whose imports take longer than a deployment."""


def deploy_all(peer: ModalPeer) -> None:
    """`modal deploy FILE` for each, at the project's root."""
    _run(peer, ["-c", ONE_AFTER_THE_OTHER, *(path.relative_to(ROOT).as_posix() for path in FILES)])


def run(peer: ModalPeer, name: str, *options: str) -> str:
    """`modal run FILE` at the project's root; what it says."""
    return _run(peer, ["-m", "modal", "run", f"deploy/modal/{name}.py", *options])


def _run(peer: ModalPeer, arguments: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(peer),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.returncode, peer.wrong) == (0, []), done.stdout
    return done.stdout


@dataclass(frozen=True)
class Sent:
    """One app as Modal got it."""

    peer: ModalDeploys
    app: Deployed

    def function(self, name: str) -> api_pb2.Function:
        found: api_pb2.Function = self.app.functions[name].ranked_functions[0].function
        return found

    def functions(self) -> dict[str, api_pb2.Function]:
        return {name: self.function(name) for name in self.app.functions}

    def gpus(self, name: str) -> list[str]:
        ranked = [one.function.resources.gpu_config for one in self.app.functions[name].ranked_functions]
        return [config.gpu_type for config in ranked if config.count]

    def volumes(self, name: str) -> dict[str, str]:
        return {m.mount_path: self.peer.volumes[m.volume_id] for m in self.function(name).volume_mounts}

    def secrets(self, name: str) -> dict[str, list[str]]:
        """Named ones, with the keys they must have."""
        ids = self.function(name).secret_ids
        return {self.peer.secrets[one]: self.peer.required[one] for one in ids if self.peer.secrets[one]}

    def variables(self, name: str) -> dict[str, str]:
        """Of the image, then of the function, which go before them."""
        commands = [line.removeprefix("ENV ") for line in self.commands(name) if line.startswith("ENV ")]
        found = dict(line.split("=", 1) for line in commands)
        for one in self.function(name).secret_ids:
            found |= self.peer.values[one]
        return found

    def commands(self, name: str) -> list[str]:
        """Of every layer of its image, the first one first."""
        found: list[str] = []
        image_id = self.function(name).image_id
        while image_id:
            image = self.peer.images[image_id]
            found = [*image.dockerfile_commands, *found]
            image_id = image.base_images[0].image_id if image.base_images else ""
        return found

    def files(self, name: str) -> set[str]:
        return {file for mount in self.function(name).mount_ids for file in self.peer.mounts[mount]}
