"""What every request of every service goes through: who asks, how much, how often, how long, and what is logged.

`new_app` makes an app whose errors have one shape; `behind` puts it behind the front.
"""

from tryon.services.front.apps import new_app
from tryon.services.front.door import Front, behind
from tryon.services.front.errors import ServiceError
from tryon.services.front.limits import Limits
from tryon.services.front.requests import request_id, user_id
from tryon.services.front.shapes import Shape, detail, envelope, status_error

__all__ = [
    "Front",
    "Limits",
    "ServiceError",
    "Shape",
    "behind",
    "detail",
    "envelope",
    "new_app",
    "request_id",
    "status_error",
    "user_id",
]
