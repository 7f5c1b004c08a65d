"""The hub of our tests is one that the real client understands, and declares what the real one would read from it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import huggingface_hub
import pytest

from tests.peers.hub import COMMIT, hub_peer

WEIGHTS = bytes(range(256)) * 40
FILES = {"owner/name": {"unet/config.json": b'{"a": 1}', "unet/model.safetensors": WEIGHTS}}


def test_the_real_client_reads_what_it_declares() -> None:
    with hub_peer(FILES) as peer:
        api = huggingface_hub.HfApi(endpoint=peer.endpoint, token=False)
        info = api.model_info("owner/name", revision="main", files_metadata=True)
    assert info.sha == COMMIT
    config, weights = info.siblings or []
    assert (config.rfilename, config.size, config.lfs) == ("unet/config.json", 8, None)
    assert weights.lfs is not None
    assert weights.lfs.sha256 == sha256(WEIGHTS).hexdigest()


@pytest.mark.parametrize("path", list(FILES["owner/name"]))
def test_the_real_client_downloads_from_it(path: str, tmp_path: Path) -> None:
    with hub_peer(FILES) as peer:
        found = huggingface_hub.hf_hub_download(
            "owner/name", path, endpoint=peer.endpoint, cache_dir=tmp_path, token=False
        )
    assert Path(found).read_bytes() == FILES["owner/name"][path]
    assert Path(found).parts[-3] == COMMIT
