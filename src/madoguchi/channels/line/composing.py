"""An answer as messages of LINE: long words in parts, pictures as pictures, other files as links, choices to touch.
Pure. Lengths are counted as LINE counts them, in units of UTF-16.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

MOST_TEXT, MOST_AT_ONCE = 5_000, 5
MOST_PICTURE, MOST_PREVIEW = 10_000_000, 1_000_000
PICTURES = ("image/jpeg", "image/png")
PREVIEW_SIDE = 1_024
_MOST_LABEL, _MOST_CHOICES, _MOST_SAID, _MOST_ADDRESS = 20, 13, 300, 2_000
_MOST_ALT = 400
# Where a text is parted, the best first: between paragraphs, lines, sentences, words.
_ENDS = ("\n\n", "\n", "。", "！", "？", ". ", "、", " ")
_JOINER = "\u200d"
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Linked:
    """A file and where it can be fetched; of a picture too large for a preview of itself, where a small one is."""

    filename: str
    content_type: str
    size: int
    link: str
    preview: str = ""


def messages_of(text: str, *, files: Sequence[Linked] = (), choices: Sequence[str] = ()) -> list[Message]:
    """All messages of an answer, in their order; choices hang on the last."""
    written: list[Message] = [{"type": "text", "text": part} for part in parts_of(text)]
    written += [_file(file) for file in files]
    short = [choice for choice in choices if choice.strip()][:_MOST_CHOICES]
    if not short or not written:
        return written
    if any(length(choice) > _MOST_LABEL for choice in short):
        return [*written, _list_of(short)]
    written[-1]["quickReply"] = {"items": [{"type": "action", "action": _act(one)} for one in short]}
    return written


def in_batches(messages: Sequence[Message]) -> list[list[Message]]:
    """As many at once as LINE takes."""
    return [list(messages[at : at + MOST_AT_ONCE]) for at in range(0, len(messages), MOST_AT_ONCE)]


def retry_key(external_id: str, number: int) -> str:
    """The key of a part of a message, the same at every try: LINE takes what comes under one key once."""
    return str(uuid5(NAMESPACE_URL, f"madoguchi:line:{external_id}:{number}"))


def parts_of(text: str, *, most: int = MOST_TEXT) -> list[str]:
    """The text in parts that LINE takes, parted where one may pause; nothing but blanks between them is lost."""
    return list(_parts(text.strip(), most))


def length(text: str) -> int:
    """How long a text is to LINE."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _parts(rest: str, most: int) -> Iterator[str]:
    while length(rest) > most:
        at = _where_to_part(rest, most)
        yield rest[:at].rstrip()
        rest = rest[at:].lstrip()
    if rest:
        yield rest


def _where_to_part(text: str, most: int) -> int:
    """After how many signs the first part ends: at a pause in its second half, else where it is full."""
    full = _signs_within(text, most)
    for end in _ENDS:
        at = text.rfind(end, full // 2, full)
        if at > 0:
            return at + len(end)
    return _before_a_whole_sign(text, full)


def _signs_within(text: str, most: int) -> int:
    used = 0
    for at, sign in enumerate(text):
        used += 2 if ord(sign) > 0xFFFF else 1
        if used > most:
            return at
    return len(text)


def _before_a_whole_sign(text: str, at: int) -> int:
    """Never within what is read as one sign: marks on a letter, a family of emoji, kana with their dots."""
    back = at
    while back > 1 and (_goes_on(text[back]) or text[back - 1] == _JOINER):
        back -= 1
    return back if back > 1 else at


def _goes_on(sign: str) -> bool:
    return bool(unicodedata.combining(sign)) or sign == _JOINER or "\ufe00" <= sign <= "\ufe0f"


def _file(file: Linked) -> Message:
    preview = file.link if file.size <= MOST_PREVIEW else file.preview
    shown = file.content_type in PICTURES and file.size <= MOST_PICTURE
    if shown and all(
        one.startswith("https://") and len(one) <= _MOST_ADDRESS for one in (file.link, preview)
    ):
        return {"type": "image", "originalContentUrl": file.link, "previewImageUrl": preview}
    return {"type": "text", "text": f"📎 {file.filename}\n{file.link}"}


def _act(choice: str) -> Message:
    label = choice if length(choice) <= _MOST_LABEL else f"{_cut(choice, _MOST_LABEL - 1)}…"
    return {"type": "message", "label": label, "text": _cut(choice, _MOST_SAID)}


def _cut(text: str, most: int) -> str:
    return text[: _signs_within(text, most)]


def _list_of(choices: Sequence[str]) -> Message:
    """Choices that are too long for buttons, each in full: a bubble whose lines can be touched."""
    rows = [
        {
            "type": "box",
            "layout": "vertical",
            "paddingAll": "10px",
            "action": _act(choice),
            "contents": [{"type": "text", "text": choice, "wrap": True, "weight": "bold"}],
        }
        for choice in choices
    ]
    bubble = {
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "spacing": "sm", "contents": rows},
    }
    alt = " / ".join(choices)
    return {"type": "flex", "altText": _cut(alt, _MOST_ALT), "contents": bubble}
