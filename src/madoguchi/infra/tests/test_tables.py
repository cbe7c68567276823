"""All tables of an app at once: they refer to each other in any direction, and what was there stays as it was."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.state import ProjectState

from madoguchi.infra.tables import CreateTables

pytestmark = pytest.mark.django_db
TABLES = ("shelves_shelf", "shelves_book")


def column(to: str, **options: Any) -> Any:
    return models.ForeignKey(to, on_delete=models.CASCADE, related_name="+", **options)


def key() -> tuple[str, Any]:
    return "id", models.BigAutoField(primary_key=True)


class Shelves(Migration):
    """A shelf has a first book, which stands on a shelf, and is a reader's."""

    operations = [
        CreateTables(
            [
                CreateModel("Shelf", [key(), ("first", column("shelves.Book", null=True))]),
                CreateModel(
                    "Book",
                    [key(), ("shelf", column("shelves.Shelf")), ("reader", column("readers.Reader"))],
                    {"indexes": [models.Index(fields=["shelf", "-id"], name="book_on_shelf")]},
                ),
            ]
        )
    ]


class Readers(Migration):
    """What is there before."""

    operations = [CreateModel("Reader", [key()])]


def apply(one: Migration, state: ProjectState) -> ProjectState:
    with connection.schema_editor() as editor:
        return one.apply(state, editor)


@pytest.fixture
def readers(as_owner: Callable[[], AbstractContextManager[None]]) -> Iterator[ProjectState]:
    with as_owner():
        state = ProjectState()
        assert state.apps.get_models() == []
        yield apply(Readers("0001_initial", "readers"), state)


def found(query: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def references() -> list[Any]:
    return found(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s) ORDER BY 1, 2",
        list(TABLES),
    )


def there() -> list[str]:
    return sorted(set(connection.introspection.table_names()) & {*TABLES, "readers_reader"})


def test_tables_refer_to_each_other_and_to_what_was_there(readers: ProjectState) -> None:
    apply(Shelves("0001_initial", "shelves"), readers)

    assert there() == ["readers_reader", "shelves_book", "shelves_shelf"]
    assert references() == [
        ("shelves_book", "readers_reader"),
        ("shelves_book", "shelves_shelf"),
        ("shelves_shelf", "shelves_book"),
    ]
    assert found("SELECT indexname FROM pg_indexes WHERE indexname = 'book_on_shelf'") == [("book_on_shelf",)]


def test_what_was_known_is_not_rendered_again_and_knows_what_came(readers: ProjectState) -> None:
    reader = readers.apps.get_model("readers", "Reader")

    after = apply(Shelves("0001_initial", "shelves"), readers)

    assert after.apps.get_model("readers", "Reader") is reader
    shelf, book = (after.apps.get_model("shelves", name) for name in ("Shelf", "Book"))
    assert (shelf._meta.get_field("first").related_model, book._meta.get_field("shelf").related_model) == (
        book,
        shelf,
    )
    assert [of.related_model for of in reader._meta.get_fields(include_hidden=True) if of.is_relation] == [
        book
    ]
    assert book.objects.create(shelf=shelf.objects.create(), reader=reader.objects.create()).pk


def test_a_migration_after_it_goes_on_from_there(readers: ProjectState) -> None:
    after = apply(Shelves("0001_initial", "shelves"), readers)

    class Titles(Migration):
        operations = [AddField("Book", "title", models.TextField(default=""))]

    after = apply(Titles("0002_titles", "shelves"), after)

    book = after.apps.get_model("shelves", "Book")
    assert [field.name for field in book._meta.fields] == ["id", "shelf", "reader", "title"]
    shelf = after.apps.get_model("shelves", "Shelf")
    made = book.objects.create(shelf=shelf.objects.create(), reader_id=reader_of(after), title="こころ")
    assert book.objects.get(title="こころ") == made


def reader_of(state: ProjectState) -> int:
    return int(state.apps.get_model("readers", "Reader").objects.create().pk)


def test_undone_they_are_gone_and_nothing_else(readers: ProjectState) -> None:
    one = Shelves("0001_initial", "shelves")
    before = readers.clone()
    apply(one, readers)

    with connection.schema_editor() as editor:
        one.unapply(before, editor)

    assert there() == ["readers_reader"]


def test_without_anything_rendered_nothing_is_rendered() -> None:
    state = ProjectState()

    Shelves("0001_initial", "shelves").mutate_state(state, preserve=False)

    assert "apps" not in state.__dict__
    assert list(state.models) == [("shelves", "shelf"), ("shelves", "book")]


def test_it_says_what_it_makes_and_what_it_refers_to() -> None:
    [tables] = Shelves.operations
    assert tables.describe() == "Create tables Shelf, Book"
    assert tables.references_model("Book", "shelves")
    assert tables.references_model("Reader", "readers")
    assert not tables.references_model("Reader", "shelves")
