"""Of every table and column in which a word of a customer can stand it is said what becomes of it at an erasure."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.cases.models import Note
from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel
from madoguchi.rights import readable, registry
from madoguchi.rights.withheld import NEVER, OF_OTHERS
from tests.house.test_whose_data import ours


def test_of_every_table_it_is_said_what_becomes_of_the_words_in_it() -> None:
    assert registry.unsaid(ours()) == []


def test_what_is_said_is_said_of_what_there_is() -> None:
    there = {model._meta.label: model for model in ours()}
    said = {*registry.HELD, *registry.NOT_OF_CUSTOMERS, *registry.SET_UP_TABLES}

    assert said - set(there) == set()
    assert set(registry.HELD) & {*registry.NOT_OF_CUSTOMERS, *registry.SET_UP_TABLES} == set()
    for label, held in registry.HELD.items():
        columns = {name for f in there[label]._meta.concrete_fields for name in (f.name, f.attname)} | {"pk"}
        assert {held.by, *held.blank, *held.kept} - columns == set(), label


def test_planted_violations_are_found() -> None:
    class Diary(ScopedModel):
        text = models.TextField()
        spoken = ArrayField(models.TextField())
        kind = models.CharField(max_length=5, choices=[("a", "A")])

        class Meta(ScopedModel.Meta):
            app_label = "house_planted_words"

    class Figures(ScopedModel):
        number = models.IntegerField()

        class Meta(ScopedModel.Meta):
            app_label = "house_planted_words"

    assert list(registry.word_columns(Diary)) == ["text", "spoken"]
    assert registry.unsaid([Diary, Figures, Customer]) == ["house_planted_words.Diary"]
    held = registry.HELD["cases.Note"]
    registry.HELD["cases.Note"] = registry.Held(held.of, held.by)
    try:
        assert registry.unsaid([Note]) == ["cases.Note.text"]
    finally:
        registry.HELD["cases.Note"] = held


def test_a_disclosure_has_a_section_for_every_table_or_says_why_not() -> None:
    there = {model._meta.label: model for model in ours()}
    ways = [set(readable.SHOWN), set(readable.ELSEWHERE), set(readable.NOT_READ)]

    assert set().union(*ways) == set(registry.HELD)
    assert sum(map(len, ways)) == len(registry.HELD)
    for label, shown in readable.SHOWN.items():
        columns = {column.name for column in there[label]._meta.concrete_fields}
        assert set(shown.columns) - columns == set(), label
        told = set(shown.columns) & (NEVER.get(label, frozenset()) | OF_OTHERS.get(label, frozenset()))
        assert told == set(), label
