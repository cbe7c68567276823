"""Which database, as whom."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from madoguchi.infra import postgres
from madoguchi.project.conf import Config


def connection_settings(config: Config, *, role: str | None) -> dict[str, Any]:
    """Django's settings for the one database; `role` is what every connection acts as, None for the owner."""
    url = urlsplit(config.database_url or postgres.database_url(config.data))
    options = dict(parse_qsl(url.query))
    host = options.pop("host", "") or unquote(url.hostname or "")
    if role:
        options["options"] = f"-c role={role}"
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
