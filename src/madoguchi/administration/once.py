"""What a page shows once, on the next page: until then it lies in the session, which the database keeps, encrypted."""

import json
from typing import Any

from madoguchi.infra.secrets import SecretUnreadable, decrypt, encrypt
from madoguchi.people.access import StaffRequest


def keep(request: StaffRequest, name: str, /, **words: Any) -> None:
    """Keep words for the next page."""
    request.session[name] = encrypt(json.dumps(words))


def take(request: StaffRequest, name: str, /, **of: Any) -> dict[str, Any]:
    """What was kept, and is so no longer; nothing where nothing was, or it is of something else than this page's."""
    kept = _read(request.session.get(name))
    if any(kept.get(key) != value for key, value in of.items()):
        return {}
    request.session.pop(name, None)
    return kept


def _read(kept: Any) -> dict[str, Any]:
    """What lies there in clear is of before it was encrypted, or nobody's: it is not shown."""
    try:
        words: dict[str, Any] = json.loads(decrypt(kept)) if isinstance(kept, str) else {}
    except SecretUnreadable:
        return {}
    return words
