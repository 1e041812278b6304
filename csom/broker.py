"""A line to the broker that is lost says so.

When the broker of a busy worker goes away, kombu 5.7 still puts back and acknowledges messages on
the line it has closed, and stumbles with an AttributeError: Celery takes that for a defect, and the
worker stands still for good. Told that the line is lost, it connects again.
"""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError

transport: Any = redis
_parameters = transport.Channel._connparams


def parameters(channel: Any, *arguments: Any, **more: Any) -> Any:
    """How to reach the broker. Raises ConnectionError where the channel's line was closed."""
    line = channel.connection
    if line is None or line.client is None:
        raise ConnectionError("the line to the broker is closed")
    return _parameters(channel, *arguments, **more)


def mend() -> None:
    """Have kombu ask us; twice is the same as once."""
    transport.Channel._connparams = parameters
