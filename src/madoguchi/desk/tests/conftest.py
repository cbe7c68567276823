"""A case at our desk, people who look at it, and what a page cost."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.kernel.channel import File, Party
from madoguchi.people.factories import World
from madoguchi.people.models import User

HTMX = {"HX-Request": "true"}
MISAKI = Party(address="misaki@home.example", name="髙橋 美咲")
_BOOKKEEPING = re.compile(r"^(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SELECT set_config)")


@dataclass(frozen=True, slots=True)
class Cost:
    """The queries of a page that read or write, without the bookkeeping of transactions."""

    queries: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.queries)


@contextmanager
def counted() -> Iterator[Cost]:
    """What the database is asked within."""
    cost = Cost()
    with CaptureQueriesContext(connection) as captured:
        yield cost
    cost.queries.extend(q["sql"] for q in captured if not _BOOKKEEPING.match(q["sql"]))


class AtThePage(Client):
    """A browser that answers a case from its page, whose form says which state of the case was read: the present one,
    unless a test says otherwise.
    """

    def post(self, path: str, data: Any = None, *args: Any, **more: Any) -> Any:
        answers = re.fullmatch(r"/cases/([A-Z]+)-(\d+)/reply/", path)
        if answers and isinstance(data, dict) and "version" not in data:
            data = {**data, "version": self._version(*answers.groups())}
        return super().post(path, data, *args, **more)

    @staticmethod
    def _version(prefix: str, number: str) -> int:
        with scope.everywhere(reason="the page knows the case"):
            found = Case.objects.filter(company__prefix=prefix, number=int(number))
            return found.values_list("version", flat=True).first() or 1


def signed_in(user: User) -> Client:
    """Somebody at the browser, signed in."""
    client = AtThePage()
    client.force_login(user)
    return client


@pytest.fixture
def agent(world: World) -> Client:
    return signed_in(world.ours.agent)


@pytest.fixture
def supervisor(world: World) -> Client:
    return signed_in(world.ours.supervisor)


@pytest.fixture
def stranger(world: World) -> Client:
    """The supervisor of another company's desk."""
    return signed_in(world.theirs.supervisor)


@pytest.fixture
def company_staff(world: World) -> Client:
    return signed_in(world.ours.company_staff)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI)


@pytest.fixture
def number(world: World, case: Case) -> str:
    return case.spoken_number(world.ours.company.prefix)


@pytest.fixture
def now(world: World) -> Callable[[Case], Case]:
    """The case as it stands in the database now."""

    def look(case: Case) -> Case:
        with world.ours.scope():
            return Case.objects.get(pk=case.pk)

    return look


def photo(name: str = "不具合写真.png") -> File:
    return File(name, "image/png", b"\x89PNG\r\n\x1a\n" + bytes(40))


def everything(model: Any, **wanted: Any) -> list[Any]:
    """All rows of a model, whosever they are."""
    with scope.everywhere(reason="a test looks at what is there"):
        return list(model.objects.filter(**wanted).order_by("pk"))
