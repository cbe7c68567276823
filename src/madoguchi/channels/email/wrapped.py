"""Text whose characters of several bytes a gateway has cut in two, as it broke lines by counting bytes.

Asked only of bytes that their charset does not explain: a line end within a character is never the writer's.
"""

import re
from typing import Final

_GAP: Final = rb"!?(?:\r\n|\n|\r)[ \t]?"
_MORE: Final = rb"[\x80-\xbf]"
_UTF_8: Final = re.compile(
    rb"([\xc2-\xdf]|[\xe0-\xef](?=%(gap)s%(more)s{2})|[\xe0-\xef]%(more)s|[\xf0-\xf4](?=%(gap)s%(more)s{3})"
    rb"|[\xf0-\xf4]%(more)s(?=%(gap)s%(more)s{2})|[\xf0-\xf4]%(more)s{2})%(gap)s(?=%(more)s)"
    % {b"gap": _GAP, b"more": _MORE}
)
# Whole characters are passed over first, lest a byte of one be taken for one of another.
_EUC: Final = re.compile(
    rb"((?:[\x00-\x7f]|[\xa1-\xfe]{2}|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2})*+)"
    rb"(?:(\x8f[\xa1-\xfe]|[\x8e\xa1-\xfe])%(gap)s([\xa1-\xfe])|(\x8f)%(gap)s([\xa1-\xfe]{2})|(.)|\Z)"
    % {b"gap": _GAP},
    re.DOTALL,
)
_CP932: Final = re.compile(
    rb"((?:[\x00-\x80\xa0-\xdf\xfd-\xff]|[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc])*+)"
    rb"(?:([\x81-\x9f\xe0-\xfc])%(gap)s([\x40-\x7e\x80-\xfc])|(.)|\Z)" % {b"gap": _GAP},
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"(\x1b)%(gap)s(?=[$(])|(\x1b[$(])%(gap)s(?=[@BIJ])" % {b"gap": _GAP})
_KANJI: Final = re.compile(rb"(\x1b\$[@B])([^\x1b]+)")
_PAIR: Final = re.compile(
    rb"((?:[\x21-\x7e]{2}|[\x00-\x20])*+)(?:([\x21-\x7e])(?:\r\n|\n|\r)([\x21-\x7e])|(.)|\Z)", re.DOTALL
)


def utf8_joined(data: bytes) -> bytes:
    """UTF-8 with its characters put together again."""
    return _UTF_8.sub(rb"\1", data)


def euc_joined(data: bytes) -> bytes:
    """EUC-JP with its characters put together again."""
    return _EUC.sub(rb"\1\2\3\4\5\6", data)


def cp932_joined(data: bytes) -> bytes:
    """Shift_JIS with its characters put together again."""
    return _CP932.sub(rb"\1\2\3\4", data)


def jis_joined(data: bytes) -> bytes:
    """ISO-2022-JP with its characters and escape sequences put together again."""
    whole = _ESCAPE.sub(rb"\1\2", data)
    return _KANJI.sub(lambda found: found[1] + _PAIR.sub(rb"\1\2\3\4", found[2]), whole)


def has_cut_escapes(data: bytes) -> bool:
    """Whether a line end stands within an escape sequence of ISO-2022-JP."""
    return _ESCAPE.search(data) is not None
