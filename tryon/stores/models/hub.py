"""The model hub (huggingface.co or a mirror of it) over plain HTTP.

Not through huggingface_hub: since 2.4 it downloads into a file that no later process goes on with, and removes it when
it is interrupted (its file_download.py, `_download_to_tmp_and_move`); 3 GB of weights would begin again at zero. What
is asked here is what it asks too: /api/models/REPO/revision/REVISION?blobs=true and /REPO/resolve/COMMIT/PATH.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from tryon.core.errors import AccessDenied, DownloadFailed, InvalidSetting
from tryon.core.models import Model
from tryon.stores.models.digests import Published

ENDPOINT = "https://huggingface.co"
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
"""Seconds without a byte, and to connect."""


class Unavailable(Exception):
    """The hub cannot answer now; asking again may help. after: seconds that it wants us to wait."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True, slots=True)
class Snapshot:
    """commit: 40 hex digits; of a single file, the model's own revision. files: by path."""

    commit: str
    files: Mapping[str, Published]


class Hub:
    """endpoint: HF_ENDPOINT. token: of an account that accepted the terms of a gated model. offline: ask nothing."""

    def __init__(
        self,
        endpoint: str = ENDPOINT,
        token: SecretStr | None = None,
        offline: bool = False,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        if not endpoint.startswith(("https://", "http://")):
            raise InvalidSetting(f"HF_ENDPOINT={endpoint!r} is no address; it begins with https://")
        self.endpoint = endpoint.rstrip("/")
        self._token, self._offline, self._timeout = _clean(token), offline, timeout

    def snapshot(self, model: Model, revision: str) -> Snapshot:
        """What the repository has at a revision, by one request. Raises Unavailable and what `get` raises."""
        if model.is_single_file:
            return Snapshot(model.revision, {file.path: Published() for file in model.files})
        url = f"{self.endpoint}/api/models/{model.repo}/revision/{quote(revision, safe='')}?blobs=true"
        with self.get(model, url) as response:
            answer = response.read()
        try:
            facts = httpx.Response(200, content=answer).json()
            return Snapshot(_commit(facts["sha"]), {f["rfilename"]: _published(f) for f in facts["siblings"]})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DownloadFailed(
                f"{self.endpoint} does not answer about {model.repo} as a model hub does; check HF_ENDPOINT"
            ) from None

    def address(self, model: Model, commit: str, path: str) -> str:
        if not model.is_single_file:
            return f"{self.endpoint}/{model.repo}/resolve/{commit}/{quote(path)}"
        name = "" if model.repo.endswith(path) else f"/{quote(path)}"
        return model.repo.rstrip("/") + name

    @contextmanager
    def get(self, model: Model, url: str, start: int = 0) -> Iterator[httpx.Response]:
        """An answer to be read in pieces, from byte `start` on where the server can (206, else 200).

        The token goes to the hub alone: not to other addresses, and not to the storage that the hub redirects to.
        Raises AccessDenied, DownloadFailed, Unavailable (status 408, 429, 5xx), httpx.RequestError.
        """
        if self._offline:
            raise DownloadFailed(
                f"HF_HUB_OFFLINE is set, so {model.id} is not downloaded; unset it and run again"
            )
        headers = {"Accept-Encoding": "identity", "User-Agent": "fashion-assets"}
        if start:
            headers["Range"] = f"bytes={start}-"
        if self._token and url.startswith(f"{self.endpoint}/"):
            headers["Authorization"] = f"Bearer {self._token}"
        with (
            httpx.Client(timeout=self._timeout, follow_redirects=True) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            _check(response, model, url)
            yield response


def _clean(token: SecretStr | None) -> str:
    """Without the line end of its file. A client quotes a header that it cannot send, so no such one reaches it."""
    secret = token.get_secret_value().strip() if token else ""
    if not re.fullmatch("[!-~]*", secret):
        raise InvalidSetting("HF_TOKEN holds characters that no token has; copy it again")
    return secret


def _commit(sha: str) -> str:
    """It becomes the name of a folder."""
    if not re.fullmatch("[0-9a-f]{40}", sha):
        raise ValueError("no commit")
    return sha


def _published(sibling: Mapping[str, Any]) -> Published:
    large = sibling.get("lfs") or {}
    return Published(
        large.get("size", sibling.get("size")),
        large.get("sha256"),
        None if large else sibling.get("blobId"),
    )


def _check(response: httpx.Response, model: Model, url: str) -> None:
    status = response.status_code
    if response.is_success or status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return
    said = f"{url} answers {status}"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise AccessDenied(
            f"{said}: accept the terms at {model.terms or model.url}, then set HF_TOKEN to a token of that account"
        )
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or response.is_server_error:
        raise Unavailable(said, _seconds(response.headers.get("Retry-After", "")))
    raise DownloadFailed(f"{said}: {model.id} is not published there any more, or HF_ENDPOINT is another hub")


def _seconds(text: str) -> float:
    """Retry-After may also be a date, which we do not wait for."""
    return float(text) if text.isdecimal() else 0.0
