"""From where something is done: a page and the address it was asked from, the API, the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_origin: ContextVar[str] = ContextVar("origin", default="")


def origin() -> str:
    """From where the present work is done; empty for what the product does by itself."""
    return _origin.get()


@contextmanager
def coming_from(where: str) -> Iterator[None]:
    """What is recorded within was done from here."""
    token = _origin.set(where)
    try:
        yield
    finally:
        _origin.reset(token)
