"""What a page has read of something is not read again for the same page: several parts of it ask of the same rows.

Only within `remembering`, which is for pages that change nothing, and only in the scope in which it was read.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from madoguchi.infra import scope

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_memory: ContextVar[dict[Hashable, dict[Any, Any]] | None] = ContextVar("read_before", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within, `remembered` reads of everything once."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(
    what: Hashable, keys: Iterable[Key], read: Callable[[list[Key]], Mapping[Key, Value]]
) -> dict[Key, Value]:
    """What `read` says of these keys, in their order; asked of those that are not known yet, and not at all if all are.

    A key of which it says nothing is left out, and asked for again the next time.
    """
    memory = _memory.get()
    known = {} if memory is None else memory.setdefault((what, scope.known()), {})
    wanted = list(dict.fromkeys(keys))
    if unknown := [key for key in wanted if key not in known]:
        known.update(read(unknown))
    return {key: known[key] for key in wanted if key in known}
