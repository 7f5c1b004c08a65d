"""Loading CatVTON's published files: every tensor, under any of its legal names, or an error that names the fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.engines.catvton_tiny import ATTENTION_FILE, DATA, NETWORK_FILE, TINY, Tensors, rewrite, write_tiny
from tryon.core.errors import ModelDamaged, ModelMissing
from tryon.engines.catvton.attention import PARTS, attention_names, rename
from tryon.engines.catvton.checkpoints import read_config
from tryon.engines.catvton.models import ATTENTION, BASE, MODELS, VAE
from tryon.engines.catvton.networks import Networks, empty_unet, load_networks
from tryon.engines.catvton.skip import PassThrough

PUBLISHED = load_file(TINY / "attn" / "mix-48k-1024" / ATTENTION_FILE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tiny(tmp_path)


@pytest.fixture(scope="module")
def names() -> list[str]:
    return attention_names(empty_unet(read_config(TINY / "base" / "unet" / "config.json")))


def load(root: Path) -> Networks:
    return load_networks(root / BASE.id, root / VAE.id, attention_of(root))


def attention_of(root: Path) -> Path:
    return root / ATTENTION["mix"].id / "mix-48k-1024" / ATTENTION_FILE


# The attention weights


def test_attentions_are_counted_down_up_middle_eight_numbers_each(names: list[str]) -> None:
    modules = json.loads((DATA / "attn_enumeration.json").read_text())["modules"]
    assert [modules[8 * i] for i in range(len(names))] == names
    assert len(modules) == 8 * len(names)
    assert names[-1].startswith("mid_block")


def test_the_full_network_takes_80_tensors() -> None:
    config = read_config(TINY / "base" / "unet" / "config.json")
    full = {
        **config,
        "block_out_channels": [32, 32, 32, 32],
        "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
        "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    }
    assert len(attention_names(empty_unet(full))) * len(PARTS) == 80


def test_the_weights_in_the_file_are_the_ones_in_the_network(root: Path, names: list[str]) -> None:
    attentions = load(root).unet.state_dict()
    for number, name in enumerate(names):
        for part in PARTS:
            assert torch.equal(attentions[f"{name}.{part}"], PUBLISHED[f"{8 * number}.{part}"])


ALIASES: dict[str, Callable[[str], str]] = {
    "of the submodules": lambda key: _moved(key, {"to_q": 1, "to_k": 2, "to_v": 3, "to_out.0": 5}),
    "of the output's list": lambda key: _moved(key, {"to_out": 4}),
    "of a third of them": lambda key: (
        key if int(key.partition(".")[0]) % 3 else ALIASES["of the submodules"](key)
    ),
}


def _moved(key: str, offsets: dict[str, int]) -> str:
    number, _, rest = key.partition(".")
    for prefix, offset in offsets.items():
        if rest.startswith(prefix + "."):
            return f"{int(number) + offset}.{rest.removeprefix(prefix + '.')}"
    return key


@pytest.mark.parametrize("alias", ALIASES)
def test_a_tensor_may_have_any_of_its_legal_names(alias: str, names: list[str]) -> None:
    renamed = {ALIASES[alias](key): tensor for key, tensor in PUBLISHED.items()}
    assert set(renamed) != set(PUBLISHED)
    right, found = rename(PUBLISHED, names), rename(renamed, names)
    assert list(found) == list(right)
    assert all(torch.equal(found[name], right[name]) for name in right)


def test_doubles_are_welcome_as_long_as_they_agree(names: list[str]) -> None:
    doubled = PUBLISHED | {"1.weight": PUBLISHED["0.to_q.weight"].clone()}
    assert len(rename(doubled, names)) == len(PUBLISHED)
    doubled["1.weight"][0, 0] += 1
    with pytest.raises(
        ModelDamaged, match=r"two different tensors for .*attn1\.to_q\.weight, the second as 1\.weight"
    ):
        rename(doubled, names)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: {k: v for k, v in t.items() if k != "16.to_v.weight"}, r"attn1\.to_v\.weight: 54 of 55"),
        (lambda t: {}, "0 of 55"),
        (lambda t: t | {"88.to_q.weight": t["0.to_q.weight"]}, "hold 88.to_q.weight"),
        (lambda t: t | {"6.weight": t["0.to_q.weight"]}, r"hold 6\.weight"),
        (lambda t: t | {"unet.x": t["0.to_q.weight"]}, r"hold unet\.x"),
        (lambda t: {f"x{k}": v for k, v in t.items()}, "which is no part of 11 self-attentions"),
        (lambda t: t | {"8.to_q.weight": t["8.to_q.weight"][:, :3]}, r"has shape \[32, 3\], not \[32, 32\]"),
        # With a stride of 7, as other diffusers versions count, every second tensor lands elsewhere.
        (lambda t: {f"{int(k.split('.')[0]) // 8 * 7}.{k.partition('.')[2]}": v for k, v in t.items()}, "no part of"),
    ],
    ids=["one missing", "none", "too many", "dropout", "a name", "prefixed", "another shape", "counted by seven"],
)  # fmt: skip
def test_attention_weights_that_are_not_the_published_ones(
    change: Callable[[Tensors], Tensors], said: str, root: Path
) -> None:
    rewrite(attention_of(root), change)
    with pytest.raises(ModelDamaged, match=said):
        load(root)


# The base and the autoencoder


def test_cross_attention_is_not_there_and_its_weights_are_not_needed(root: Path) -> None:
    without = {
        k: v for k, v in load_file(TINY / "base" / "unet" / NETWORK_FILE).items() if ".attn2." not in k
    }
    torch.save(without, root / BASE.id / "unet" / "diffusion_pytorch_model.bin")
    unet = load(root).unet
    assert not [name for name, _ in unet.named_parameters() if "attn2" in name]
    assert sum(isinstance(module, PassThrough) for module in unet.modules()) == 11


def test_weights_may_be_safetensors_or_a_pickle_of_tensors(root: Path) -> None:
    folder = root / BASE.id / "unet"
    pickled = load(root).unet.state_dict()
    (folder / "diffusion_pytorch_model.bin").rename(folder / "kept")
    save_file(torch.load(folder / "kept", weights_only=True), folder / NETWORK_FILE)
    again = load(root).unet.state_dict()
    assert all(torch.equal(pickled[name], again[name]) for name in pickled)


def test_a_pickle_that_would_run_code_is_refused(root: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
            return print, ("harm",)

    torch.save({"weight": Harm()}, root / BASE.id / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(ModelDamaged, match="cannot be read"):
        load(root)


def test_an_autoencoder_with_the_names_of_2022(root: Path) -> None:
    """As sd-vae-ft-mse was published: attention under query, key, value, proj_attn, and no scaling factor."""
    today = load(root)
    old = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}

    def renamed(name: str) -> str:
        for new, former in old.items():
            name = name.replace(new, former)
        return name

    rewrite(root / VAE.id / NETWORK_FILE, lambda tensors: {renamed(k): v for k, v in tensors.items()})
    config = read_config(root / VAE.id / "config.json")
    del config["scaling_factor"]
    (root / VAE.id / "config.json").write_text(json.dumps(config))
    found = load(root)
    assert found.vae.config.scaling_factor == 0.18215
    assert all(torch.equal(a, b) for a, b in zip(found.vae.parameters(), today.vae.parameters(), strict=True))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: {k: v for k, v in t.items() if k != "decoder.conv_in.bias"}, "lacks decoder.conv_in.bias"),
        (lambda t: t | {"extra": torch.zeros(1)}, "holds extra and 0 more"),
        (lambda t: t | {"decoder.conv_in.bias": torch.zeros(3)}, r"shape \[3\], not \[32\]"),
    ],
    ids=["missing", "left over", "another shape"],
)  # fmt: skip
def test_an_autoencoder_that_is_another(change: Callable[[Tensors], Tensors], said: str, root: Path) -> None:
    rewrite(root / VAE.id / NETWORK_FILE, change)
    with pytest.raises(ModelDamaged, match=said):
        load(root)


@pytest.mark.parametrize("file", [
    f"{BASE.id}/unet/config.json", f"{BASE.id}/unet/diffusion_pytorch_model.bin",
    f"{BASE.id}/scheduler/scheduler_config.json", f"{VAE.id}/config.json", f"{VAE.id}/{NETWORK_FILE}",
    f"{ATTENTION['mix'].id}/mix-48k-1024/{ATTENTION_FILE}",
])  # fmt: skip
def test_missing_and_broken_files_are_named(file: str, root: Path) -> None:
    (root / file).write_bytes(b"\x07half a file")
    with pytest.raises(ModelDamaged, match=Path(file).name):
        load(root)
    (root / file).unlink()
    with pytest.raises(ModelMissing, match="fashion models pull"):
        load(root)


# What is published


def test_each_model_says_where_it_is_from_and_what_for() -> None:
    assert len({model.id for model in MODELS}) == len(MODELS)
    for model in MODELS:
        assert len(model.revision) == 40
        assert model.licence
        assert model.terms.startswith("https://")
        assert model.commercial_use or model.alternatives
    assert {m.licence for m in MODELS if not m.commercial_use} == {"CC-BY-NC-SA-4.0"}
