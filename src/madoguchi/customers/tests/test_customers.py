"""Customers: who they are, what of them may be seen, and that companies never share one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.customers.actions import change_customer, find_or_create
from madoguchi.customers.factories import make_customer, make_identity
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.queries import view_of
from madoguchi.infra import scope
from madoguchi.infra.models import Event, EventWords
from madoguchi.infra.scope import Unscoped
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, DataScope, Grant, OperatingModel, Role, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
INTAKE = system("intake")


def meet(world: World, address: str, name: str = "", *, kind: str = "email", phone: str = "") -> int:
    return find_or_create(
        company=world.ours.company.pk,
        kind=IdentityKind(kind),
        party=Party(address, name),
        language="ja",
        phone=phone,
        by=INTAKE,
    )


def facts() -> list[tuple[str, str, dict[str, Any]]]:
    with scope.everywhere(reason="a test looks at the log"):
        return [(e.kind, e.actor_name, e.data) for e in Event.objects.order_by("id")]


def identities(customer: int) -> list[tuple[str, str, str]]:
    rows = Identity.objects.filter(customer_id=customer).order_by("id")
    return list(rows.values_list("kind", "value", "written"))


class TestMeeting:
    def test_somebody_new_becomes_a_customer_with_an_address(self, world: World) -> None:
        with world.ours.scope(), clock.held_at(MORNING):
            pk = meet(world, "Misaki@Home.Example", "髙橋\n美咲")
            customer = Customer.objects.get()

            assert (customer.pk, customer.company) == (pk, world.ours.company)
            assert (customer.name, customer.language, customer.created_at) == ("髙橋 美咲", "ja", MORNING)
            assert (customer.kana, customer.address, customer.memo) == ("", "", "")
            assert identities(pk) == [("email", "misaki@home.example", "Misaki@Home.Example")]
        assert facts() == [("customer.created", "intake", {"customer": pk})]

    @pytest.mark.parametrize(
        "written",
        ["misaki@home.example", "MISAKI@HOME.EXAMPLE", " misaki@home.example ", "ｍisaki@home.example"],
    )
    def test_and_is_known_again_however_the_address_is_written(self, world: World, written: str) -> None:
        with world.ours.scope():
            first = meet(world, "misaki@home.example", "美咲")
            assert meet(world, written) == first
            assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)
        assert len(facts()) == 1

    def test_a_name_is_taken_where_none_is_known_and_never_replaced(self, world: World) -> None:
        with world.ours.scope():
            pk = meet(world, "misaki@home.example")
            assert Customer.objects.get().name == ""
            meet(world, "misaki@home.example", "髙橋 美咲")
            assert Customer.objects.get().name == "髙橋 美咲"
            meet(world, "misaki@home.example", "株式会社詐欺")
            assert Customer.objects.get().name == "髙橋 美咲"
            assert identities(pk) == [("email", "misaki@home.example", "misaki@home.example")]

    @pytest.mark.parametrize("written", ["090-1234-5678", "０９０１２３４５６７８", "+81 90 1234 5678"])
    def test_a_phone_number_they_leave_is_kept_once(self, world: World, written: str) -> None:
        with world.ours.scope():
            pk = meet(world, "misaki@home.example", phone="090-1234-5678")
            meet(world, "misaki@home.example", phone=written)
            assert identities(pk)[1:] == [("phone", "+819012345678", "090-1234-5678")]

    def test_a_number_that_is_anothers_stays_theirs(self, world: World) -> None:
        with world.ours.scope():
            one = meet(world, "misaki@home.example", phone="090-1234-5678")
            other = meet(world, "taro@home.example", phone="090-1234-5678")
            assert [kind for kind, *_ in identities(one)] == ["email", "phone"]
            assert [kind for kind, *_ in identities(other)] == ["email"]

    def test_an_address_of_any_length_is_kept_and_known_again(self, world: World) -> None:
        long = "a" * 400 + "@home.example"
        with world.ours.scope():
            first = meet(world, long, "あ" * 400)
            assert meet(world, long) == first
            assert [len(part) for part in identities(first)[0]] == [5, 254, 254]
            assert len(Customer.objects.get().name) == 200

    def test_it_takes_two_statements_for_somebody_new_and_one_for_somebody_known(self, world: World) -> None:
        cost = []
        with world.ours.scope():
            for _ in range(2):
                with CaptureQueriesContext(connection) as asked:
                    meet(world, "misaki@home.example", "美咲")
                cost.append([q["sql"].split()[0] for q in asked])
        assert cost == [["SELECT", "WITH", "INSERT"], ["SELECT"]]

    def test_two_companies_have_two_customers_behind_one_address(self, world: World) -> None:
        with world.ours.scope():
            ours = meet(world, "misaki@home.example", "美咲")
        with world.theirs.scope():
            theirs = find_or_create(
                company=world.theirs.company.pk,
                kind=IdentityKind.EMAIL,
                party=Party("misaki@home.example", "みさき"),
                language="en",
                by=INTAKE,
            )
            assert list(Customer.objects.values_list("pk", "name", "language")) == [(theirs, "みさき", "en")]
        with world.ours.scope():
            assert list(Customer.objects.values_list("pk", "name", "language")) == [(ours, "美咲", "ja")]

    def test_nobody_is_met_outside_the_companys_scope(self, world: World) -> None:
        with pytest.raises(Exception, match="row-level security"), world.theirs.scope():
            meet(world, "misaki@home.example")
        with pytest.raises(Unscoped):
            Customer.objects.count()
        with scope.everywhere(reason="a test looks at everything"):
            assert (Customer.objects.count(), Identity.objects.count()) == (0, 0)


class TestChanging:
    @pytest.fixture
    def customer(self, world: World) -> Customer:
        return make_customer(world.ours.company)

    def now(self, customer: Customer) -> dict[str, str]:
        with scope.acting_for([customer.company_id]):
            return Customer.objects.values("name", "kana", "address", "memo").get(pk=customer.pk)

    def test_what_is_known_of_them_is_put_right(self, world: World, customer: Customer) -> None:
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            change_customer(customer, name="田中 次郎", memo=" 常連\r\nさん\x00", by=agent)

        expected = {"name": "田中 次郎", "kana": "たなか いちろう", "address": "", "memo": "常連\nさん"}
        assert self.now(customer) == expected
        told = {"customer": customer.pk, "fields": ["memo", "name"]}
        assert facts() == [("customer.changed", "青木 翔", told)]

    def test_the_log_says_which_fields_and_none_of_their_words(
        self, world: World, customer: Customer
    ) -> None:
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            change_customer(customer, memo="ひみつ", by=agent)

        assert "ひみつ" not in repr(facts())

    def test_what_stood_before_is_what_the_last_writer_wrote(self, world: World, customer: Customer) -> None:
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            one, other = Customer.objects.get(pk=customer.pk), Customer.objects.get(pk=customer.pk)
            change_customer(one, memo="一人目", by=agent)
            change_customer(other, memo="二人目", by=agent)

            told = EventWords.objects.order_by("event_id").values_list("changes", flat=True)
            assert list(told) == [{"memo": ["", "一人目"]}, {"memo": ["一人目", "二人目"]}]

    @pytest.mark.parametrize("field", ["name", "kana", "address", "memo"])
    def test_card_numbers_are_blotted_out_of_each(self, world: World, customer: Customer, field: str) -> None:
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            change_customer(customer, by=agent, **{field: "カード4111111111111111"})

        assert self.now(customer)[field] == "カード■■■■■■■■■■■■1111"

    @pytest.mark.parametrize("who", ["company_staff", "company_manager"])
    def test_the_company_reads_but_leaves_it_to_the_desk(
        self, world: World, customer: Customer, who: str
    ) -> None:
        actor = actor_of(getattr(world.ours, who))
        before = self.now(customer)
        with scope.acting_for(actor.companies), pytest.raises(NotAllowed):
            change_customer(customer, name="だれか", by=actor)

        assert (self.now(customer), facts()) == (before, [])

    def test_a_stranger_changes_nothing(self, world: World, customer: Customer) -> None:
        stranger, before = actor_of(world.theirs.manager), self.now(customer)
        with scope.acting_for(stranger.companies), pytest.raises(NotAllowed):
            change_customer(customer, name="だれか", by=stranger)

        assert (self.now(customer), facts()) == (before, [])

    @pytest.mark.parametrize("field", ["company_id", "id", "created_at", "language", "email", ""])
    def test_other_fields_are_not_changed_here(self, world: World, customer: Customer, field: str) -> None:
        agent, before = actor_of(world.ours.agent), self.now(customer)
        with scope.acting_for(agent.companies), pytest.raises(Refused) as refused:
            change_customer(customer, by=agent, **{"name": "変えた", field: "x"})

        assert refused.value.field == field
        assert (self.now(customer), facts()) == (before, [])

    def test_what_is_too_long_is_not_cut_in_silence(self, world: World, customer: Customer) -> None:
        agent, before = actor_of(world.ours.agent), self.now(customer)
        with scope.acting_for(agent.companies), pytest.raises(ValidationError):
            change_customer(customer, name="あ" * 201, by=agent)

        assert (self.now(customer), facts()) == (before, [])

    @pytest.mark.parametrize(
        "unseen", [DataScope(masked=frozenset({"memo"})), DataScope(hidden=frozenset({"memo"}))]
    )
    def test_nobody_overwrites_what_they_may_not_see(
        self, world: World, customer: Customer, unseen: DataScope
    ) -> None:
        with world.ours.scope():
            engagement = world.ours.engagement
            engagement.masked, engagement.hidden = sorted(unseen.masked), sorted(unseen.hidden)
            engagement.save()
        agent, before = actor_of(world.ours.agent), self.now(customer)
        with scope.acting_for(agent.companies), pytest.raises(Refused) as refused:
            change_customer(customer, memo="上書き", by=agent)

        assert refused.value.field == "memo"
        assert (self.now(customer), facts()) == (before, [])


class TestSeeing:
    FIELDS = ("name", "kana", "emails", "phones", "address", "memo")

    @pytest.fixture
    def customer(self, world: World) -> Customer:
        customer = make_customer(
            world.ours.company, name="髙橋 美咲", email="misaki@home.example", phone="090-1234-5678"
        )
        make_identity(customer, IdentityKind.EMAIL, "mk@office.example")
        with world.ours.scope():
            Customer.objects.filter(pk=customer.pk).update(address="千代田区1-2-3", memo="常連さん")
            return Customer.objects.get(pk=customer.pk)

    def reader(self, world: World, *scopes: DataScope) -> Actor:
        grants = tuple(
            Grant(
                company=world.ours.company.pk,
                role=Role.AGENT,
                desk=world.ours.desk.pk,
                model=OperatingModel.VENDOR_CENTRE,
                data_scope=each,
            )
            for each in scopes
        )
        return Actor(kind=ActorKind.PERSON, name="青木 翔", id=1, grants=grants)

    def test_whole_where_nothing_is_kept_back(self, world: World, customer: Customer) -> None:
        with world.ours.scope(), CaptureQueriesContext(connection) as asked:
            view = view_of(customer, actor=self.reader(world, DataScope()))

        assert view.name == "髙橋 美咲"
        assert view.emails == ("misaki@home.example", "mk@office.example")
        assert view.phones == ("090-1234-5678",)
        assert (view.address, view.memo) == ("千代田区1-2-3", "常連さん")
        assert (view.masked, view.hidden) == (frozenset(), frozenset())
        assert len(asked) == 1

    def test_masked_and_hidden_as_the_engagement_says(self, world: World, customer: Customer) -> None:
        kept_back = DataScope(
            masked=frozenset({"name", "email", "phone"}), hidden=frozenset({"address", "memo"})
        )
        with world.ours.scope():
            view = view_of(customer, actor=self.reader(world, kept_back))

        assert view.name == "髙••••"
        assert view.emails == ("mi••••@••••.example", "m••••@••••.example")
        assert view.phones == ("090••••••78",)
        assert (view.address, view.memo, view.kana) == ("", "", "たなか いちろう")
        assert view.masked == {"name", "email", "phone"}
        assert view.hidden == {"address", "memo"}

    def test_hidden_addresses_do_not_even_say_how_many(self, world: World, customer: Customer) -> None:
        hiding = DataScope(hidden=frozenset({"email", "phone"}))
        with world.ours.scope():
            view = view_of(customer, actor=self.reader(world, hiding))

        assert (view.emails, view.phones) == ((), ())

    def test_who_sees_a_field_in_one_capacity_sees_it(self, world: World, customer: Customer) -> None:
        masking, hiding = DataScope(masked=frozenset({"name"})), DataScope(hidden=frozenset({"name"}))
        with world.ours.scope():
            seen = [
                view_of(customer, actor=self.reader(world, *scopes)).name
                for scopes in ((masking, hiding), (masking, DataScope()), (hiding, hiding))
            ]
        assert seen == ["髙••••", "髙橋 美咲", ""]

    def test_an_expired_engagement_shows_nobody(self, world: World, customer: Customer) -> None:
        with world.ours.scope():
            engagement = world.ours.engagement
            engagement.ends_on = (clock.now() - timedelta(days=2)).date()
            engagement.save()
        assert actor_of(world.ours.agent).companies == frozenset()


@pytest.mark.parametrize(
    "name", ["a@home.example", "Ａ＠home．example", "a(at)home.example", "M a@home.example"]
)
def test_an_address_in_place_of_a_name_is_no_name(world: World, name: str) -> None:
    with world.ours.scope():
        customer = meet(world, "a@home.example", name)
        meet(world, "a@home.example", name)

        assert Customer.objects.get(pk=customer).name == ""
