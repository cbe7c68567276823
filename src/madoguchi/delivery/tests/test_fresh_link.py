"""After the link to the customer's page was ended, the next answer that only the customer reads brings a new one."""

from collections.abc import Callable

import pytest

from madoguchi.cases.actions import end_link, give_to_customer
from madoguchi.cases.models import Case
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import ANYTHING, acknowledge, take_back
from madoguchi.delivery.links import case_page
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import MISAKI, MORNING, SOON, Answering, message_of, work
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.identity import IdentityKind

pytestmark = pytest.mark.django_db
Say = Callable[..., Outgoing]
STRANGER = Party("friend@elsewhere.example")


@pytest.fixture
def ended(case: Case, agent: Actor) -> Case:
    """The case, after the first link to its page was ended."""
    with scope.acting_for(agent.companies):
        end_link(case, by=agent)
    return case


def fresh(case: Case) -> str:
    return case_page(case.pk, case.company_id, 2)


def test_no_answer_brings_a_link_while_the_first_one_holds(case: Case, say: Say) -> None:
    outgoing = say("はい。")

    assert (outgoing.text, outgoing.link_generation) == ("", None)


def test_the_next_answer_brings_it_below_the_words_and_the_case_does_not_show_it(
    ended: Case, say: Say, peer: Answering
) -> None:
    outgoing = say("お調べいたしました。")

    expected = f"お調べいたしました。\n\nお問い合わせの状況のご確認と、ご返信はこちら：\n{fresh(ended)}\n"
    assert (outgoing.text, outgoing.link_generation) == (expected, 2)
    assert message_of(outgoing).text == "お調べいたしました。"
    work(outgoing, after=SOON)
    assert fresh(ended) in peer.taken[0].text


def test_it_is_brought_once(ended: Case, say: Say) -> None:
    say("はい。")

    again = say("もう一度。")

    assert (again.text, again.link_generation) == ("", None)


def test_it_is_brought_again_where_the_first_answer_was_taken_back(
    ended: Case, say: Say, agent: Actor
) -> None:
    first = say("はい。")
    with scope.acting_for(agent.companies), clock.held_at(MORNING):
        take_back(first.pk, by=agent)

    assert fresh(ended) in say("はい。").text


@pytest.mark.parametrize("others", [{"cc": (STRANGER,)}, {"bcc": (STRANGER,)}, {"to": (MISAKI, STRANGER)}])
def test_nobody_else_gets_it(ended: Case, say: Say, others: dict[str, tuple[Party, ...]]) -> None:
    outgoing = say("はい。", confirmed=ANYTHING, **others)

    assert (outgoing.text, outgoing.link_generation) == ("", None)
    assert fresh(ended) in say("お客様だけに。").text


def test_an_address_that_never_wrote_in_the_case_does_not_get_it(ended: Case, say: Say) -> None:
    with scope.acting_for([ended.company_id]):
        Identity.objects.create(
            company_id=ended.company_id,
            customer_id=ended.customer_id,
            kind=IdentityKind.EMAIL,
            value=STRANGER.address,
            written=STRANGER.address,
        )

    outgoing = say("はい。", to=(STRANGER,))

    assert (outgoing.text, outgoing.link_generation) == ("", None)


def test_a_link_that_is_ended_while_its_message_waits_is_renewed(
    ended: Case, say: Say, agent: Actor, peer: Answering
) -> None:
    waiting = say("はい。")
    with scope.acting_for(agent.companies):
        end_link(ended, by=agent)

    sent = work(waiting, after=SOON)

    third = case_page(ended.pk, ended.company_id, 3)
    assert (third in peer.taken[0].text, fresh(ended) in peer.taken[0].text) == (True, False)
    assert (sent.link_generation, third in sent.text) == (3, True)
    assert say("もう一度。").text == ""


def test_who_a_case_was_taken_from_while_their_mail_waited_gets_no_link_to_the_new_customers_page(
    ended: Case, say: Say, agent: Actor, peer: Answering
) -> None:
    waiting = say("はい。")
    with scope.acting_for(agent.companies):
        give_to_customer(ended, to=make_customer(ended.company), by=agent)

    work(waiting, after=SOON)

    third = case_page(ended.pk, ended.company_id, 3)
    assert (fresh(ended) in peer.taken[0].text, third in peer.taken[0].text) == (True, False)


def test_a_later_acknowledgement_brings_it_as_well(ended: Case, say: Say) -> None:
    with scope.acting_for([ended.company_id]):
        acknowledged = acknowledge(ended.pk, cause=1)

    assert acknowledged is not None
    assert (acknowledged.link_generation, fresh(ended) in acknowledged.text) == (2, True)
    assert say("はい。").text == ""


@pytest.mark.parametrize(
    ("language", "leading"),
    [
        ("ja", "お問い合わせの状況のご確認と、ご返信はこちら："),
        ("zh-Hans", "您可以在以下页面查看处理进度，并直接留言："),
        ("ko", "아래 페이지에서 진행 상황을 확인하고 답변을 남기실 수 있습니다."),
        ("th", "How your enquiry stands, and a box to answer in:"),
    ],
)
def test_it_is_led_to_in_the_language_of_the_case(ended: Case, say: Say, language: str, leading: str) -> None:
    with scope.acting_for([ended.company_id]):
        Case.objects.update(language=language)

    outgoing = say("はい。")

    assert outgoing.text.splitlines()[-2:] == [leading, fresh(ended)]
