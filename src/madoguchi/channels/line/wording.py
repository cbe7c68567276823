"""What an event says in words, and which file belongs to it. Pure, but for the language that is spoken at the time."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.kernel.text import clean, one_line

_MOST_WORDS = 3
# By which name a file goes that LINE sends without one.
_FILES = {"image": "image.jpg", "video": "video.mp4", "audio": "audio.m4a"}
_ENDINGS = {"image/png": "image.png", "image/gif": "image.gif", "image/webp": "image.webp"}


_FOR_PROGRAMS = re.compile(r"[=&{}]|^[a-z0-9_:./-]+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a message, and the name of the file that is to be fetched; empty where there is none."""

    text: str
    filename: str = ""


def told_by(said: dict[str, Any]) -> Told | None:
    """What a message or a choice (postback) says; None for what says nothing to us."""
    if said.get("type") == "postback":
        return Told(_chosen(said.get("postback")))
    message = said.get("message")
    if not isinstance(message, dict):
        return None
    kind = message.get("type")
    if kind == "text":
        return Told(_text(message, "text"))
    if kind == "sticker":
        return Told(_sticker(message))
    if kind == "location":
        return Told(_place(message))
    return _file(str(kind), message)


def filename_for(told: Told, content_type: str) -> str:
    """The name of a file, once its kind is known."""
    bare = told.filename in _FILES.values()
    return _ENDINGS.get(content_type.partition(";")[0].strip(), told.filename) if bare else told.filename


def not_fetched(*, gone: bool, most: int) -> str:
    """What stands in the case where a file could not be fetched, because it is gone or has more than `most` bytes."""
    if gone:
        return _("(The file is no longer at LINE and was not taken in. Ask the customer to send it again.)")
    words = _("(The file has more than %(most)s MB and was not taken in. %(then)s)")
    then = _("Ask the customer to send a smaller one, in parts, or by mail.")
    return words % {"most": most // 1_000_000, "then": then}


def _file(kind: str, message: dict[str, Any]) -> Told:
    provider = message.get("contentProvider")
    elsewhere = isinstance(provider, dict) and provider.get("type") == "external"
    names = {
        "image": _("[Picture]"),
        "video": _("[Video]"),
        "audio": _("[Voice message]"),
        "file": _("[File]"),
    }
    words = names.get(kind, _("[Something that LINE sends and is not known here]"))
    if elsewhere:
        # Anybody may name any address: it is shown and not fetched.
        assert isinstance(provider, dict)
        return Told(f"{words} {one_line(_text(provider, 'originalContentUrl'), most=1000)}".rstrip())
    if kind == "file":
        name = one_line(_text(message, "fileName"), most=200) or "file"
        return Told(f"{words} {name}", filename=name)
    return Told(words, filename=_FILES.get(kind, ""))


def _sticker(message: dict[str, Any]) -> str:
    keywords = message.get("keywords")
    known = [word for word in keywords if isinstance(word, str)] if isinstance(keywords, list) else []
    words = _text(message, "text") or ", ".join(known[:_MOST_WORDS])
    called = _("[Sticker]")
    return f"{called} {one_line(words)}".rstrip()


def _place(message: dict[str, Any]) -> str:
    where = f"{message.get('latitude', '')}, {message.get('longitude', '')}"
    lines = [_("[Place]"), _text(message, "title"), _text(message, "address"), one_line(where, most=60)]
    return "\n".join(line for line in lines if line.strip(", "))


def _chosen(postback: Any) -> str:
    data = postback if isinstance(postback, dict) else {}
    said = _text(data, "data")
    # What a button of a menu hands in is for programs where it names values; else it is what was chosen, in words.
    if said and not data.get("params") and not _FOR_PROGRAMS.search(said):
        return one_line(said, most=500)
    params = data.get("params")
    values = [str(value) for value in params.values()] if isinstance(params, dict) else []
    return one_line(" ".join([_("[Choice]"), _text(data, "data"), *values]), most=500)


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return clean(value).strip() if isinstance(value, str) else ""
