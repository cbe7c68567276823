"""Whoever writes from another address may join in a conversation, but leads nobody's case into somebody else's."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.actions import assign, change_status, join
from madoguchi.cases.models import Case, Message, Status
from madoguchi.delivery.actions import ANYTHING, Reply, customer_parties, reply
from madoguchi.infra import scope
from madoguchi.intake.actions import INTAKE
from madoguchi.intake.actions.past import take_past
from madoguchi.intake.healing import join_parted
from madoguchi.intake.models import Arrival, Awaited
from madoguchi.intake.tests.test_handling import arrive
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.portal.links import sign

pytestmark = pytest.mark.django_db
VICTIM, STRANGER = "victim@home.example", "stranger@evil.example"
BAIT = "bait@evil.example"


def mail(sender: str, id_: str, *, refs: str = "", body: str = "words", more: str = "") -> bytes:
    lines = [f"From: {sender}", "Subject: hello", f"Message-ID: <{id_}>"]
    lines += [f"References: <{refs}>"] if refs else []
    lines += [more] if more else []
    return ("\r\n".join(lines) + f"\r\n\r\n{body}\r\n").encode()


def case_of(arrival: Arrival) -> Case:
    with scope.everywhere(reason="a test looks at everything"):
        return Message.objects.select_related("case__company").get(pk=arrival.message_id).case


def page_of(case: Case) -> str:
    link = f"/my/{sign(case.pk, case.company_id, case.link_generation)}/"
    return Client().get(link).content.decode()


@pytest.mark.parametrize("worked_on", [False, True])
@pytest.mark.parametrize("stranger_first", [False, True])
def test_a_mail_that_comes_late_joins_no_cases_of_two_customers(
    world: World, *, worked_on: bool, stranger_first: bool
) -> None:
    """Given two customers whose mails mention one that never came, when one of them sends it, each keeps their own."""
    mails = [(VICTIM, "v1@home.example", "my address is Secrettown 5"), (STRANGER, "t1@evil.example", "x")]
    came = {
        sender: arrive(world.ours, mail(sender, id_, refs=BAIT, body=body))
        for sender, id_, body in (reversed(mails) if stranger_first else mails)
    }
    theirs, own = case_of(came[VICTIM]), case_of(came[STRANGER])
    if worked_on:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            assign(theirs, to=agent.id, by=agent)

    late = arrive(world.ours, mail(STRANGER, BAIT))

    assert case_of(late).pk == case_of(came[STRANGER]).pk == own.pk
    assert case_of(came[VICTIM]).pk == theirs.pk
    with world.ours.scope():
        assert not Case.objects.exclude(continued_in=None).exists()
        assert [p.address for p in customer_parties(theirs)] == [VICTIM]
    assert "Secrettown" not in page_of(own)
    assert "Secrettown" in page_of(theirs)


def test_a_mail_that_comes_late_begins_a_case_of_its_own_sender(world: World) -> None:
    theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example", refs=BAIT)))

    late = case_of(arrive(world.ours, mail(STRANGER, BAIT)))

    assert late.pk != theirs.pk
    assert late.customer_id != theirs.customer_id


def test_who_holds_a_thread_ties_no_case_of_their_own_to_it(world: World) -> None:
    """Given a stranger's case that waits for a mail, when that mail answers a customer's, both cases stay."""
    theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example", more=f"Cc: {STRANGER}")))
    own = case_of(arrive(world.ours, mail(STRANGER, "t1@evil.example", refs=BAIT)))

    late = arrive(world.ours, mail(STRANGER, BAIT, refs="v1@home.example"))

    assert case_of(late).pk == theirs.pk
    with world.ours.scope():
        left = Case.objects.get(pk=own.pk)
    assert (left.status, left.continued_in_id, left.message_count) == ("new", None, 1)


def test_what_comes_at_one_instant_is_not_joined_with_anothers_afterwards(world: World) -> None:
    theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example", refs=BAIT)))
    with world.ours.scope():
        Awaited.objects.all().delete()
    arrive(world.ours, mail(STRANGER, BAIT))
    with world.ours.scope():
        Awaited.objects.create(company=world.ours.company, value=BAIT, case_id=theirs.pk)

    assert join_parted() == 0
    with world.ours.scope():
        assert not Case.objects.exclude(continued_in=None).exists()


def test_joining_refuses_cases_of_two_customers_whoever_asks(world: World) -> None:
    theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
    own = case_of(arrive(world.ours, mail(STRANGER, "t1@evil.example")))

    with world.ours.scope():
        assert join(own.pk, into=theirs.pk, by=INTAKE) is False
        left = Case.objects.get(pk=own.pk)
    assert (left.status, left.continued_in_id, left.message_count) == ("new", None, 1)


def test_a_page_leads_into_no_case_of_another_customer(world: World) -> None:
    """Also where they were joined before that was refused."""
    theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example", body="Secrettown 5")))
    own = case_of(arrive(world.ours, mail(STRANGER, "t1@evil.example")))
    with world.ours.scope():
        Case.objects.filter(pk=own.pk).update(continued_in=theirs)

    assert "Secrettown" not in page_of(own)


def test_who_answers_in_a_case_closed_long_ago_is_not_who_its_customer_goes_on_with(world: World) -> None:
    with clock.held_at(clock.now() - timedelta(days=31)):
        old = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        with world.ours.scope():
            change_status(old, to=Status.SOLVED, by=actor_of(world.ours.agent))

    strangers = case_of(arrive(world.ours, mail(STRANGER, "t1@evil.example", refs="v1@home.example")))
    further = case_of(arrive(world.ours, mail(VICTIM, "v2@home.example", refs="v1@home.example")))

    assert (strangers.follows_id, further.follows_id) == (None, old.pk)
    assert strangers.pk != further.pk
    assert further.customer_id == old.customer_id


def test_a_follower_of_another_customer_is_passed_over(world: World) -> None:
    """Also where it was linked before that was refused."""
    with clock.held_at(clock.now() - timedelta(days=31)):
        old = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        with world.ours.scope():
            change_status(old, to=Status.SOLVED, by=actor_of(world.ours.agent))
    strangers = case_of(arrive(world.ours, mail(STRANGER, "t1@evil.example")))
    with world.ours.scope():
        Case.objects.filter(pk=old.pk).update(followed_by=strangers)

    further = case_of(arrive(world.ours, mail(VICTIM, "v2@home.example", refs="v1@home.example")))

    assert further.pk != strangers.pk
    assert further.customer_id == old.customer_id


class TestNumbersAlone:
    def test_only_the_first_few_of_a_mail_count(self, world: World) -> None:
        case = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        prefix = world.ours.company.prefix
        others = [f"[{prefix}-{case.number + n}]" for n in range(1, 6)]
        own = f"[{case.spoken_number(prefix)}]"

        fifth = arrive(
            world.ours, mail(VICTIM, "v2@home.example", body=" ".join([*others[:4], *others[:4], own]))
        )
        sixth = arrive(world.ours, mail(VICTIM, "v3@home.example", body=" ".join([*others, own])))

        assert case_of(fifth).pk == case.pk
        assert case_of(sixth).pk != case.pk

    def test_an_address_of_the_customers_that_has_not_written_in_the_case_is_not_put_there(
        self, world: World
    ) -> None:
        case = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        other = case_of(arrive(world.ours, mail("second@home.example", "w1@home.example")))
        with world.ours.scope():
            known = other.customer.identities.get(kind="email")
            known.customer_id = case.customer_id
            known.save()
        number = f"[{case.spoken_number(world.ours.company.prefix)}]"

        unheard = arrive(world.ours, mail("second@home.example", "w2@home.example", body=number))
        heard = arrive(world.ours, mail("VICTIM@home.example", "v2@home.example", body=number))

        assert case_of(unheard).pk not in (case.pk, other.pk)
        assert case_of(heard).pk == case.pk


class TestAnIdThatSomebodyTookFirst:
    """Given a mail under the id of one that others will answer, their answers are their own matter."""

    SPOKEN_OF = "newsletter-7@shop.example"

    def test_answers_of_others_do_not_go_into_the_strangers_case(self, world: World) -> None:
        strangers = case_of(arrive(world.ours, mail(STRANGER, self.SPOKEN_OF)))

        answer = case_of(
            arrive(world.ours, mail(VICTIM, "v1@home.example", refs=self.SPOKEN_OF, body="Secrettown 5"))
        )

        assert answer.pk != strangers.pk
        with world.ours.scope():
            left = Case.objects.get(pk=strangers.pk)
            assert (left.message_count, left.status, left.version) == (1, "new", strangers.version)
            assert [p.address for p in customer_parties(answer)] == [VICTIM]
        assert "Secrettown" not in page_of(strangers)

    def test_nor_does_it_part_the_one_who_sent_it_later_from_their_answers(self, world: World) -> None:
        strangers = case_of(arrive(world.ours, mail(STRANGER, "v1@home.example")))
        theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example", body="mine")))

        again = case_of(arrive(world.ours, mail(VICTIM, "v2@home.example", refs="v1@home.example")))

        assert again.pk == theirs.pk != strangers.pk

    def test_an_answer_that_came_before_is_joined_with_its_own_writers_mail_alone(self, world: World) -> None:
        answer = case_of(arrive(world.ours, mail(VICTIM, "v2@home.example", refs="v1@home.example")))
        strangers = case_of(arrive(world.ours, mail(STRANGER, "v1@home.example")))

        late = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example", body="mine")))

        assert late.pk == answer.pk != strangers.pk

    def test_the_stranger_goes_on_in_their_own_case(self, world: World) -> None:
        strangers = case_of(arrive(world.ours, mail(STRANGER, self.SPOKEN_OF)))

        assert (
            case_of(arrive(world.ours, mail(STRANGER, "t2@evil.example", refs=self.SPOKEN_OF))).pk
            == strangers.pk
        )

    @pytest.mark.parametrize("field", ["To", "Cc"])
    def test_who_stood_in_the_mail_is_led_there(self, world: World, field: str) -> None:
        theirs = case_of(
            arrive(world.ours, mail(VICTIM, "v1@home.example", more=f"{field}: Otto <OTTO@Home.example>"))
        )

        answer = case_of(
            arrive(world.ours, mail("otto@home.example", "o1@home.example", refs="v1@home.example"))
        )

        assert answer.pk == theirs.pk
        with world.ours.scope():
            assert Case.objects.get(pk=theirs.pk).customer_id == theirs.customer_id

    def test_whom_we_wrote_to_in_the_case_is_led_there(self, world: World) -> None:
        theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        with world.ours.scope():
            written = Reply(text="yes", to=(Party("depot@supplier.example"),), confirmed=ANYTHING)
            reply(theirs, written, by=actor_of(world.ours.agent))

        answer = case_of(
            arrive(world.ours, mail("depot@supplier.example", "d1@supplier.example", refs="v1@home.example"))
        )

        assert answer.pk == theirs.pk

    def test_who_holds_an_answer_of_ours_is_led_there(self, world: World) -> None:
        theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        with world.ours.scope():
            ours = reply(theirs, Reply(text="yes"), by=actor_of(world.ours.agent)).external_id

        assert (
            case_of(arrive(world.ours, mail("otto@home.example", "o1@home.example", refs=ours))).pk
            == theirs.pk
        )

    def test_a_mail_of_our_own_that_is_taken_over_goes_where_it_answers(self, world: World) -> None:
        theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        ours = world.ours.entry_point
        with clock.held_at(clock.now()):
            past = take_past(
                mail(ours.address, "p1@shop.example", refs="v1@home.example", more=f"To: {VICTIM}"),
                entry_point=ours,
                source="test",
            )

        assert past is not None
        assert case_of(past).pk == theirs.pk


class TestAnIdOfOurs:
    @pytest.mark.parametrize("token", ["aaaaaaaaaaaaaaaa", ""])
    def test_one_that_we_never_gave_is_no_way_to_a_case(self, world: World, token: str) -> None:
        """Also with the token of a case that is there, and whoever asks by it."""
        first = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        posing = f"c.{token or first.reply_token}.zz9@{world.ours.entry_point.address.partition('@')[2]}"

        taken = arrive(world.ours, mail(STRANGER, posing))

        with world.ours.scope():
            said = Message.objects.get(pk=taken.message_id)
            assert (said.external_id, said.case_id == first.pk) == ("", False)
            assert not Message.objects.filter(external_id=posing).exists()

    def test_of_another_house_it_is_an_id_like_any(self, world: World) -> None:
        foreign = "c.aaaaaaaaaaaaaaaa.zz9@other.example"

        taken = case_of(arrive(world.ours, mail(VICTIM, foreign)))

        assert case_of(arrive(world.ours, mail(VICTIM, "v2@home.example", refs=foreign))).pk == taken.pk

    def test_our_own_answer_come_back_is_still_known(self, world: World) -> None:
        theirs = case_of(arrive(world.ours, mail(VICTIM, "v1@home.example")))
        with world.ours.scope():
            ours = reply(theirs, Reply(text="yes"), by=actor_of(world.ours.agent)).external_id

        back = arrive(world.ours, mail(world.ours.entry_point.address, ours))

        assert (back.state, back.message_id) == ("repeated", None)
