"""A LINE user shows by a code which customer they are."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client
from tests.servers.line import Line

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.channels.line import linking
from madoguchi.channels.line.actions import forget_old
from madoguchi.channels.line.linking import MOST_CODES, MOST_TRIES, invite
from madoguchi.channels.line.models import LinkCode
from madoguchi.channels.line.tests.conftest import Desk
from madoguchi.customers.actions import part_customers
from madoguchi.customers.models import Customer, Identity, Join
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.restraint import require_typed_address
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
MISAKI = "misaki@home.example"


@pytest.fixture
def agent(desk: Desk) -> Actor:
    with desk.side.scope():
        return actor_of(desk.side.agent)


@pytest.fixture
def known(desk: Desk) -> Customer:
    """Somebody whom the desk knows by mail."""
    case = make_case(desk.side.entry_point, sender=Party(MISAKI, "髙橋 美咲"))
    with desk.side.scope():
        return case.customer


@pytest.fixture
def page(desk: Desk, line: Line, known: Customer, agent: Actor) -> str:
    """The page that a friend of the account was sent the way to."""
    desk.take(desk.said("前に注文した者です"))
    with desk.side.scope():
        invite(case_by_line(), by=agent)
    desk.send_all()
    return urlsplit(line.texts[-1].splitlines()[-1]).path


def case_by_line() -> Case:
    return Case.objects.select_related("company", "desk", "customer").get(channel="line")


def post(page: str, **said: str) -> tuple[int, str]:
    answer = Client().post(page, said)
    return answer.status_code, answer.content.decode()


def code_sent(desk: Desk) -> str:
    """The six digits in the newest mail."""
    with desk.side.scope():
        [newest] = Outgoing.objects.filter(channel="email").order_by("-pk")[:1]
        [code] = re.findall(r"\b\d{6}\b", newest.text)
        return code


def lines_of(customer: Customer) -> list[str]:
    rows = Identity.objects.filter(customer=customer).order_by("kind")
    return list(rows.values_list("kind", flat=True))


def test_line_and_mail_become_one_customer(desk: Desk, known: Customer, page: str) -> None:
    assert Client().get(page).status_code == 200
    assert post(page, what="send", address=MISAKI)[0] == 200
    status, shown = post(page, what="confirm", address=MISAKI, code=code_sent(desk))

    assert (status, "LINEとつながりました" in shown) == (200, True)
    with desk.side.scope():
        assert case_by_line().customer_id == known.pk
        assert lines_of(known) == ["email", "line"]
        assert Event.objects.filter(kind="line.linked").count() == 1


def test_what_they_say_next_is_the_same_customers(desk: Desk, known: Customer, page: str) -> None:
    post(page, what="send", address=MISAKI)
    post(page, what="confirm", code=code_sent(desk))

    desk.take(desk.said("つながりましたか"))

    with desk.side.scope():
        assert Message.objects.get(text="つながりましたか").contact.customer_id == known.pk


def test_the_join_is_undone_in_the_console(desk: Desk, known: Customer, page: str, agent: Actor) -> None:
    post(page, what="send", address=MISAKI)
    post(page, what="confirm", code=code_sent(desk))

    with desk.side.scope():
        part_customers(Join.objects.get(), by=agent)
        assert lines_of(known) == ["email"]
        assert case_by_line().customer_id != known.pk


def test_an_address_that_nobody_has_yet(desk: Desk, page: str) -> None:
    post(page, what="send", address="new@home.example")
    post(page, what="confirm", code=code_sent(desk))

    with desk.side.scope():
        customer = case_by_line().customer
        assert lines_of(customer) == ["email", "line"]
        assert customer.name == "髙橋 美咲"


def test_the_page_says_the_same_of_any_address(desk: Desk, page: str) -> None:
    known, unknown = (post(page, what="send", address=one) for one in (MISAKI, "nobody@home.example"))

    assert known[0] == unknown[0] == 200
    assert known[1].replace(MISAKI, "x") == unknown[1].replace("nobody@home.example", "x")


def test_the_mail_carries_nothing_that_the_user_wrote(desk: Desk, page: str) -> None:
    post(page, what="send", address=MISAKI)

    with desk.side.scope():
        letter = Outgoing.objects.select_related("message").get(channel="email")
        number = case_by_line().spoken_number(desk.side.company.prefix)
        assert letter.message.subject == f"LINEと登録情報をつなぐ確認コード [{number}]"
        assert "前に注文した者です" not in letter.text


def test_neither_the_way_nor_the_code_stands_in_the_case(desk: Desk, page: str) -> None:
    post(page, what="send", address=MISAKI)

    with desk.side.scope():
        told = " ".join(Message.objects.values_list("text", flat=True))
        assert page not in told
        assert code_sent(desk) not in told
        assert code_sent(desk) not in str(list(LinkCode.objects.values()))


def test_the_address_of_a_code_is_forgotten_a_day_after_it_counts_no_more(desk: Desk, page: str) -> None:
    post(page, what="send", address=MISAKI)
    with desk.side.scope():
        until = LinkCode.objects.get().until

    with clock.held_at(until + timedelta(hours=23)):
        assert forget_old() == 0
    with clock.held_at(until + timedelta(hours=25)):
        assert forget_old() == 1

    with desk.side.scope():
        assert not LinkCode.objects.exists()


class TestRefused:
    def test_a_wrong_code_a_few_times_and_then_the_right_one(self, desk: Desk, page: str) -> None:
        post(page, what="send", address=MISAKI)
        right = code_sent(desk)
        wrong = "000000" if right != "000000" else "000001"

        for _ in range(MOST_TRIES):
            assert post(page, what="confirm", code=wrong)[0] == 422

        assert post(page, what="confirm", code=right)[0] == 422
        self.assert_apart(desk)

    def test_a_code_of_before(self, desk: Desk, page: str) -> None:
        post(page, what="send", address=MISAKI)
        with desk.side.scope():
            LinkCode.objects.update(until=clock.now() - timedelta(seconds=1))

        assert post(page, what="confirm", code=code_sent(desk))[0] == 422
        self.assert_apart(desk)

    def test_one_that_was_sent_to_another_address_meanwhile_joins_nobody_there(
        self, desk: Desk, page: str, known: Customer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who has a code of their own asks for one to the known customer's address, between its check and the join."""
        post(page, what="send", address="own@home.example")
        own, join = code_sent(desk), linking._join

        def asked_before(invitation: linking.Invitation, right: int) -> None:
            linking.send_code(invitation, address=MISAKI)
            join(invitation, right)

        monkeypatch.setattr(linking, "_join", asked_before)
        assert post(page, what="confirm", code=own)[0] == 200

        with desk.side.scope():
            customer = case_by_line().customer
            assert customer.pk != known.pk
            assert list(
                Identity.objects.filter(customer=customer, kind="email").values_list("value", flat=True)
            ) == ["own@home.example"]
            assert lines_of(known) == ["email"]
            assert not LinkCode.objects.filter(used_at=None).exists()

    def test_a_code_without_one_having_been_sent(self, desk: Desk, page: str) -> None:
        assert post(page, what="confirm", code="123456")[0] == 422
        self.assert_apart(desk)

    def test_very_many_codes(self, desk: Desk, page: str) -> None:
        answers = [post(page, what="send", address=f"a{n}@home.example")[0] for n in range(MOST_CODES + 1)]

        assert answers == [*[200] * MOST_CODES, 422]
        with desk.side.scope():
            assert LinkCode.objects.count() == MOST_CODES

    def test_very_many_codes_to_one_mailbox_however_it_is_written(self, desk: Desk, page: str) -> None:
        ways = [MISAKI, MISAKI.upper(), "Misaki@home.example", "misaki+a@home.example", "misaki@HOME.example"]
        with desk.side.scope():
            require_typed_address(case_by_line(), Party(MISAKI))

        answers = [post(page, what="send", address=way)[0] for way in ways]

        assert answers == [200, 200, 200, 200, 422]
        with desk.side.scope():
            assert LinkCode.objects.count() == 4

    @pytest.mark.parametrize("whose", ["noreply@home.example", "ours"])
    def test_an_address_at_which_nobody_reads(self, desk: Desk, page: str, whose: str) -> None:
        address = desk.side.entry_point.address if whose == "ours" else whose

        status, shown = post(page, what="send", address=address)

        assert (status, "ご自身のアドレスを入力してください。" in shown) == (422, True)
        with desk.side.scope():
            assert LinkCode.objects.count() == 0
            assert not Outgoing.objects.filter(channel="email").exists()

    def test_what_is_no_address(self, desk: Desk, page: str) -> None:
        assert post(page, what="send", address="misaki")[0] == 422
        with desk.side.scope():
            assert LinkCode.objects.count() == 0

    def test_a_link_that_was_not_made_here(self, desk: Desk, page: str, world: World) -> None:
        with desk.side.scope():
            mine = [world.theirs.company.pk, 1, case_by_line().pk, desk.side.agent.pk]
        forged = signing.dumps(mine, salt="another")

        assert Client().get(f"/line-link/{forged}/").status_code == 404
        assert Client().get(f"{page[:-3]}x/").status_code == 404

    def test_a_link_whose_inviter_is_locked_out(self, desk: Desk, page: str) -> None:
        post(page, what="send", address=MISAKI)
        User.objects.filter(pk=desk.side.agent.pk).update(is_active=False)

        assert post(page, what="confirm", code=code_sent(desk))[0] == 422
        self.assert_apart(desk)

    def test_who_blocked_the_account_meanwhile(self, desk: Desk, page: str) -> None:
        desk.take(desk.event("unfollow"))

        assert Client().get(page).status_code == 404

    def test_another_companys_customer_stays_theirs(self, desk: Desk, page: str, world: World) -> None:
        theirs = make_case(world.theirs.entry_point, sender=Party("b@home.example", "b"))
        with world.theirs.scope():
            other = theirs.customer
        post(page, what="send", address="b@home.example")
        post(page, what="confirm", code=code_sent(desk))

        with world.theirs.scope():
            assert lines_of(other) == ["email"]
        with desk.side.scope():
            assert lines_of(case_by_line().customer) == ["email", "line"]

    def assert_apart(self, desk: Desk) -> None:
        with desk.side.scope():
            assert Join.objects.count() == 0
            assert lines_of(case_by_line().customer) == ["line"]


def test_only_who_edits_customers_invites(desk: Desk, line: Line, world: World) -> None:
    desk.take(desk.said())
    with desk.side.scope(), pytest.raises(NotAllowed):
        invite(case_by_line(), by=actor_of(desk.side.company_staff))
    with desk.side.scope():
        assert Outgoing.objects.count() == 0


def test_a_case_in_which_nobody_wrote_by_line(desk: Desk, known: Customer, agent: Actor) -> None:
    with desk.side.scope(), pytest.raises(Refused):
        invite(Case.objects.get(customer=known), by=agent)
