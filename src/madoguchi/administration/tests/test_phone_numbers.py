"""Phone numbers as entry points: how they are written, whose they are, and who may publish them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from madoguchi.companies import actions
from madoguchi.companies.actions.entry_points import phone_address
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

NUMBER = "+815000000001"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("050-0000-0001", NUMBER),
        ("05000000001", NUMBER),
        ("０５０－００００－０００１", NUMBER),
        ("+81 50 0000 0001", NUMBER),
        ("0120-000-000", "+81120000000"),
        ("(03) 1234-5678", "+81312345678"),
        ("+1 212 555 0100", "+12125550100"),
    ],
)
def test_a_number_is_kept_in_one_form(written: str, number: str) -> None:
    assert phone_address(written) == number


@pytest.mark.parametrize("written", ["", "110", "desk", "support@shop.example", "1" * 30])
def test_what_is_no_number_is_refused_with_an_example(written: str) -> None:
    for language, words in (
        ("ja", "0120-000-000のように、電話番号を入力してください。"),
        ("en", "Write a phone number, such as 0120-000-000."),
    ):
        with translation.override(language), pytest.raises(Refused) as refused:
            phone_address(written)
        assert (str(refused.value), refused.value.field) == (words, "address")


def points() -> list[str]:
    """The numbers that there are; of none that was refused does the log know."""
    with scope.everywhere(reason="a test looks at all companies"):
        assert not Event.objects.filter(kind="entry_point.added").exists()
        return list(EntryPoint.objects.filter(kind=Channel.PHONE).values_list("address", flat=True))


@pytest.mark.django_db
def test_a_number_is_published_on_the_page_and_can_be_called(
    signed_in: Callable[[User], Client], world: World
) -> None:
    manager = signed_in(world.ours.company_manager)

    page = manager.post(
        f"/administration/desks/{world.ours.desk.pk}/entry-points/new/",
        {"kind": "phone", "address": "050-0000-0001", "sender_name": "", "medium": "通販カタログ"},
    )

    assert page.status_code == 302
    point = entry_point_by_address(Channel.PHONE, "050-0000-0001")
    assert point is not None
    assert (point.address, point.desk, point.medium) == (NUMBER, world.ours.desk, "通販カタログ")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "110", "desk"])
def test_what_is_no_number_stays_in_the_form(
    signed_in: Callable[[User], Client], world: World, address: str
) -> None:
    manager = signed_in(world.ours.company_manager)

    page = manager.post(
        f"/administration/desks/{world.ours.desk.pk}/entry-points/new/",
        {"kind": "phone", "address": address, "sender_name": "", "medium": "カタログ"},
    )

    assert page.status_code == 422
    assert 'value="カタログ"' in page.text
    assert points() == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["agent", "supervisor", "company_staff"])
def test_who_does_not_set_up_desks_publishes_no_number(
    signed_in: Callable[[User], Client], world: World, role: str
) -> None:
    person = getattr(world.ours, role)

    page = signed_in(person).post(
        f"/administration/desks/{world.ours.desk.pk}/entry-points/new/", {"kind": "phone", "address": NUMBER}
    )
    with world.ours.scope(), pytest.raises(NotAllowed):
        actions.add_entry_point(world.ours.desk, kind=Channel.PHONE, address=NUMBER, by=actor_of(person))

    assert page.status_code in (403, 404)
    assert points() == []


@pytest.mark.django_db
def test_nobody_publishes_a_number_at_the_desk_of_another_company(
    signed_in: Callable[[User], Client], world: World
) -> None:
    page = signed_in(world.theirs.company_manager).post(
        f"/administration/desks/{world.ours.desk.pk}/entry-points/new/", {"kind": "phone", "address": NUMBER}
    )

    assert page.status_code == 404
    assert points() == []


@pytest.mark.django_db
def test_a_number_belongs_to_one_desk_of_the_installation(world: World) -> None:
    make_entry_point(world.theirs.desk, kind=Channel.PHONE, address=NUMBER)

    with world.ours.scope(), pytest.raises(Refused, match="すでに使われています"):
        actions.add_entry_point(
            world.ours.desk,
            kind=Channel.PHONE,
            address="050-0000-0001",
            by=actor_of(world.ours.company_manager),
        )

    assert points() == [NUMBER]


@pytest.mark.django_db
def test_a_number_out_of_use_is_not_called(world: World) -> None:
    make_entry_point(world.ours.desk, kind=Channel.PHONE, address=NUMBER, active=False)

    assert entry_point_by_address(Channel.PHONE, NUMBER) is None
    assert entry_point_by_address(Channel.EMAIL, NUMBER) is None
