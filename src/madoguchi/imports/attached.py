"""Files of an export that lie beside it on disk, known by the ids that the export gives them."""

import mimetypes
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madoguchi.kernel.channel import File
from madoguchi.kernel.text import one_line, whole_number

MOST_OF_A_FILE, MOST_OF_A_MESSAGE = 50_000_000, 200_000_000
USUAL_FOLDER = "attachments"


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file that is read when its turn comes."""

    path: Path
    filename: str
    content_type: str
    size: int

    def read(self) -> File:
        """With its bytes, of which it has no more than when it was found. Raises OSError."""
        with self.path.open("rb") as stream:
            return File(self.filename, self.content_type, stream.read(self.size))


@dataclass(frozen=True, slots=True)
class Attached:
    """Where the files of an export lie; nowhere without a folder. What leads out of the folder is not found in it."""

    folder: Path | None = None

    def find(self, found: Mapping[str, Any], *, name: str, ticket: object) -> OnDisk | None:
        """The file that an attachment (with its `id`, and its name under `name`) tells of, of the size it tells.

        It lies under its id and name (`ID/NAME`, `ID-NAME`, `ID_NAME`), or under its ticket's id and name where its
        size shows that it is the one.
        """
        filename = one_line(str(found.get(name) or "").replace("\\", "/").rpartition("/")[2], most=200)
        if self.folder is None or filename in ("", ".", ".."):
            return None
        size, id_ = _number(found.get("size")), str(found.get("id") or "")
        places = [f"{id_}/{filename}", f"{id_}-{filename}", f"{id_}_{filename}"] if id_.isalnum() else []
        if size is not None and str(ticket).isalnum():
            places.append(f"{ticket}/{filename}")
        paths = (self._inside(place, size) for place in places)
        path = next(filter(None, paths), None)
        if path is None:
            return None
        type_ = str(found.get("content_type") or "") or mimetypes.guess_type(filename)[0]
        return OnDisk(path, filename, type_ or "application/octet-stream", path.stat().st_size)

    def _inside(self, place: str, size: int | None) -> Path | None:
        assert self.folder is not None
        try:
            path = (self.folder / place).resolve()
            fits = path.is_relative_to(self.folder.resolve()) and path.is_file() and os.access(path, os.R_OK)
            there = path.stat().st_size if fits else MOST_OF_A_FILE + 1
        except (OSError, ValueError):
            return None
        return path if there <= MOST_OF_A_FILE and size in (None, there) else None


def _number(written: object) -> int | None:
    return whole_number(str(written))
