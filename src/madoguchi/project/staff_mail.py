"""How mail to staff leaves: through a server of the installation's own, or into a folder."""

from typing import Any
from urllib.parse import unquote, urlsplit

from madoguchi.project.conf import Config

_BY_SERVER = "django.core.mail.backends.smtp.EmailBackend"


def mail_settings(config: Config) -> dict[str, Any]:
    """Django's settings for mail to staff; the mail of desks leaves by their own mail servers."""
    sender = {"DEFAULT_FROM_EMAIL": config.staff_mail_from}
    if not config.staff_mail_url:
        folder = config.data / "staff-mail"
        return sender | {"EMAIL_BACKEND": "madoguchi.project.kept_mail.KeptMail", "EMAIL_FILE_PATH": folder}
    url = urlsplit(config.staff_mail_url)
    tls = url.scheme == "smtps"
    return sender | {
        "EMAIL_BACKEND": _BY_SERVER,
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or (465 if tls else 587),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": tls,
        # A password never travels in the clear; a server that asks for none is one's own.
        "EMAIL_USE_TLS": not tls and bool(url.username),
        "EMAIL_TIMEOUT": 30,
    }
