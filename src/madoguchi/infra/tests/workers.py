"""A worker process under test, and waiting for what it does."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60


def eventually(happened: Callable[[], Any]) -> Any:
    """What comes of asking again and again, once it is something."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := happened()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return answer


@contextmanager
def worker(
    url: str, data: Path, *, settings: str = "madoguchi.infra.tests.worker_settings"
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process on a database."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MADOGUCHI_")} | {
        "MADOGUCHI_DATABASE_URL": url,
        "MADOGUCHI_DATA": str(data),
        "MADOGUCHI_PRIVATE_MAIL_NETWORKS": "127.0.0.0/8",
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = subprocess.Popen([sys.executable, "-m", "madoguchi.project.cli", "worker"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
