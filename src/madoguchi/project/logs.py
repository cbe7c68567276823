"""One line an event, for people or for machines; what a database says of an error is told without values, for these
are data of customers.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import psycopg
import structlog
from django.db import Error

from madoguchi.project.conf import Config

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
# invalid input syntax for type integer: "090…" · value too long …
_VALUE = re.compile(r'(?<=: )".*', re.DOTALL)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "madoguchi.project.logs.WithoutValues"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A page that was not found or not allowed is the visitor's matter, not the log's.
    "loggers": {"django.request": {"level": "ERROR"}},
}


class WithoutValues(logging.Formatter):
    """Lines as usual, without the values that an error of the database names."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  the name is the library's
        """The traceback of an error."""
        return told(ei)


def told(exc_info: ExcInfo) -> str:
    """The traceback of an error. Of what the database says the first line is kept: behind it stand rows and values."""
    text = "".join(traceback.format_exception(*exc_info)).rstrip("\n")
    for error in _errors(exc_info[1]):
        if isinstance(error, Error | psycopg.Error):
            said = str(error)
            text = text.replace(said, _VALUE.sub("…", said.partition("\n")[0])) if said else text
    return text


def _errors(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those from which it came."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


def configure_logs(config: Config) -> None:
    """Set up structlog by the installation's settings."""
    LOGGING["root"]["level"] = config.log_level if config.log_level != "INFO" else "WARNING"
    for_machines = config.log_format == "json"
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(config.log_level)),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(told),
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if for_machines
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
    )
