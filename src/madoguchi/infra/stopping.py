"""Whether this process was asked to end: work that takes long looks here between its steps, and leaves the rest.

A worker waits for the jobs that it runs. One that goes on for minutes would keep the whole product from stopping.
"""

import threading

_asked = threading.Event()


def ask_to_stop() -> None:
    """Whatever takes long in this process shall end after the step at hand."""
    _asked.set()


def is_stopping() -> bool:
    """Whether to leave the rest to another process."""
    return _asked.is_set()
