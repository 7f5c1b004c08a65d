"""The command line in production, with engines that cost nothing: what works on folders works in the cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fashion_assets.cli import app
from fashion_assets.commands import opening
from tests.cli.null_fashion import open_null
from tests.production import Cloud, Shop
from tryon.profiles import stores as storage
from tryon.settings import Settings

LOOK = "t1.tops+b1.bottoms"


@pytest.fixture(autouse=True)
def shop(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(opening, "open_pipeline", open_null)
    shop = Shop(cloud, tmp_path / "photos")
    shop.stock()
    yield shop
    shop.close()
    storage.open_stores(Settings()).close()


def fashion(*arguments: object, code: int = 0) -> Any:
    """The JSON answer."""
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return (
        [json.loads(line) for line in result.stdout.splitlines()]
        if "logs" in arguments
        else json.loads(result.stdout)
    )


def test_a_shop_is_run_from_the_command_line(shop: Shop, tmp_path: Path) -> None:
    assert fashion("plan")["to_make"] == 3
    fashion("pregenerate")
    assert shop.document("ann").get().to_dict()["Mask"]["Status"] == "success"
    assert fashion("pregenerate")["runs"] == [], "nothing is missing, and no document is written again"
    assert fashion("why", "ann", LOOK)["cause"] == "published"
    assert fashion("logs", "--user", "ann", "--limit", 5)[-1]["user_id"] == "ann"
    fashion("status")
    fashion("audit")
    exported = fashion("export", tmp_path / "out")
    assert (exported["broken"], exported["pregeneration_required"]) == ({}, 0)
    lost = sorted(shop.cloud.cloudinary.assets)[0]
    del shop.cloud.cloudinary.assets[lost]
    fashion("audit", code=1)
    fashion("audit", "--repair", code=1)
    fashion("pregenerate")
    assert lost in shop.cloud.cloudinary.assets
    receipt = fashion("erase-user", "ann", "--yes")
    assert fashion("verify-receipt", receipt["file"])["verdict"] == "valid"
    assert fashion("status")["users"] == []
    left = [*shop.cloud.cloudinary.assets, *shop.cloud.supabase.buckets["fashion"]]
    assert [name for name in left if "ann" in name] == []
