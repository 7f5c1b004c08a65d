"""What a page may load: only from this service, and nothing that is written into the page itself."""

from __future__ import annotations

_FIXED = (
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
POLICY = "; ".join((*_FIXED, "script-src 'self'"))
POLICY_3D = "; ".join((*_FIXED, "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'"))
"""Of a page with a 3D view: Spark sorts splats in WebAssembly, which a browser compiles under no other word, and in a
worker, which is a file of ours."""
