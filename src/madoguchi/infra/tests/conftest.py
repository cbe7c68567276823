"""A company of its own for each test, and second connections to the same database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from madoguchi.companies.factories import make_company
from madoguchi.companies.models import Company
from madoguchi.infra.listen import connection_parameters

Connect = Callable[[], psycopg.Connection[Any]]


@pytest.fixture
def company(db: None) -> Company:
    """A company, and nothing else."""
    return make_company()


@pytest.fixture
def connect(transactional_db: None) -> Iterator[Connect]:
    """Connections beside Django's own, as another process has them, acting as the product's role."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(psycopg.connect(**connection_parameters()))
