"""A mail in the customer's name may wish its answer anywhere: where it goes by itself, and what is asked."""

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Desk, Engagement
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import Reply, customer_parties, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import AskFirst
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI, ELSEWHERE = Party("misaki@home.example", "髙橋 美咲"), Party("Other@Elsewhere.example", "")


def answered_at(case: Case) -> list[str]:
    with scope.acting_for([case.company_id]):
        return [party.address for party in customer_parties(case)]


def wishing(world: World, sender: Party) -> Case:
    """A case whose first words wish their answer elsewhere."""
    case = make_case(world.ours.entry_point, sender=sender)
    with scope.acting_for([case.company_id]):
        wish = [{"name": "", "address": ELSEWHERE.address}]
        Message.objects.filter(case=case).update(reply_to=wish)
    return case


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI)


class TestWhereItGoes:
    def test_what_passes_on_a_form_is_followed_with_its_first_words(self, world: World) -> None:
        case = wishing(world, Party("form@service.example"))

        assert answered_at(case) == [ELSEWHERE.address]

    def test_a_later_wish_for_another_domain_is_not_followed(self, case: Case) -> None:
        say_again(case, reply_to=(ELSEWHERE,))

        assert answered_at(case) == [MISAKI.address]

    def test_one_stranger_among_the_wished_is_enough(self, case: Case) -> None:
        say_again(case, reply_to=(Party("other@home.example"), ELSEWHERE))

        assert answered_at(case) == [MISAKI.address]

    def test_the_senders_own_domain_is_followed(self, case: Case) -> None:
        say_again(case, reply_to=(Party("other@HOME.example"),))

        assert answered_at(case) == ["other@HOME.example"]

    def test_an_address_that_wrote_in_this_case_is_followed(self, case: Case) -> None:
        said = say_again(case)
        with scope.acting_for([case.company_id]):
            Message.objects.filter(pk=said.pk).update(sender_address="other@elsewhere.example")
        say_again(case, reply_to=(ELSEWHERE,))

        assert answered_at(case) == [ELSEWHERE.address]

    def test_an_address_known_as_the_customers_is_followed(self, case: Case) -> None:
        with scope.acting_for([case.company_id]):
            own = Identity.objects.get(customer_id=case.customer_id, kind="email")
            own.pk, own.value, own.written = None, "other@elsewhere.example", "other@elsewhere.example"
            own.save(force_insert=True)
        say_again(case, reply_to=(ELSEWHERE,))

        assert answered_at(case) == [ELSEWHERE.address]


class TestWhatIsAsked:
    UNKNOWN = "このお客様のものと確認されていない宛先です。"

    def asked(self, world: World, case: Case, when: str, **kept: list[str]) -> list[tuple[str, str]]:
        with scope.acting_for([world.ours.company.pk]):
            Desk.objects.filter(pk=world.ours.desk.pk).update(check_recipients=when)
            Engagement.objects.filter(desk=world.ours.desk).update(**kept)
            try:
                reply(case, Reply(text="はい。"), by=actor_of(world.ours.agent))
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
