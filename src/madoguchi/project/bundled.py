"""The bundled database, for processes that do not care whether the database is the bundled one."""

from collections.abc import Iterator
from contextlib import contextmanager

from madoguchi.infra import postgres
from madoguchi.project.conf import Config


@contextmanager
def database(config: Config) -> Iterator[None]:
    """The bundled server runs while inside. Where the database is somebody else's there is nothing to do."""
    if not config.embedded:
        yield
        return
    with postgres.running(config.data):
        yield
