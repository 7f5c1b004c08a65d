"""What paid services said about photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tryon.core.ports._leases import Leases
from tryon.core.uploads import UploadRef


class Answers(Leases, Protocol):
    """Kept so that each is paid for once: across processes, and when a run dies before its result is published.
    A lease of the key keeps two processes from asking the same at once.

    A part of Records, since an answer describes a photo and has to go with it.
    """

    def answers(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Those of these keys that have an answer, whichever upload it is kept for."""
        ...

    def keep_answer(self, key: str, text: str, upload: UploadRef | None = None) -> None:
        """The first one under a key and upload stays. For an upload with a tombstone nothing is kept.

        key: holds no digest of a photo in clear. upload: whose photo it is about; None for a photo that is no upload,
        which no erasure looks for.
        """
        ...

    def answers_of(self, upload: UploadRef) -> int:
        """How many are kept for it."""
        ...

    def forget_answers(self, upload: UploadRef) -> int:
        """Delete them; how many there were."""
        ...
