"""An import that is killed with -9, at whatever record, ends where one ends that nobody killed."""

from pathlib import Path

import pytest
from django.db import connection
from tests.house.dying import killed
from tests.servers.ground import until

from madoguchi.imports.actions.target import Target
from madoguchi.imports.models import Origin
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, run
from madoguchi.imports.sources import Asked
from madoguchi.imports.tests.formats import FORMATS
from madoguchi.imports.tests.story import as_known_by, rows, target_here
from madoguchi.infra import scope
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
RUN = """
from madoguchi.imports import running
from madoguchi.imports.actions import taking, target_of
from madoguchi.imports.actions.work import Work
from madoguchi.imports.reports import Report
from madoguchi.imports.sources import Asked
from pathlib import Path

running.AT_ONCE = 1

def after(calls, real):
    left = [calls]
    def counted(*args, **more):
        left[0] -= 1
        return die() if left[0] < 0 else real(*args, **more)
    return counted

{moment}
target = target_of(entry_point({point}), source="there", importer={importer})
source = running.SOURCES[{system!r}](tuple(map(Path, {files!r})), Asked())
running.run(source, target, report=Report(None), progress=lambda _n: None)
"""
MOMENTS = {
    "before anything": "running.take = after(0, running.take)",
    "within the first record": "Work.remember = after(1, Work.remember)",
    "before the first record is durable": "taking.index = after(0, taking.index)",
    "after the first record": "running.take = after(1, running.take)",
    "within a later record": "Work.remember = after({later}, Work.remember)",
    "before the second record is durable": "taking.index = after(1, taking.index)",
}


def locks_of_others() -> int:
    """How many advisory locks sessions other than this one hold in this database."""
    query = (
        "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database"
        " WHERE locktype = 'advisory' AND d.datname = current_database() AND pid <> pg_backend_pid()"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("format_", ["mbox", "zendesk, exported"])
def test_it_resumes_to_the_same_end(
    world: World, target: Target, database_url: str, tmp_path: Path, format_: str, moment: str
) -> None:
    system, made = FORMATS[format_]
    files = made(tmp_path)
    wanted = {
        "moment": MOMENTS[moment].format(later={"mbox": 2, "zendesk, exported": 6}[format_]),
        "point": target.point.pk,
        "importer": target.importer,
    }

    killed(
        RUN.format(**wanted, system=system, files=[str(path) for path in files]),
        url=database_url,
        data=tmp_path,
    )

    until(lambda: not locks_of_others(), what="the end of the killed process's session")
    report = Report(None)
    run(SOURCES[system](files, Asked()), target_here(world), report=report, progress=lambda _n: None)
    assert rows() == as_known_by(format_)
    with scope.everywhere(reason="a test looks at everything"):
        origins = list(Origin.objects.values_list("kind", "external_id"))
    assert len(origins) == len(set(origins)) == {"mbox": 3, "zendesk, exported": 8}[format_]
