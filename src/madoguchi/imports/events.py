"""What can be said of imports."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ImportRan(Fact):
    """Somebody brought in what is in files of another system (`source` tells several of one `system` apart), by name
    with their SHA-256; how many records of each kind became what, and whether it came to its end.
    """

    kind: ClassVar[str] = "import.ran"
    system: str
    source: str
    files: dict[str, str]
    counts: dict[str, dict[str, int]]
    finished: bool


@fact
class ImportUploaded(Fact):
    """Somebody uploaded files of another system (by name, with their SHA-256), to be looked at before they come in."""

    kind: ClassVar[str] = "import.uploaded"
    upload: int
    system: str
    source: str
    files: dict[str, str]


@fact
class ImportStarted(Fact):
    """What was uploaded begins to come in, or goes on after it was stopped; `import.ran` tells how that ended."""

    kind: ClassVar[str] = "import.started"
    upload: int
