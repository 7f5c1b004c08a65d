"""Every error this library raises on purpose, as one tree:

    FashionError
    ├── BadInput                    the caller's mistake; nothing was stored
    │   ├── InvalidId               a user or item id breaks the naming rule
    │   ├── InvalidSidecar          the .json next to an upload is missing or wrong
    │   ├── InvalidSetting          a setting has a value that cannot work
    │   │   └── NotForCommercialUse an engine was chosen, or made a picture, whose licence forbids commercial use
    │   ├── UnknownUpload           no user or item has this id
    │   ├── UnknownOutfit           the outfit is outside the matrix
    │   ├── InvalidFilter           a list was asked for with a filter or a page that cannot be read
    │   ├── UnknownAutomation       no sensor or schedule has this name
    │   ├── UnknownModel            no engine uses a model with this id
    │   ├── ImageRejected           a file cannot be used as a picture (tryon.core.images names why)
    │   ├── UrlRejected             what a user's address names is not fetched (tryon.stores.fetch names why)
    │   └── SplatRejected           Gaussians that cannot be written, or a file that cannot be read as them
    ├── PregenerationRequired       the outfit exists in the matrix but has no published image
    ├── OutfitRefused               the verdict about the outfit is that no image can truthfully be made
    ├── ErasureIncomplete           something of an erased upload is left; the same command finishes it
    ├── InputMissing                a stage was asked for a product whose input is not published yet
    ├── BudgetSpent                 the next engine batch would cost more than a cap allows
    ├── Unconfirmed                 the running code makes a release that nobody confirmed for this user
    ├── Cancelled                   the run that waited for a worker was asked to stop
    ├── EngineError                 a model failed, for no fault of the photo
    │   ├── OutOfMemory             even one photo at a time does not fit; smaller sizes or a larger machine do
    │   ├── CallFailed              a worker on another machine ended without an answer
    │   ├── AnswerUnusable          a model's service gave no answer that can be read: malformed, cut off, too late
    │   └── EngineUnusable          no photo can be worked on until somebody does something; work stops, unretried
    │       ├── ModelMissing        weights are not in the model cache
    │       ├── ModelDamaged        weights are not what was published, or not the layout the engine knows
    │       ├── DeviceMissing       the GPU that was asked for is not there
    │       ├── KernelMissing       the device only has an attention that needs far more memory than there is
    │       ├── PackageMissing      an optional package is not installed
    │       ├── AccessDenied        a model's service refuses the key
    │       ├── RequestRejected     a model's service takes no such requests: a wrong model's name or address
    │       ├── ServicePaused       a model's service wants to be left alone for longer than a run waits
    │       └── QuotaExhausted      a model's service wants to be paid first
    └── StoreError                  an outside system failed or lied
        ├── BlobMissing             a published blob is not there
        ├── BlobCorrupted           stored bytes differ from the bytes that were published
        ├── SplatNotConverted       splat-transform made no SOG file of a PLY
        ├── MessageNotDelivered     an alert did not reach its receiver
        ├── DownloadFailed          a model could not be fetched from where it is published
        ├── FetchFailed             an address that a user gave could not be read now
        ├── StoreBusy               a store on the network gave no usable answer for longer than we wait
        ├── LeaseLost               another worker owns the key now
        ├── StoreAway               a store of the cloud did not answer for as long as we wait; later it may
        └── StoreUnusable           nothing can be stored until somebody does something; work stops, unretried
            ├── DiskFull            no space is left
            ├── ReadOnly            the disk is read-only, or this user may not write there
            ├── StoreLocked         another process kept the database locked for longer than we wait
            └── StoreDamaged        a database or a backup is not what was written

`Unusable` is StoreUnusable or EngineUnusable. A photo that an engine cannot handle is not an error: it is the verdict
`Refused` (tryon.core.words).
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


class NotForCommercialUse(InvalidSetting):
    pass


class UnknownUpload(BadInput):
    pass


class UnknownOutfit(BadInput):
    pass


class InvalidFilter(BadInput):
    pass


class UnknownAutomation(BadInput):
    pass


class UnknownModel(BadInput):
    pass


class ImageRejected(BadInput):
    """A file that cannot be used as a picture. `code` is stable; the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UrlRejected(BadInput):
    """An address that a user gave, or what it answers, cannot be used. `code` is stable; the message is for people."""

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


class OutfitRefused(FashionError):
    """The message is the verdict's reason; `code` is its stable word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ErasureIncomplete(FashionError):
    pass


class InputMissing(FashionError):
    pass


class BudgetSpent(FashionError):
    pass


class Unconfirmed(FashionError):
    pass


class Cancelled(FashionError):
    pass


class Unusable(FashionError):
    """Trying again does not help. Whoever meets it stops, so that no engine pass is spent on what cannot be kept."""


class EngineError(FashionError):
    pass


class OutOfMemory(EngineError):
    pass


class CallFailed(EngineError):
    pass


class AnswerUnusable(EngineError):
    pass


class EngineUnusable(EngineError, Unusable):
    pass


class ModelMissing(EngineUnusable):
    pass


class ModelDamaged(EngineUnusable):
    pass


class DeviceMissing(EngineUnusable):
    pass


class KernelMissing(EngineUnusable):
    pass


class PackageMissing(EngineUnusable):
    pass


class AccessDenied(EngineUnusable):
    pass


class RequestRejected(EngineUnusable):
    pass


class ServicePaused(EngineUnusable):
    pass


class QuotaExhausted(EngineUnusable):
    pass


class StoreError(FashionError):
    pass


class BlobMissing(StoreError):
    pass


class BlobCorrupted(StoreError):
    pass


class SplatNotConverted(StoreError):
    pass


class MessageNotDelivered(StoreError):
    pass


class DownloadFailed(StoreError):
    pass


class FetchFailed(StoreError):
    pass


class StoreBusy(StoreError):
    pass


class LeaseLost(StoreError):
    pass


class StoreAway(StoreError):
    pass


class StoreUnusable(StoreError, Unusable):
    pass


class DiskFull(StoreUnusable):
    pass


class ReadOnly(StoreUnusable):
    pass


class StoreLocked(StoreUnusable):
    pass


class StoreDamaged(StoreUnusable):
    pass


_SERVICES = (AccessDenied, RequestRejected, ServicePaused, QuotaExhausted)
_ENGINES = (
    EngineUnusable,
    ModelMissing,
    ModelDamaged,
    DeviceMissing,
    KernelMissing,
    PackageMissing,
    *_SERVICES,
)
_STORES = (StoreUnusable, DiskFull, ReadOnly, StoreLocked, StoreDamaged)

UNUSABLE: dict[str, type[Unusable]] = {error.__name__: error for error in (*_STORES, *_ENGINES)}
"""By the name under which they stand in messages."""
