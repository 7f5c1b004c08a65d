"""SOG files beside an export's PLY files, converted once for each PLY."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tryon.stores.disk import write_whole
from tryon.stores.splat_transform import SplatTransform


@dataclass(frozen=True)
class SogCopies:
    """before: what the folder's manifest said of its SOG files, by file name."""

    converter: SplatTransform
    folder: Path
    before: Mapping[str, Mapping[str, Any]]

    def copy(self, name: str, ply: bytes, digest: str, count: int) -> dict[str, object]:
        """The manifest's entry. A file of an earlier export stays when it is of this PLY. Raises SplatNotConverted."""
        path, known = self.folder / name, self.before.get(name, {})
        data = path.read_bytes() if path.is_file() and known.get("made_from") == digest else b""
        if not data or sha256(data).hexdigest() != known.get("sha256"):
            data = self.converter.to_sog(ply, count)
            write_whole(path, data)
        return {"file": name, "sha256": sha256(data).hexdigest(), "bytes": len(data), "made_from": digest}
