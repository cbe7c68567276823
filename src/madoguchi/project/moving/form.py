"""The file a company moves in: a plain tar like a backup, of JSON Lines and files, that says whether it is whole.

madoguchi-company.json           what made it and when, whose it is, how many rows of each table
company.json                     the company itself
content/xx/SHA256                bytes that rows of the next piece name (mail as it came)
tables/LABEL/000000.jsonl …      rows, one a line, in pieces; their own ids are numbers from 1
files/xx/SHA256                  attachments
operators.jsonl people.jsonl     who answers there, by name and address
end.json                         how many members came before, and one hash over all their hashes
"""

import json
import re
from typing import Any, Final

from madoguchi.project.backup.archive import BackupDamaged, Member, Shape

FORMAT: Final = 1
HEAD, COMPANY, OPERATORS, PEOPLE = (
    "madoguchi-company.json",
    "company.json",
    "operators.jsonl",
    "people.jsonl",
)
CONTENT, TABLES, FILES = "content/", "tables/", "files/"
# Rows and bytes that are held in memory at once, and one more however large it is.
PIECE: Final = 4 * 1024 * 1024
_BY_HASH: Final = re.compile(r"(?:content|files)/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_TABLE: Final = re.compile(r"tables/([A-Za-z_]{1,60}\.[A-Za-z]{1,60})/[0-9]{6,12}\.jsonl")


class NoCompany(BackupDamaged):
    """The file is something else than a company that was exported."""


def place(kind: str, digest: str) -> str:
    """Where bytes with this hash stand."""
    return f"{kind}{digest[:2]}/{digest}"


def digest_in(name: str) -> str:
    """The hash in such a place."""
    return name.rpartition("/")[2]


def table_in(name: str) -> str:
    """Whose rows a piece holds; raises NoCompany for any other name."""
    found = _TABLE.fullmatch(name)
    if found is None:
        raise NoCompany(f"{name} is no place for rows.")
    return found[1]


def lines(content: bytes) -> list[dict[str, Any]]:
    """The objects of JSON Lines."""
    try:
        found = [json.loads(line) for line in content.split(b"\n") if line]
    except (ValueError, RecursionError) as error:
        raise NoCompany(f"A line of it cannot be read ({error}).") from error
    if not all(isinstance(one, dict) for one in found):
        raise NoCompany("A line of it is no object.")
    return found


def line(row: dict[str, Any]) -> bytes:
    """One object as a line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _check(member: Member, first: bool) -> None:
    if first:
        _check_head(member)
    elif member.name.startswith((CONTENT, FILES)):
        _check_bytes(member)
    elif member.name.startswith(TABLES):
        table_in(member.name)
    elif member.name not in (COMPANY, OPERATORS, PEOPLE):
        raise NoCompany(f"{member.name} is nothing that an exported company holds.")


def _check_head(member: Member) -> None:
    if member.name != HEAD:
        raise NoCompany("It is no exported company of Madoguchi.")
    [head] = lines(member.content.replace(b"\n", b" "))
    if head.get("format") != FORMAT:
        raise NoCompany("It was made by a later Madoguchi; import it with that version.")


def _check_bytes(member: Member) -> None:
    found = _BY_HASH.fullmatch(member.name)
    if found is None or member.digest != found[2]:
        raise NoCompany(f"{member.name} is not what it was.")


SHAPE: Final = Shape(_check, large=(CONTENT, TABLES, FILES))
