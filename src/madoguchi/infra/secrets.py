"""Settings that must not be read from the database alone, such as the password of a mailbox."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

from madoguchi.kernel import clock
from madoguchi.kernel.errors import MadoguchiError


class SecretUnreadable(MadoguchiError):
    """The secret was encrypted under another MADOGUCHI_SECRET_KEY; it must be typed in again."""


STORED = "stored secrets"


def encrypt(secret: str, *, purpose: str = STORED) -> str:
    """The secret, encrypted under the installation's key, for this purpose alone."""
    return _box(settings.SECRET_KEY, purpose).encrypt_at_time(secret.encode(), _now()).decode()


def decrypt(token: str, *, purpose: str = STORED, most_age: int | None = None) -> str:
    """The secret itself; raises `SecretUnreadable` when the key has changed since, when it was encrypted for another
    purpose, or longer ago than this many seconds.
    """
    box, sealed = _box(settings.SECRET_KEY, purpose), token.encode()
    try:
        return (box.decrypt_at_time(sealed, most_age, _now()) if most_age else box.decrypt(sealed)).decode()
    except InvalidToken as error:
        raise SecretUnreadable("the stored password cannot be read: enter it again") from error


def is_readable(token: str, *, under: str) -> bool:
    """Whether a secret can be read under a key of an installation; without Django's settings."""
    try:
        _box(under).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def _now() -> int:
    return int(clock.now().timestamp())


def _box(secret_key: str, purpose: str = STORED) -> Fernet:
    key = hashlib.sha256(f"madoguchi {purpose}\0{secret_key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class SecretField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain in Python."""

    def get_prep_value(self, value: str | None) -> str | None:
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return decrypt(value) if value else value
