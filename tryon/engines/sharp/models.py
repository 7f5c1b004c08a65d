"""The published weights."""

from __future__ import annotations

from dataclasses import replace

from tryon.core.models import Model, ModelFile, Pinned

COMMIT = "1eaa046834b81852261262b41b0919f5c1efdd2e"
"""Of github.com/apple/ml-sharp, 16 December 2025: the package that the weights below are loaded into."""

CHECKPOINT = "sharp_2572gikvuh.pt"
"""A bare state_dict in torch's zip format: 1,038 tensors, 702 million float32 parameters."""

SHARP = Model(
    id="sharp",
    repo=f"https://ml-site.cdn-apple.com/models/sharp/{CHECKPOINT}",
    # A single file has no commit; its digest says which one it is.
    revision="94211a75198c47f61fca7d739ba08a215418d8d398d48fddf023baccc24f073d",
    files=(
        ModelFile(
            CHECKPOINT, 2_809_738_232, "94211a75198c47f61fca7d739ba08a215418d8d398d48fddf023baccc24f073d"
        ),
    ),
    licence="Apple Machine Learning Research Model License",
    commercial_use=False,
    terms=f"https://github.com/apple/ml-sharp/blob/{COMMIT}/LICENSE_MODEL",
    alternatives=("relief",),
    facts={
        "use": "research purposes only: no commercial exploitation, product development or use in a product",
        "code": f"https://github.com/apple/ml-sharp/tree/{COMMIT}",
    },
)

MODELS = (SHARP,)


def published_at(found: Pinned) -> Model:
    """Other weights of the same network, at an address; they come under Apple's licence too, being made of its own."""
    file = ModelFile(found.name, None, found.sha256)
    return replace(
        SHARP, id=f"sharp-{found.sha256[:12]}", repo=found.url, revision=found.sha256, files=(file,), facts={}
    )
