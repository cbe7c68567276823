"""Folders for tests in which the bundled database runs."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def data_folder() -> Iterator[Path]:
    """Not below pytest's own folder: every start of pytest closes that to other accounts, the server's included."""
    folder = Path(tempfile.mkdtemp(prefix="madoguchi-"))
    yield folder
    shutil.rmtree(folder)
