"""Which database, as whom."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from madoguchi.infra import postgres
from madoguchi.infra.database import APP_ROLE
from madoguchi.project.conf import Config


def owner_url(config: Config) -> str:
    """How the owner of the tables signs in, who migrates, backs up and restores."""
    return config.owner_database_url or config.database_url or postgres.database_url(config.data)


def app_url(config: Config) -> str:
    """How the running product signs in: as its own role wherever that has a way in of its own.

    Who signs in as the owner and then acts as another can become the owner again by one statement, and the bundled
    server's owner may do anything at all.
    """
    return config.database_url or postgres.database_url(config.data, user=APP_ROLE)


def connection_settings(config: Config, *, owner: bool) -> dict[str, Any]:
    """Django's settings for the one database, for its owner or for the running product."""
    url = urlsplit(owner_url(config) if owner else app_url(config))
    options = dict(parse_qsl(url.query))
    host = options.pop("host", "") or unquote(url.hostname or "")
    if not owner and url.username != APP_ROLE:
        options["options"] = f"-c role={APP_ROLE}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # What a connection asks for a second time the server has planned already: planning costs it more than reading.
        "OPTIONS": options | {"server_side_binding": True, "prepare_threshold": 1},
    }
