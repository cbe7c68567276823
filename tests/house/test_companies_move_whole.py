"""All of a company goes along when it moves: no table, no id and no file is forgotten, and no secret slips out."""

import dataclasses
from collections.abc import Iterable, Iterator

from django.db import models

from madoguchi.cases.models import Attachment, Case, Merge
from madoguchi.channels.email.models import Mailbox
from madoguchi.infra import facts
from madoguchi.infra.facts import Fact
from madoguchi.infra.scope import ScopedModel
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.project.moving import registry
from madoguchi.project.moving import tables as moving
from madoguchi.project.moving.left_out import LEFT_OUT, NOTHING_BUT_SECRET
from madoguchi.project.moving.without_ids import WITHOUT_IDS
from tests.house.test_whose_data import OF_NO_COMPANY, ours

# Types whose values are no ids, whatever they are called.
_NO_NUMBERS = {"str", "bool", "bool | None", "list[str]", "str | None", "ClassVar[str]", "ClassVar[bool]"}


def unknown_ids(found: Iterable[type[models.Model]]) -> list[str]:
    """Columns of which nobody has said whether they hold ids."""
    names = [
        f"{model._meta.label}.{field.name}"
        for model in found
        for field in moving.columns(model)
        if moving.may_hold_ids(field)
    ]
    # The log is turned by the fields of its facts.
    told = {*registry.COLUMNS, *WITHOUT_IDS, "infra.Event.data", "infra.Event.actor_id"}
    return [name for name in names if name not in told]


def nameless_targets(found: Iterable[type[models.Model]]) -> list[str]:
    """Foreign keys to rows that do not go along and have no name that is theirs everywhere."""
    labels = {m._meta.label for m in moving.tables()} | registry.NAMED | {registry.COMPANY}
    return [
        f"{model._meta.label}.{field.name}"
        for model in found
        for field in moving.columns(model)
        if field.related_model is not None and field.related_model._meta.label not in labels
    ]


def _type(field: "dataclasses.Field[object]") -> str:
    return field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))


def unknown_fields(found: Iterable[type[Fact]]) -> Iterator[str]:
    """Fields of facts of which nobody has said whether they hold ids."""
    common = {f.name for f in dataclasses.fields(Fact)}
    for fact in found:
        for field in dataclasses.fields(fact):
            written = str(field.type) if "[" in str(field.type) or "|" in str(field.type) else _type(field)
            names = {field.name, f"{fact.kind}.{field.name}"}
            known = {*registry.FACT_FIELDS, *registry.FACT_RULES, *registry.FACT_FIELDS_WITHOUT_IDS}
            known |= registry.FACT_FIELDS_BY_OTHERS
            if field.name not in common and written not in _NO_NUMBERS and not names & known:
                yield f"{fact.kind}.{field.name}: {written}"


def test_every_table_of_a_company_goes_along_or_has_a_reason_not_to() -> None:
    scoped = {m._meta.label for m in ours() if issubclass(m, ScopedModel)}

    assert {m._meta.label for m in moving.tables()} == scoped - set(LEFT_OUT)
    assert set(LEFT_OUT) - scoped == set()
    assert scoped >= NOTHING_BUT_SECRET


def test_of_every_column_it_is_known_whether_it_holds_ids() -> None:
    assert unknown_ids(moving.tables()) == []
    columns = {f"{m._meta.label}.{f.name}" for m in moving.tables() for f in moving.columns(m)}
    assert (set(registry.COLUMNS) | WITHOUT_IDS) - columns == set()


def test_every_row_that_is_pointed_to_is_known_where_it_comes_to() -> None:
    assert nameless_targets(moving.tables()) == []
    assert set(OF_NO_COMPANY) >= registry.NAMED


def test_of_every_fact_it_is_known_which_fields_are_ids() -> None:
    known = [fact for fact in facts.known().values() if fact.__module__.startswith("madoguchi.")]
    product = [fact for fact in known if ".tests." not in fact.__module__]

    assert list(unknown_fields(product)) == []


def test_files_bytes_and_secrets_are_seen() -> None:
    assert moving.named_files(Attachment) == ["sha256"]
    assert (moving.contents(RawArrival), moving.contents(Arrival)) == (["content"], [])
    assert moving.secrets(Mailbox) == ["password"]
    assert moving.secrets(Case) == []


def test_planted_violations_are_found() -> None:
    class Planted(ScopedModel):
        somebody_id = models.BigIntegerField()
        rate = models.ForeignKey("infra.Seal", on_delete=models.PROTECT)

        class Meta(ScopedModel.Meta):
            app_label = "house_planted_moving"

    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Told(Fact):
        kind = "house.planted"
        somebody: int
        name: str

    assert unknown_ids([Planted, Merge]) == ["house_planted_moving.Planted.somebody_id"]
    assert nameless_targets([Planted, Merge]) == ["house_planted_moving.Planted.rate"]
    assert list(unknown_fields([Told])) == ["house.planted.somebody: int"]
