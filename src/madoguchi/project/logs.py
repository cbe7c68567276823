"""One line an event, for people or for machines."""

import logging
from typing import Any

import structlog

from madoguchi.project.conf import Config

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A page that was not found or not allowed is the visitor's matter, not the log's.
    "loggers": {"django.request": {"level": "ERROR"}},
}


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
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if for_machines
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
    )
