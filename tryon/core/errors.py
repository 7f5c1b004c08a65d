"""Every error this library raises on purpose, as one tree:

    FashionError
    ├── BadInput                    the caller's mistake; nothing was stored
    │   ├── InvalidId               a user or item id breaks the naming rule
    │   ├── InvalidSidecar          the .json next to an upload is missing or wrong
    │   ├── InvalidSetting          a setting has a value that cannot work
    │   ├── UnknownUpload           no user or item has this id
    │   ├── UnknownOutfit           the outfit is outside the matrix
    │   ├── UnknownAutomation       no sensor or schedule has this name
    │   ├── ImageRejected           a file cannot be used as a picture (tryon.core.images names why)
    │   └── SplatRejected           Gaussians that cannot be written, or a file that cannot be read as them
    ├── PregenerationRequired       the outfit exists in the matrix but has no published image
    ├── ErasureIncomplete           something of an erased upload is left; the same command finishes it
    ├── InputMissing                a stage was asked for a product whose input is not published yet
    ├── BudgetSpent                 the next engine batch would cost more than a cap allows
    ├── Unconfirmed                 the running code makes a release that nobody confirmed for this user
    └── StoreError                  an outside system failed or lied
        ├── BlobMissing             a published blob is not there
        ├── BlobCorrupted           stored bytes differ from the bytes that were published
        ├── MessageNotDelivered     an alert did not reach its receiver
        ├── LeaseLost               another worker owns the key now
        └── StoreUnusable           nothing can be stored until somebody does something; work stops, unretried
            ├── DiskFull            no space is left
            ├── ReadOnly            the disk is read-only, or this user may not write there
            ├── StoreLocked         another process kept the database locked for longer than we wait
            └── StoreDamaged        a database or a backup is not what was written

A photo that an engine cannot handle is not an error: it is the verdict `Refused` (tryon.core.words).
"""

from __future__ import annotations


class FashionError(Exception):
    """Base of the tree. The message says what was wrong, with which value, and what to do."""


class BadInput(FashionError):
    pass


class InvalidId(BadInput):
    pass


class InvalidSidecar(BadInput):
    pass


class InvalidSetting(BadInput):
    pass


class UnknownUpload(BadInput):
    pass


class UnknownOutfit(BadInput):
    pass


class UnknownAutomation(BadInput):
    pass


class ImageRejected(BadInput):
    """A file that cannot be used as a picture. `code` is stable; the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SplatRejected(BadInput):
    """Gaussians that cannot be written, or bytes that cannot be read as them. `code` is stable:
    bad_shape, not_finite, out_of_range, not_ply, unsupported_format, malformed_header, truncated,
    trailing_bytes, empty, missing_property, wrong_type, bad_metadata."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PregenerationRequired(FashionError):
    pass


class ErasureIncomplete(FashionError):
    pass


class InputMissing(FashionError):
    pass


class BudgetSpent(FashionError):
    pass


class Unconfirmed(FashionError):
    pass


class StoreError(FashionError):
    pass


class BlobMissing(StoreError):
    pass


class BlobCorrupted(StoreError):
    pass


class MessageNotDelivered(StoreError):
    pass


class LeaseLost(StoreError):
    pass


class StoreUnusable(StoreError):
    """Trying again does not help. Whoever meets it stops, so that no engine pass is spent on what cannot be kept."""


class DiskFull(StoreUnusable):
    pass


class ReadOnly(StoreUnusable):
    pass


class StoreLocked(StoreUnusable):
    pass


class StoreDamaged(StoreUnusable):
    pass


UNUSABLE: dict[str, type[StoreUnusable]] = {
    error.__name__: error for error in (StoreUnusable, DiskFull, ReadOnly, StoreLocked, StoreDamaged)
}
"""By the name under which they stand in messages."""
