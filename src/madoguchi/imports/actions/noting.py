"""That an import ran is written into the log, by whoever began it."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from madoguchi.imports.actions.target import Target
from madoguchi.imports.events import ImportRan
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of


def note_run(
    target: Target, *, files: Mapping[str, str], counts: Mapping[str, Mapping[str, int]], finished: bool
) -> None:
    """Write down that an import ran, also where nothing came in, and whether it came to its end.

    Called once at its end, or where it was stopped. Unlike what came in, it happened here and now.
    """
    system, _colon, source = target.source.partition(":")
    fact = ImportRan(
        company=target.company,
        desk=target.point.desk_id,
        system=system,
        source=source,
        files=dict(files),
        counts={kind: dict(each) for kind, each in counts.items()},
        finished=finished,
    )
    note(fact, importer=target.importer)


def note(fact: ImportRan, *, importer: int) -> None:
    """Write it down, by whoever imported."""
    with scope.acting_for([fact.company]):
        record(fact, by=actor_of(User.objects.get(pk=importer)))


def digests_of(paths: Sequence[Path]) -> dict[str, str]:
    """Files by name, with the SHA-256 of what is in them; by the whole path where two have the same name."""
    names = [path.name for path in paths]
    return {path.name if names.count(path.name) == 1 else str(path): _digest(path) for path in paths}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
