"""Which files may hold words, and how each is read."""

from pathlib import PurePath

# With this status a reader ends when the file is at fault, so that no other try would be better.
UNREADABLE = 3

_SUFFIXES = {
    "pdf": ".pdf",
    "plain": ".txt .text .csv .tsv .log .md .json .xml .ics .vcf .yaml .yml .ini",
    "html": ".html .htm .xhtml",
    "docx": ".docx .docm .dotx",
    "xlsx": ".xlsx .xlsm .xltx",
    "pptx": ".pptx .pptm .ppsx",
    "opendocument": ".odt .ods .odp",
}
_BY_SUFFIX = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_OFFICE, _OPEN = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
_BY_TYPE = {
    "application/pdf": "pdf",
    "application/json": "plain",
    "text/plain": "plain",
    "text/csv": "plain",
    "text/html": "html",
    f"{_OFFICE}wordprocessingml.document": "docx",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}presentationml.presentation": "pptx",
    **{f"{_OPEN}{of}": "opendocument" for of in ("text", "spreadsheet", "presentation")},
}


def kind_of(filename: str, content_type: str) -> str:
    """How a file is read, by its name or else by what it was said to be; empty for what is not read."""
    suffix = PurePath(filename.strip().lower()).suffix
    return _BY_SUFFIX.get(suffix) or _BY_TYPE.get(content_type.partition(";")[0].strip().lower(), "")
