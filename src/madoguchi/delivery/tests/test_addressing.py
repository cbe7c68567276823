"""A mail in the customer's name may wish its answer anywhere: where it goes by itself, and what is asked."""

from datetime import timedelta

import pytest

from madoguchi.cases.actions import give_to_customer
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact, Message
from madoguchi.companies.models import Desk, Engagement
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer, Identity
from madoguchi.delivery.actions import ANYTHING, Reply, customer_parties, let_out_due, reply, submit
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import AskFirst
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI, ELSEWHERE = Party("misaki@home.example", "髙橋 美咲"), Party("Other@Elsewhere.example", "")


def answered_at(case: Case) -> list[str]:
    with scope.acting_for([case.company_id]):
        return [party.address for party in customer_parties(case)]


def wishing(
    world: World, sender: Party, *, wish: Party = ELSEWHERE, trust: dict[str, str] | None = None
) -> Case:
    """A case whose first words wish their answer elsewhere."""
    case = make_case(world.ours.entry_point, sender=sender)
    with scope.acting_for([case.company_id]):
        wished = [{"name": "", "address": wish.address}]
        Message.objects.filter(case=case).update(reply_to=wished, trust=trust)
    return case


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI)


class TestWhereItGoes:
    def test_what_passes_on_a_form_is_followed_with_its_first_words(self, world: World) -> None:
        case = wishing(world, Party("form@service.example"))

        assert answered_at(case) == [ELSEWHERE.address]

    def test_a_first_mail_in_the_name_of_who_is_known_is_not_followed(self, world: World, case: Case) -> None:
        forged = wishing(world, MISAKI)

        assert forged.customer_id == case.customer_id
        assert answered_at(forged) == [MISAKI.address]

    def test_nor_of_who_was_entered_before_they_ever_wrote(self, world: World) -> None:
        forged = wishing(world, MISAKI)
        with scope.acting_for([forged.company_id]):
            entered = forged.opened_at - timedelta(days=1)
            Customer.objects.filter(pk=forged.customer_id).update(created_at=entered)

        assert answered_at(forged) == [MISAKI.address]

    @pytest.mark.parametrize("known", [True, False])
    def test_nor_when_the_case_was_given_to_somebody_since(
        self, world: World, case: Case, known: bool
    ) -> None:
        forged = wishing(world, MISAKI)
        other = make_customer(world.ours.company, email="aoki@home.example" if known else None)
        with scope.acting_for([forged.company_id]):
            give_to_customer(forged, to=other, by=actor_of(world.ours.agent))

        assert answered_at(forged) == (["aoki@home.example"] if known else [])

    def test_nor_when_they_called_a_moment_before(self, world: World) -> None:
        forged = wishing(world, MISAKI)
        with scope.acting_for([forged.company_id]):
            call = Contact.objects.get(case=forged)
            call.pk, call.channel, call.at = None, "phone", call.at - timedelta(seconds=9)
            call.save(force_insert=True)

        assert answered_at(forged) == [MISAKI.address]

    @pytest.mark.parametrize(
        ("trust", "followed"),
        [
            ({"authentication": "pass", "dmarc": "pass"}, True),
            ({"authentication": "pass", "dkim": "pass"}, True),
            ({"authentication": "pass", "spf": "pass"}, False),
            ({"authentication": "fail", "dkim": "pass"}, False),
            ({"authentication": "none"}, False),
            ({}, False),
            (None, False),
        ],
    )
    def test_a_mail_that_our_server_found_authentic_is_followed(
        self, world: World, case: Case, trust: dict[str, str] | None, *, followed: bool
    ) -> None:
        later = wishing(world, MISAKI, trust=trust)

        assert answered_at(later) == [ELSEWHERE.address if followed else MISAKI.address]

    @pytest.mark.parametrize("provider", ["gmail.com", "docomo.ne.jp", "yahoo.co.jp"])
    def test_two_of_a_provider_that_takes_everybody_need_not_be_one(
        self, world: World, provider: str
    ) -> None:
        sender, other = Party(f"kato@{provider}"), Party(f"evil@{provider}")
        make_case(world.ours.entry_point, sender=sender)

        assert answered_at(wishing(world, sender, wish=other)) == [sender.address]

    def test_a_later_wish_for_another_domain_is_not_followed(self, case: Case) -> None:
        say_again(case, reply_to=(ELSEWHERE,))

        assert answered_at(case) == [MISAKI.address]

    def test_one_stranger_among_the_wished_is_enough(self, case: Case) -> None:
        say_again(case, reply_to=(Party("other@home.example"), ELSEWHERE))

        assert answered_at(case) == [MISAKI.address]

    def test_the_senders_own_domain_is_followed(self, case: Case) -> None:
        say_again(case, reply_to=(Party("other@HOME.example"),))

        assert answered_at(case) == ["other@HOME.example"]

    def test_an_address_that_only_wrote_in_this_case_is_not_followed(self, case: Case) -> None:
        said = say_again(case)
        with scope.acting_for([case.company_id]):
            Message.objects.filter(pk=said.pk).update(sender_address="other@elsewhere.example")
        say_again(case, reply_to=(ELSEWHERE,))

        assert answered_at(case) == [MISAKI.address]

    def test_an_address_that_we_answered_in_this_case_is_followed(self, world: World, case: Case) -> None:
        with scope.acting_for([case.company_id]):
            written = Reply(text="はい。", to=(MISAKI,), cc=(ELSEWHERE,), confirmed=ANYTHING)
            reply(case, written, by=actor_of(world.ours.agent))
        say_again(case, reply_to=(ELSEWHERE,))

        assert answered_at(case) == [ELSEWHERE.address]

    def test_an_address_known_as_the_customers_is_followed(self, case: Case) -> None:
        with scope.acting_for([case.company_id]):
            own = Identity.objects.get(customer_id=case.customer_id, kind="email")
            own.pk, own.value, own.written = None, "other@elsewhere.example", "other@elsewhere.example"
            own.save(force_insert=True)
        say_again(case, reply_to=(ELSEWHERE,))

        assert answered_at(case) == [ELSEWHERE.address]


class TestWhoAnswersByThemselves:
    """What a program sends without an addressee never goes where a forged mail wishes it."""

    def test_what_leaves_at_a_time_goes_to_the_customer(self, world: World, case: Case) -> None:
        """Given a forged mail, when an answer without an addressee waits for its time, it goes to who is known."""
        forged = wishing(world, MISAKI)
        with scope.acting_for([forged.company_id]):
            due = clock.now() + timedelta(hours=2)
            waits = submit(forged, Reply(text="はい。"), at=due, by=actor_of(world.ours.agent))
            with clock.held_at(due):
                let_out_due(waits.pk, company=forged.company_id)
            [sent] = Outgoing.objects.select_related("message")

        assert [party["address"] for party in sent.message.to] == [MISAKI.address]

    def test_a_yes_to_everything_is_none_to_the_wish(self, world: World, case: Case) -> None:
        forged = wishing(world, MISAKI)
        with scope.acting_for([forged.company_id]):
            sent = reply(forged, Reply(text="はい。", confirmed=ANYTHING), by=actor_of(world.ours.agent))

        assert [party["address"] for party in sent.message.to] == [MISAKI.address]


class TestWhatIsAsked:
    UNKNOWN = "このお客様のものと確認されていない宛先です。"

    def asked(
        self, world: World, case: Case, when: str, *, to: tuple[Party, ...] = (), **kept: list[str]
    ) -> list[tuple[str, str]]:
        with scope.acting_for([world.ours.company.pk]):
            Desk.objects.filter(pk=world.ours.desk.pk).update(check_recipients=when)
            Engagement.objects.filter(desk=world.ours.desk).update(**kept)
            try:
                reply(
                    case,
                    Reply(text="、".join(["はい。", *(party.address for party in to)]), to=to),
                    by=actor_of(world.ours.agent),
                )
            except AskFirst as error:
                assert not Outgoing.objects.exists()
                return list(error.questions)
        return []

    @pytest.fixture
    def elsewhere(self, world: World) -> Case:
        return wishing(world, MISAKI)

    def test_an_addressee_not_known_as_the_customers_though_nothing_was_typed(
        self, world: World, elsewhere: Case
    ) -> None:
        [(key, words)] = self.asked(world, elsewhere, "others")

        assert key.startswith("recipients ")
        assert words == f"宛先: {ELSEWHERE.address}\n{self.UNKNOWN}"

    def test_the_customers_own_address_is_not_asked_about(self, world: World, case: Case) -> None:
        assert self.asked(world, case, "others") == []

    def test_a_desk_that_never_asks_is_not_asked(self, world: World, elsewhere: Case) -> None:
        assert self.asked(world, elsewhere, "never") == []

    def test_a_chosen_address_that_nobody_knows_is_asked_about_at_any_desk(
        self, world: World, case: Case
    ) -> None:
        [(key, words)] = self.asked(world, case, "never", to=(ELSEWHERE,))

        assert key.startswith("recipients ")
        assert words == f"宛先: {ELSEWHERE.address}\n{self.UNKNOWN}"

    def test_one_that_was_answered_in_the_case_is_not_asked_about_again(
        self, world: World, case: Case
    ) -> None:
        with scope.acting_for([case.company_id]):
            written = Reply(text="はい。", to=(ELSEWHERE,), confirmed=ANYTHING)
            sent = reply(case, written, by=actor_of(world.ours.agent))

        assert [party["address"] for party in sent.message.to] == [ELSEWHERE.address]
        assert self.asked(world, case, "never", to=(ELSEWHERE,)) == []
        assert self.asked(world, case, "never", to=(MISAKI,)) == []

    def test_nor_one_that_is_answered_by_itself(self, world: World, elsewhere: Case) -> None:
        assert self.asked(world, elsewhere, "never", to=(ELSEWHERE,)) == []

    def test_who_may_not_see_the_address_is_told_what_it_is_about(
        self, world: World, elsewhere: Case
    ) -> None:
        [(_key, words)] = self.asked(world, elsewhere, "others", hidden=["email"])

        assert words == f"宛先: 契約により表示されない宛先\n{self.UNKNOWN}"

    def test_always_says_something_also_where_the_address_is_hidden(self, world: World, case: Case) -> None:
        [(_key, words)] = self.asked(world, case, "always", hidden=["email"])

        assert words == "宛先: 契約により表示されない宛先"

    def test_yes_to_one_hidden_address_is_no_yes_to_another(self, world: World, case: Case) -> None:
        [(one, _words)] = self.asked(world, case, "always", hidden=["email"])
        say_again(case, reply_to=(Party("other@home.example"),))
        [(other, _words)] = self.asked(world, case, "always", hidden=["email"])

        assert one != other
