"""Pulling published weights: what arrives is what was published, or nothing is kept; then no network is needed."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.contract.pulling import CONFIG, FILES, PLAIN, REPO, WEIGHTS, cache, content, lying, model, single
from tests.peers.hub import COMMIT, HubPeer, hub_peer
from tryon.core.errors import (
    AccessDenied,
    DiskFull,
    DownloadFailed,
    InvalidSetting,
    ModelDamaged,
    ModelMissing,
    ReadOnly,
)
from tryon.core.models import Model, ModelFile
from tryon.stores import model_cache
from tryon.stores.model_cache import ModelCache, State
from tryon.stores.models.digests import Published, Tell, hash_file
from tryon.stores.models.hub import Hub

PUBLISHED = {"unet/config.json": CONFIG, "unet/model.safetensors": WEIGHTS}


@pytest.fixture
def peer() -> Iterator[HubPeer]:
    with hub_peer(FILES, PLAIN) as found:
        yield found


def test_exactly_the_needed_files_lie_as_they_are_published(peer: HubPeer, tmp_path: Path) -> None:
    folder = cache(tmp_path, peer).pull(model())
    assert folder == tmp_path / "tiny-unet" / COMMIT
    assert content(folder) == PUBLISHED


def test_progress_ends_at_the_size_of_each_file(peer: HubPeer, tmp_path: Path) -> None:
    told: dict[str, tuple[int, int | None]] = {}

    def tell(model: str, file: str, done: int, total: int | None) -> None:
        told[file] = (done, total)

    cache(tmp_path, peer).pull(model(), tell)
    assert told == {path: (len(data), len(data)) for path, data in PUBLISHED.items()}


def test_without_a_network_a_pulled_model_is_served_and_verified(
    peer: HubPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache(tmp_path, peer).pull(model("main", known=False))
    peer.stop()

    def forbidden(*arguments: object, **options: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", forbidden)
    later = ModelCache(tmp_path, Hub(offline=True))
    assert content(later.folder(model("main", known=False))) == PUBLISHED
    later.verify(model("main"))
    assert later.pull(model("main")) == later.folder(model("main"))


def test_offline_a_missing_model_is_not_asked_for(peer: HubPeer, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="HF_HUB_OFFLINE is set"):
        cache(tmp_path, peer, offline=True).pull(model())
    assert peer.requests == []


def test_a_missing_model_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="run `fashion models pull tiny-unet`"):
        ModelCache(tmp_path).folder(model())


def test_a_worker_reads_a_cache_that_it_may_not_write(
    peer: HubPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = cache(tmp_path, peer)
    folder = models.pull(model("main"))

    def read_only(*arguments: object, **options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tryon.stores.models.shelf.os.open", read_only)
    assert models.folder(model("main")) == models.pull(model("main")) == folder
    models.verify(model("main"))
    assert models.standing(model("main")).state is State.COMPLETE
    (folder / "unet/config.json").unlink()
    with pytest.raises(ReadOnly, match="read-only"):
        models.pull(model("main"))


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ModelCache(Path("~/models")).root == tmp_path / "models"


# A moving revision


def test_main_is_locked_to_the_commit_of_the_first_pull(peer: HubPeer, tmp_path: Path) -> None:
    models = cache(tmp_path, peer)
    assert models.revision(model("main")) == "main"
    models.pull(model("main"))
    peer.refs["main"] = "f" * 40
    peer.files[REPO]["unet/model.safetensors"] = b"newer"
    assert models.pull(model("main")).name == COMMIT
    assert models.revision(model("main")) == COMMIT
    assert models.standing(model("main")).commit == COMMIT


def test_an_unfinished_pull_of_main_goes_on_with_its_commit(peer: HubPeer, tmp_path: Path) -> None:
    peer.faults.status["model.safetensors"] = 503
    with pytest.raises(DownloadFailed):
        cache(tmp_path, peer).pull(model("main"))
    peer.faults.status.clear()
    peer.refs = {"main": "f" * 40, "older": COMMIT}
    assert cache(tmp_path, peer).pull(model("main")).name == COMMIT


def test_a_hub_that_serves_another_commit_than_was_pinned_is_refused(peer: HubPeer, tmp_path: Path) -> None:
    peer.refs["a" * 40] = COMMIT
    with pytest.raises(ModelDamaged, match=COMMIT):
        cache(tmp_path, peer).pull(model("a" * 40))


# Interruptions


@pytest.mark.parametrize("known", [True, False])
def test_a_cut_transfer_goes_on_where_it_stopped(peer: HubPeer, tmp_path: Path, known: bool) -> None:
    peer.faults.cut = 100_000
    assert content(cache(tmp_path, peer).pull(model(known=known))) == PUBLISHED
    assert peer.downloads("model.safetensors") == [None, "bytes=100000-", "bytes=200000-", "bytes=300000-"]


def test_the_next_pull_goes_on_too(peer: HubPeer, tmp_path: Path) -> None:
    peer.faults.cut, peer.faults.cuts = 100_000, 1
    peer.faults.status["storage-is-down"] = 503
    models = cache(tmp_path, peer)
    models._pause = lambda seconds: peer.faults.status.update({"model.safetensors": 503})
    with pytest.raises(DownloadFailed, match=r"503.*goes on where it stopped"):
        models.pull(model())
    assert models.standing(model()).state is State.UNFINISHED
    with pytest.raises(ModelMissing, match="unfinished"):
        models.folder(model())
    peer.faults.status.clear()
    cache(tmp_path, peer).pull(model())
    assert peer.downloads("model.safetensors")[-1] == "bytes=100000-"
    assert content(models.folder(model())) == PUBLISHED
    assert [path.name for path in (tmp_path / "tiny-unet").glob("*.part")] == []


def test_a_server_without_ranges_sends_it_all_again(peer: HubPeer, tmp_path: Path) -> None:
    peer.faults.cut, peer.faults.cuts, peer.faults.no_ranges = 100_000, 2, True
    assert content(cache(tmp_path, peer).pull(model())) == PUBLISHED


def test_pauses_grow_and_end(peer: HubPeer, tmp_path: Path) -> None:
    pauses: list[float] = []
    peer.faults.status["config.json"] = 503
    models = ModelCache(tmp_path, Hub(peer.endpoint), pauses.append)
    with pytest.raises(DownloadFailed, match=r"unet/config\.json could not be fetched .*503"):
        models.pull(model())
    assert pauses == [1, 2, 4, 8]


def test_a_hub_that_is_not_there(peer: HubPeer, tmp_path: Path) -> None:
    models = cache(tmp_path, peer)
    peer.stop()
    with pytest.raises(DownloadFailed, match=r"tiny-unet .* could not be fetched .*check the network"):
        models.pull(model())


# Other bytes than were published


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("fault", ["lie", "short"])
def test_what_is_not_as_published_is_not_kept(peer: HubPeer, tmp_path: Path, fault: str, known: bool) -> None:
    setattr(peer.faults, fault, True)
    models = cache(tmp_path, peer)
    with pytest.raises(ModelDamaged, match="tiny-unet: unet/"):
        models.pull(model(known=known))
    assert content(tmp_path / "tiny-unet" / COMMIT) == {}
    assert [path for path in tmp_path.rglob("*.part/**/*") if path.is_file()] == []
    with pytest.raises(ModelMissing):
        models.folder(model())


def test_a_server_that_does_not_end_cannot_fill_the_disk(peer: HubPeer, tmp_path: Path) -> None:
    peer.faults.endless = True
    with pytest.raises(ModelDamaged, match=r"longer at .* than the 19 bytes"):
        cache(tmp_path, peer).pull(model())
    (part,) = [path for path in tmp_path.rglob("*.part/**/*") if path.is_file()]
    assert part.stat().st_size < 500_000
    peer.faults.endless = False
    assert content(cache(tmp_path, peer).pull(model())) == PUBLISHED


def test_a_server_that_has_nothing_from_the_first_byte_on(peer: HubPeer, tmp_path: Path) -> None:
    peer.faults.status["model.safetensors"] = 416
    with pytest.raises(DownloadFailed, match="has no byte 0"):
        cache(tmp_path, peer).pull(model())


def test_a_hub_that_declares_another_digest_than_ours_sends_nothing(peer: HubPeer, tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"declares unet/model\.safetensors with sha256"):
        cache(tmp_path, peer).pull(lying(model()))
    assert peer.downloads("model.safetensors") == []


def test_changed_weights_are_never_served(peer: HubPeer, tmp_path: Path) -> None:
    models = cache(tmp_path, peer)
    weights = models.pull(model()) / "unet/model.safetensors"
    weights.write_bytes(b"!" + WEIGHTS[1:])
    with pytest.raises(ModelDamaged, match=r"unet/model\.safetensors has sha256 .*`fashion models pull"):
        models.folder(model())
    with pytest.raises(ModelDamaged, match=r"unet/model\.safetensors has sha256 .*`fashion models pull"):
        models.verify(model())
    weights.write_bytes(WEIGHTS[:-1])
    with pytest.raises(ModelDamaged, match="383999 bytes, published were 384000"):
        models.folder(model())
    assert models.standing(model()).state is State.DAMAGED


def test_a_file_is_hashed_once_and_again_when_it_was_touched(
    peer: HubPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = cache(tmp_path, peer)
    weights = models.pull(model()) / "unet/model.safetensors"
    hashed: list[Path] = []

    def noted(path: Path, tell: Tell) -> Published:
        hashed.append(path)
        return hash_file(path, tell)

    monkeypatch.setattr(model_cache, "hash_file", noted)
    models.folder(model())
    models.standing(model())
    assert hashed == []
    weights.touch()
    models.standing(model())
    assert hashed == []
    models.folder(model())
    models.folder(model())
    assert sorted(path.name for path in hashed) == sorted(Path(file.path).name for file in model().files)


def test_what_bit_rot_changes_is_found_by_verify(peer: HubPeer, tmp_path: Path) -> None:
    """Nothing touched the file, so only reading it all tells."""
    models = cache(tmp_path, peer)
    weights = models.pull(model()) / "unet/model.safetensors"
    before = weights.stat()
    weights.write_bytes(b"!" + WEIGHTS[1:])
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    models.folder(model())
    with pytest.raises(ModelDamaged):
        models.verify(model())


def test_a_pull_replaces_what_is_damaged_and_only_that(peer: HubPeer, tmp_path: Path) -> None:
    models = cache(tmp_path, peer)
    weights = models.pull(model()) / "unet/model.safetensors"
    weights.write_bytes(b"!" + WEIGHTS[1:])
    peer.requests.clear()
    models.pull(model())
    assert weights.read_bytes() == WEIGHTS
    assert peer.downloads("config.json") == []


def test_a_file_that_the_code_needs_since_is_fetched(peer: HubPeer, tmp_path: Path) -> None:
    models = cache(tmp_path, peer)
    models.pull(model())
    grown = Model("tiny-unet", REPO, COMMIT, (*model().files, ModelFile("README.md")), "MIT", True)
    with pytest.raises(ModelMissing, match=r"no file README\.md"):
        models.folder(grown)
    assert content(models.pull(grown))["README.md"] == b"not needed"


@pytest.mark.parametrize("name", ["locked.json", f"{COMMIT}.json"])
def test_a_damaged_manifest_is_named(peer: HubPeer, tmp_path: Path, name: str) -> None:
    models = cache(tmp_path, peer)
    models.pull(model("main"))
    (tmp_path / "tiny-unet" / name).write_bytes(b'{"files": 3')
    assert models.standing(model("main")).state is State.DAMAGED
    with pytest.raises(ModelDamaged, match=name):
        models.folder(model("main"))


# Refusals


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_model_says_what_to_accept(peer: HubPeer, tmp_path: Path, status: int) -> None:
    peer.faults.status[f"/revision/{COMMIT}"] = status
    with pytest.raises(AccessDenied, match=r"accept the terms at .*tiny-unet, then set HF_TOKEN"):
        cache(tmp_path, peer).pull(model())


def test_the_token_goes_to_the_hub_and_not_to_its_storage(peer: HubPeer, tmp_path: Path) -> None:
    peer.faults.token = "hf_secret"
    cache(tmp_path, peer, token=SecretStr("hf_secret")).pull(model())
    assert {r.authorization for r in peer.requests if r.server == "hub"} == {"Bearer hf_secret"}
    assert {r.authorization for r in peer.requests if r.server == "storage"} == {None}


@pytest.mark.parametrize("token", ["hf_secret\n", " hf_secret", "\thf_secret\r\n"])
def test_a_token_with_the_line_end_of_its_file_works(peer: HubPeer, tmp_path: Path, token: str) -> None:
    peer.faults.token = "hf_secret"
    cache(tmp_path, peer, token=SecretStr(token)).pull(model())


@pytest.mark.parametrize("token", ["hf_one\nhf_two", "hf_s\u00e9cret", "hf one"])
def test_what_cannot_be_a_token_is_neither_sent_nor_shown(peer: HubPeer, tmp_path: Path, token: str) -> None:
    with pytest.raises(InvalidSetting, match="HF_TOKEN holds characters") as raised:
        cache(tmp_path, peer, token=SecretStr(token))
    assert "hf" not in str(raised.value)


@pytest.mark.parametrize("commit", ["../../outside", "/tmp/outside", "main", ""])
def test_a_hub_that_answers_no_commit_is_none(peer: HubPeer, tmp_path: Path, commit: str) -> None:
    """Its answer becomes the name of a folder: nothing may lead out of the cache."""
    peer.refs["main"] = commit
    with pytest.raises(DownloadFailed, match="as a model hub does"):
        cache(tmp_path / "cache", peer).pull(model("main"))
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_an_unknown_revision(peer: HubPeer, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="404"):
        cache(tmp_path, peer).pull(model("b" * 40))


def test_an_unknown_file_is_answered_with_the_nearest(peer: HubPeer, tmp_path: Path) -> None:
    files = (ModelFile("unet/model.bin"),)
    with pytest.raises(DownloadFailed, match=r"no file unet/model\.bin; it has unet/model\.safetensors"):
        cache(tmp_path, peer).pull(Model("tiny-unet", REPO, COMMIT, files, "MIT", True))


def test_an_address_that_is_no_hub(peer: HubPeer, tmp_path: Path) -> None:
    peer.plain[f"/api/models/{REPO}/revision/x"] = b"<html>"
    peer.files = {}
    peer.plain[f"/portal/api/models/{REPO}/revision/{COMMIT}"] = b"<html>please log in</html>"
    with pytest.raises(DownloadFailed, match=r"does not answer .* as a model hub does; check HF_ENDPOINT"):
        ModelCache(tmp_path, Hub(f"{peer.endpoint}/portal")).pull(model())
    with pytest.raises(InvalidSetting, match="HF_ENDPOINT='huggingface'"):
        Hub("huggingface")


def test_nothing_is_begun_that_the_disk_cannot_hold(
    peer: HubPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 0, 200_300_000))
    with pytest.raises(DiskFull, match=r"0\.00 GB are to be downloaded .* FASHION_MODELS"):
        cache(tmp_path, peer).pull(model())
    assert peer.downloads("model.safetensors") == []


def test_a_disk_that_is_full_after_all_is_named_and_the_next_pull_goes_on(
    peer: HubPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    models = cache(tmp_path, peer)
    peer.faults.cut, peer.faults.cuts = 100_000, 1
    monkeypatch.setattr("tryon.stores.models.transfer.os.fsync", full)
    with pytest.raises(DiskFull, match="free some space"):
        models.pull(Model("tiny-unet", REPO, COMMIT, model().files[1:], "MIT", True))
    assert models.standing(model()).state is State.UNFINISHED
    monkeypatch.undo()
    models.pull(model())
    assert peer.downloads("model.safetensors") == [None, "bytes=100000-"]


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd"])
def test_no_name_leads_out_of_the_cache(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidSetting, match="has a name that cannot be"):
        ModelCache(tmp_path).folder(Model("m", "o/m", COMMIT, (ModelFile(path),), "MIT", True))


# A single file at its own address


@pytest.mark.parametrize("known", [True, False])
def test_a_single_file(peer: HubPeer, tmp_path: Path, known: bool) -> None:
    wanted = single(peer, known)
    folder = cache(tmp_path, peer, token=SecretStr("hf_secret")).pull(wanted)
    assert (folder.name, content(folder)) == ("1", {"splats_1.pt": WEIGHTS})
    manifest = json.loads((tmp_path / "splats" / "1.json").read_text())
    assert manifest["files"][0]["size"] == len(WEIGHTS)


def test_a_single_file_goes_on_only_if_it_can_be_checked(peer: HubPeer, tmp_path: Path) -> None:
    for known, ranges in ((True, [None, "bytes=100000-"]), (False, [None, None])):
        peer.requests.clear()
        peer.faults.cut, peer.faults.cuts = 100_000, 1
        models = cache(tmp_path / str(known), peer)
        models._pause = lambda seconds: peer.faults.status.update({".pt": 503})
        with pytest.raises(DownloadFailed):
            models.pull(single(peer, known))
        peer.faults.status.clear()
        models.pull(single(peer, known))
        asked = peer.downloads("splats_1.pt")
        assert [asked[0], asked[-1]] == ranges


def test_a_single_file_that_is_whole_is_not_fetched_again(peer: HubPeer, tmp_path: Path) -> None:
    """Killed before it was moved to its place; its size is not known, its digest is."""
    (known,) = single(peer).files
    wanted = replace(single(peer), files=(ModelFile(known.path, None, known.sha256),))
    part = tmp_path / "splats/1.part" / f"splats_1.pt.{str(known.sha256)[:12]}"
    part.parent.mkdir(parents=True)
    part.write_bytes(WEIGHTS)
    assert content(cache(tmp_path, peer).pull(wanted)) == {"splats_1.pt": WEIGHTS}
    assert peer.downloads("splats_1.pt") == ["bytes=384000-"]


def test_a_single_file_that_changed_is_not_kept(peer: HubPeer, tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"splats: splats_1\.pt arrived with sha256"):
        cache(tmp_path, peer).pull(lying(single(peer)))
    assert content(tmp_path / "splats" / "1") == {}
