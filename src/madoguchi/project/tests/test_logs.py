"""No line of a log holds what stands in a row, also where the database names it in an error."""

import io
import logging

import pytest
import structlog
from django.db import Error, connection, transaction

from madoguchi.people.factories import World
from madoguchi.project.logs import WithoutValues, told

pytestmark = pytest.mark.django_db
SECRET, SECOND_LINE = "misaki@home.example", "東京都千代田区"


def twice() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE held (value text UNIQUE) ON COMMIT DROP")
        for _ in range(2):
            cursor.execute("INSERT INTO held VALUES (%s)", [f"{SECRET}\n{SECOND_LINE}"])


def of_another_kind() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::text)::integer", [f"{SECRET}\n{SECOND_LINE}"])


@pytest.mark.parametrize("goes_wrong", [twice, of_another_kind])
def test_an_error_of_the_database_is_logged_without_values(world: World, goes_wrong: object) -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(WithoutValues())
    logger = logging.getLogger("madoguchi.test_logs")
    logger.addHandler(handler)
    ours = structlog.wrap_logger(
        structlog.PrintLogger(lines),
        processors=[
            structlog.processors.ExceptionRenderer(told),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    with world.ours.scope(), pytest.raises(Error) as raised, transaction.atomic():
        goes_wrong()  # type: ignore[operator]
    assert SECRET in str(raised.value)
    logger.error("went wrong", exc_info=raised.value)
    ours.error("went_wrong", exc_info=raised.value)
    logger.removeHandler(handler)

    said = lines.getvalue()
    assert said.count("Traceback") >= 2
    assert [word for word in (SECRET, SECOND_LINE, "髙橋", "DETAIL") if word in said] == []
