"""CLOUDINARY_URL: cloudinary://KEY:SECRET@CLOUD, with ?upload_prefix=... for another address of the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from tryon.core.errors import StoreUnusable

API = "https://api.cloudinary.com"


@dataclass(frozen=True, slots=True)
class Account:
    cloud: str
    key: str
    secret: str = field(repr=False)
    api: str = API
    timeout: float = 30.0

    @property
    def options(self) -> dict[str, Any]:
        """For every call of the SDK, so that its global configuration, which reads the environment, decides nothing."""
        return {
            "cloud_name": self.cloud,
            "api_key": self.key,
            "api_secret": self.secret,
            "upload_prefix": self.api,
            "timeout": self.timeout,
            "signature_algorithm": "sha1",
            "signature_version": 2,
            "secure": True,
        }


def read_account(url: SecretStr, api: str, timeout: float) -> Account:
    """Raises StoreUnusable, without the value."""
    parts = urlsplit(url.get_secret_value().strip())
    cloud, key, secret = parts.hostname or "", parts.username or "", parts.password or ""
    if parts.scheme != "cloudinary" or not (cloud and key and secret):
        raise StoreUnusable(
            "CLOUDINARY_URL is not of the form cloudinary://KEY:SECRET@CLOUD (it is a secret and not repeated here); "
            "copy it again from Cloudinary's API keys page"
        )
    # The host of an address is not case-sensitive, but a cloud's name may be.
    cloud = parts.netloc.rpartition("@")[2]
    (address,) = parse_qs(parts.query).get("upload_prefix", [api])[-1:]
    return Account(cloud, unquote(key), unquote(secret), address.rstrip("/"), timeout)
