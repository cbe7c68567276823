"""Member numbers and former names of customers: kept, known again, masked, joined and given back."""

from dataclasses import replace

import pytest

from madoguchi.customers.actions import (
    Known,
    add_customer,
    change_customer,
    join_customers,
    part_customers,
    set_addresses,
    take_over_customer,
    verify_identity,
)
from madoguchi.customers.factories import make_customer, make_identity
from madoguchi.customers.likeness import Described, Sign, score_of, signs_of
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.queries import customers_reached_by, view_of
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import DataScope, system
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind, bare_member, canonical
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.mark.parametrize("written", ["A-0012 345", "ａ００１２３４５", "a.0012/345", "Ａ－００１２ー３４５"])
def test_a_number_is_its_letters_and_digits(written: str) -> None:
    value = canonical(IdentityKind.MEMBER, written)

    assert (value, bare_member(value)) == ("a0012345", "12345")


@pytest.mark.parametrize(
    ("written", "bare"), [("A-012", ""), ("12345X", ""), ("－・－", ""), ("0009999", "9999")]
)
def test_few_digits_tell_nobody_apart(written: str, bare: str) -> None:
    assert bare_member(canonical(IdentityKind.MEMBER, written)) == bare


def test_it_names_one_customer_of_a_company(world: World) -> None:
    by = actor_of(world.ours.agent)
    theirs = make_customer(world.theirs.company)
    make_identity(theirs, IdentityKind.MEMBER, "M-1001")
    with world.ours.scope():
        one = add_customer(world.ours.company.pk, name="田中", members=["M-1001"], by=by)

        assert customers_reached_by(IdentityKind.MEMBER, "ｍ１００１", actor=by) == [one]
        assert view_of(one, actor=by).members == ("M-1001",)
        with pytest.raises(Refused, match="すでに"):
            add_customer(world.ours.company.pk, name="別人", members=["m 1001"], by=by)
        with pytest.raises(Refused, match="文字か数字") as refused:
            set_addresses(one, members=["--"], by=by)
        assert (refused.value.field, view_of(one, actor=by).members) == ("members", ("M-1001",))


def test_it_is_changed_and_told_without_its_words(world: World) -> None:
    by, one = actor_of(world.ours.agent), make_customer(world.ours.company)
    with world.ours.scope():
        set_addresses(one, members=["M-2", "M-1"], by=by)
        mail = Identity.objects.get(customer=one, kind="email")

        event = Event.objects.filter(kind="customer.changed").latest("id")
        assert (event.data["fields"], mail.customer_id) == (["members"], one.pk)
        assert view_of(one, actor=by).members == ("M-2", "M-1")
        number = Identity.objects.get(customer=one, value="m2")
        with pytest.raises(Refused, match="コード"):
            verify_identity(number.pk, customer=one.pk, company=one.company_id, how="code", by=by)
        verify_identity(number.pk, customer=one.pk, company=one.company_id, how="document", by=by)
        number.refresh_from_db()
        assert number.verified_how == "document"


def test_what_the_contract_keeps_is_kept_in_both(world: World) -> None:
    one = make_customer(world.ours.company, name="佐藤 花子")
    make_identity(one, IdentityKind.MEMBER, "12345678")
    by = actor_of(world.ours.agent)
    grants = [
        replace(grant, data_scope=DataScope(masked=frozenset({"member", "name"}))) for grant in by.grants
    ]
    kept = replace(by, grants=tuple(grants))
    with world.ours.scope():
        change_customer(one, former_names="鈴木 花子", by=by)
        seen = view_of(one, actor=kept)

        assert (seen.members, seen.former_names) == (("123••••••78",), ("鈴••••",))
        assert [a.written for a in seen.addresses if a.kind == "member"] == ["123••••••78"]
        assert customers_reached_by(IdentityKind.MEMBER, "12345678", actor=kept) == []
        for wrong in ({"members": ["9"]},):
            with pytest.raises(Refused):
                set_addresses(one, by=kept, **wrong)
        with pytest.raises(Refused):
            change_customer(one, former_names="高木", by=kept)
        one.refresh_from_db()
        assert one.former_names == "鈴木 花子"


def test_former_names_are_lines_none_twice_and_ten_at_most(world: World) -> None:
    by, one = actor_of(world.ours.agent), make_customer(world.ours.company)
    with world.ours.scope():
        change_customer(one, former_names=" 旧 商事 \r\n\n旧 商事\n鈴木", by=by)
        assert one.former_names == "旧 商事\n鈴木"
        for wrong in ("\n".join(map(str, range(11))), "あ" * 201):
            with pytest.raises(Refused) as refused:
                change_customer(one, former_names=wrong, by=by)
            assert refused.value.field == "former_names"
        one.refresh_from_db()
        assert one.former_names == "旧 商事\n鈴木"


def test_joined_they_have_both_and_parted_each_its_own(world: World) -> None:
    by = actor_of(world.ours.agent)
    one, other = make_customer(world.ours.company), make_customer(world.ours.company)
    make_identity(other, IdentityKind.MEMBER, "M-77")
    with world.ours.scope():
        change_customer(one, former_names="鈴木", by=by)
        change_customer(other, former_names="鈴木\n高木", by=by)
        join = join_customers(other, into=one, by=by)
        one.refresh_from_db()
        assert (one.former_names, view_of(one, actor=by).members) == ("鈴木\n高木", ("M-77",))
        part_customers(join, by=by)
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.former_names, other.former_names) == ("鈴木", "鈴木\n高木")
        assert (view_of(one, actor=by).members, view_of(other, actor=by).members) == ((), ("M-77",))


def test_another_system_is_known_again_by_it(world: World) -> None:
    with world.ours.scope():
        known = Known(members=("A-9001",), name="山田", former_names="林")
        first = take_over_customer(world.ours.company.pk, known, by=SHELL)
        again = take_over_customer(
            world.ours.company.pk, Known(members=("a9001",), emails=("y@mail.example",)), by=SHELL
        )

        assert (first, again) == ((first[0], True), (first[0], False))
        row = Customer.objects.get(pk=first[0])
        kinds = Identity.objects.filter(customer=row).order_by("kind").values_list("kind", "value")
        assert (row.name, row.former_names) == ("山田", "林")
        assert list(kinds) == [("email", "y@mail.example"), ("member", "a9001")]


@pytest.mark.parametrize(
    ("one", "other", "signs", "score"),
    [
        (
            Described("佐藤花子", "", "", former_names=("鈴木 花子",)),
            Described("鈴木花子", "", ""),
            (Sign.FORMER_NAME,),
            50,
        ),
        (
            Described("", "", "港区1丁目2番3号", members=("000123456",)),
            Described("", "", "〒106-0032 港区１ー２ー３", members=("A-123456",)),
            (Sign.MEMBER, Sign.ADDRESS),
            90,
        ),
        (
            Described("佐藤", "", "", former_names=("鈴木",)),
            Described("佐藤", "", "", former_names=("鈴木",)),
            (Sign.NAME,),
            50,
        ),
        (Described("佐藤", "", "", members=("12",)), Described("鈴木", "", "", members=("12",)), (), 0),
    ],
)
def test_what_speaks_for_one_person(
    one: Described, other: Described, signs: tuple[Sign, ...], score: int
) -> None:
    assert (signs_of(one, other), score_of(signs_of(one, other))) == (signs, score)
