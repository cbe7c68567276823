"""What a calendar invitation (RFC 5545) says, as lines of text for a mail that has no other words."""

import re
from typing import Final

_FOLD: Final = re.compile(r"\r?\n[ \t]")
_LINE: Final = re.compile(
    r"^([A-Za-z-]{1,40})((?:;(?:[^:\"\r\n]|\"[^\"\r\n]*\")*)?):([^\r\n]*)", re.MULTILINE
)
_MOMENT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z?))?")
_ZONE: Final = re.compile(r"TZID=\"?([^;:\"]{1,100})")
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")
_LONGEST: Final = 200_000


def invitation_as_text(calendar: str) -> str:
    """The first event: what, when, where and who invites, a line each."""
    begin = calendar.find("BEGIN:VEVENT")
    if begin < 0:
        return ""
    event = _FOLD.sub("", calendar[begin : begin + _LONGEST]).partition("END:VEVENT")[0]
    fields: dict[str, tuple[str, str]] = {}
    for name, parameters, value in _LINE.findall(event):
        fields.setdefault(name.upper(), (parameters, value))
    lines = (
        _plain(fields, "SUMMARY"),
        " – ".join(filter(None, (_moment(fields, "DTSTART"), _moment(fields, "DTEND")))),
        _plain(fields, "LOCATION"),
        re.sub(r"(?i)^mailto:", "", _plain(fields, "ORGANIZER")),
        _plain(fields, "DESCRIPTION"),
    )
    return "\n".join(line for line in lines if line)


def _plain(fields: dict[str, tuple[str, str]], name: str) -> str:
    value = fields.get(name, ("", ""))[1]
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _moment(fields: dict[str, tuple[str, str]], name: str) -> str:
    parameters, value = fields.get(name, ("", ""))
    found = _MOMENT.match(value)
    if found is None:
        return value
    year, month, day, hour, minute, utc = found.groups()
    zone = "UTC" if utc else next(iter(_ZONE.findall(parameters)), "")
    time = f" {hour}:{minute}" if hour else ""
    return f"{year}-{month}-{day}{time}" + (f" ({zone})" if zone and time else "")
