"""A LINE user shows by a code which customer they are, and at LINE itself that the account is theirs."""

import base64
import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core import signing
from django.test import Client
from tests.servers.line import OTHER, USER, Line

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.channels.line.actions import forget_old
from madoguchi.channels.line.linking import MOST_CODES, MOST_TRIES, NONCE_BYTES, NONCE_FOR, invite
from madoguchi.channels.line.models import LinkCode, Received
from madoguchi.channels.line.tests.conftest import Desk, make_account
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


def way_to_line(page: str, code: str) -> str:
    """The address at LINE to which the page leads once the code is right."""
    status, shown = post(page, what="confirm", code=code)
    [way] = re.findall(r'id="to-line" href="([^"]+)"', shown)
    assert status == 200
    return unescape(way)


def nonce_in(way: str) -> str:
    return dict(parse_qsl(urlsplit(way).query))["nonce"]


def confirm_at(line: Line, desk: Desk, way: str, *, user: str = USER) -> dict[str, Any]:
    """Somebody goes through the dialog of LINE, which hands in what came of it."""
    at = int(clock.now().timestamp() * 1000)
    handed = line.dialog(way, user=user, name=f"01L{desk.next_id()}", at=at)
    desk.take(handed)
    return handed


def connect(page: str, line: Line, desk: Desk, *, address: str = MISAKI) -> None:
    """All of it, as somebody does whose both are."""
    assert post(page, what="send", address=address)[0] == 200
    confirm_at(line, desk, way_to_line(page, code_sent(desk)))


def linked_by(desk: Desk, nonce: str, *, user: str = USER, result: str = "ok") -> None:
    """LINE hands in that somebody confirmed."""
    desk.take(desk.event("accountLink", user=user, link={"result": result, "nonce": nonce}))


def lines_of(customer: Customer) -> list[str]:
    rows = Identity.objects.filter(customer=customer).order_by("kind")
    return list(rows.values_list("kind", flat=True))


def test_line_and_mail_become_one_customer(desk: Desk, line: Line, known: Customer, page: str) -> None:
    assert Client().get(page).status_code == 200
    assert post(page, what="send", address=MISAKI)[0] == 200
    way = way_to_line(page, code_sent(desk))
    with desk.side.scope():
        assert lines_of(known) == ["email"]
        assert nonce_in(way) not in str(list(LinkCode.objects.values()))
    assert line.issued == [(USER, "link-token-0")]
    assert len(base64.urlsafe_b64decode(nonce_in(way) + "=")) == NONCE_BYTES >= 16

    confirm_at(line, desk, way)

    with desk.side.scope():
        assert case_by_line().customer_id == known.pk
        assert lines_of(known) == ["email", "line"]
        assert Event.objects.filter(kind="line.linked").count() == 1


def test_they_are_told_in_line_once_and_at_no_cost(
    desk: Desk, line: Line, known: Customer, page: str
) -> None:
    assert post(page, what="send", address=MISAKI)[0] == 200
    handed = confirm_at(line, desk, way_to_line(page, code_sent(desk)))
    pushed = len(line.pushed)
    desk.send_all()

    linked_by(desk, handed["link"]["nonce"])
    desk.send_all()

    told = [text for text in line.texts if text.startswith("LINEと登録情報がつながりました。")]
    assert (len(told), len(line.pushed)) == (1, pushed)
    with desk.side.scope():
        shown = Message.objects.filter(
            case=case_by_line(), text__startswith="LINEと登録情報がつながりました。"
        )
        assert [one.automatic for one in shown] == ["invitation"]


def test_what_they_say_next_is_the_same_customers(desk: Desk, line: Line, known: Customer, page: str) -> None:
    connect(page, line, desk)

    desk.take(desk.said("つながりましたか"))

    with desk.side.scope():
        assert Message.objects.get(text="つながりましたか").contact.customer_id == known.pk


def test_the_join_is_undone_in_the_console(
    desk: Desk, line: Line, known: Customer, page: str, agent: Actor
) -> None:
    connect(page, line, desk)

    with desk.side.scope():
        part_customers(Join.objects.get(), by=agent)
        assert lines_of(known) == ["email"]
        assert case_by_line().customer_id != known.pk


def test_an_address_that_nobody_has_yet(desk: Desk, line: Line, page: str) -> None:
    connect(page, line, desk, address="new@home.example")

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
        self, desk: Desk, line: Line, page: str, known: Customer
    ) -> None:
        """Who has a code of their own asks for one to the known customer's address, before they confirm at LINE."""
        post(page, what="send", address="own@home.example")
        way = way_to_line(page, code_sent(desk))
        post(page, what="send", address=MISAKI)
        confirm_at(line, desk, way)

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

    def test_another_companys_customer_stays_theirs(
        self, desk: Desk, line: Line, page: str, world: World
    ) -> None:
        theirs = make_case(world.theirs.entry_point, sender=Party("b@home.example", "b"))
        with world.theirs.scope():
            other = theirs.customer
        connect(page, line, desk, address="b@home.example")

        with world.theirs.scope():
            assert lines_of(other) == ["email"]
        with desk.side.scope():
            assert lines_of(case_by_line().customer) == ["email", "line"]

    def assert_apart(self, desk: Desk) -> None:
        with desk.side.scope():
            assert Join.objects.count() == 0
            assert lines_of(case_by_line().customer) == ["line"]


class TestForged:
    """Of what LINE hands in nothing is joined but what was asked for: by whom, for whom, for minutes, once."""

    @pytest.fixture
    def way(self, desk: Desk, page: str) -> str:
        post(page, what="send", address=MISAKI)
        return way_to_line(page, code_sent(desk))

    def assert_apart(self, desk: Desk, known: Customer) -> None:
        with desk.side.scope():
            assert Join.objects.count() == 0
            assert lines_of(known) == ["email"]
            assert not Event.objects.filter(kind="line.linked").exists()

    def test_a_way_that_was_passed_on_connects_nothing(
        self, desk: Desk, line: Line, way: str, known: Customer
    ) -> None:
        """Somebody has the customer type in their own code, and it is the customer who goes on to LINE."""
        handed = confirm_at(line, desk, way, user=OTHER)

        assert handed["link"]["result"] == "failed"
        desk.send_all()
        assert not any("つながりました" in text for text in line.texts)
        self.assert_apart(desk, known)
        # Used up by that, whoever comes with it next.
        linked_by(desk, nonce_in(way))
        self.assert_apart(desk, known)

    @pytest.mark.parametrize("result", ["ok", "failed"])
    def test_a_nonce_in_the_hands_of_another_user(
        self, desk: Desk, way: str, known: Customer, result: str
    ) -> None:
        linked_by(desk, nonce_in(way), user=OTHER, result=result)
        self.assert_apart(desk, known)

    @pytest.mark.parametrize("nonce", ["", "0123456789", None])
    def test_a_nonce_that_was_never_made(
        self, desk: Desk, way: str, known: Customer, nonce: str | None
    ) -> None:
        desk.as_line_would = False
        desk.take(desk.event("accountLink", link={"result": "ok", "nonce": nonce}))
        desk.take(desk.event("accountLink", link="ok"))

        self.assert_apart(desk, known)
        with desk.side.scope():
            states = Received.objects.filter(kind="accountLink").values_list("state", "body")
            assert list(states) == [("aside", "")] * 2

    def test_what_nobody_signed(self, desk: Desk, way: str, known: Customer) -> None:
        said = desk.event("accountLink", link={"result": "ok", "nonce": nonce_in(way)})

        assert desk.hand_in(said, secret="another") == 401
        self.assert_apart(desk, known)

    def test_after_ten_minutes(self, desk: Desk, way: str, known: Customer) -> None:
        with clock.held_at(clock.now() + NONCE_FOR):
            linked_by(desk, nonce_in(way))
        self.assert_apart(desk, known)

    def test_by_another_account_of_another_company(
        self, desk: Desk, way: str, known: Customer, world: World
    ) -> None:
        make_account(world.theirs, address="@other")
        said = desk.event("accountLink", link={"result": "ok", "nonce": nonce_in(way)})
        assert desk.hand_in(said, address="other") == 200
        Desk(world.theirs, desk.point, desk.client).work_up()

        self.assert_apart(desk, known)
        # It was no word of theirs, and counts on.
        linked_by(desk, nonce_in(way))
        with desk.side.scope():
            assert lines_of(known) == ["email", "line"]

    def test_twice_it_counts_once(self, desk: Desk, line: Line, way: str, known: Customer) -> None:
        confirm_at(line, desk, way)
        linked_by(desk, nonce_in(way))

        with desk.side.scope():
            assert Join.objects.count() == 1
            assert Event.objects.filter(kind="line.linked").count() == 1

    def test_an_older_way_counts_no_more_once_there_is_a_newer(
        self, desk: Desk, line: Line, page: str, way: str, known: Customer
    ) -> None:
        newer = way_to_line(page, code_sent(desk))
        linked_by(desk, nonce_in(way))
        self.assert_apart(desk, known)

        confirm_at(line, desk, newer)
        with desk.side.scope():
            assert lines_of(known) == ["email", "line"]

    def test_whose_inviter_may_not_join_records_any_more(
        self, desk: Desk, line: Line, way: str, known: Customer
    ) -> None:
        User.objects.filter(pk=desk.side.agent.pk).update(is_active=False)
        confirm_at(line, desk, way)
        self.assert_apart(desk, known)


def test_while_line_gives_no_link_token_nothing_is_joined_and_the_code_counts_on(
    desk: Desk, line: Line, page: str, known: Customer
) -> None:
    post(page, what="send", address=MISAKI)
    line.links = False

    status, shown = post(page, what="confirm", code=code_sent(desk))

    assert (status, "LINEが今は応答しません。" in shown) == (422, True)
    line.links = True
    confirm_at(line, desk, way_to_line(page, code_sent(desk)))
    with desk.side.scope():
        assert lines_of(known) == ["email", "line"]


def test_only_who_edits_customers_invites(desk: Desk, line: Line, world: World) -> None:
    desk.take(desk.said())
    with desk.side.scope(), pytest.raises(NotAllowed):
        invite(case_by_line(), by=actor_of(desk.side.company_staff))
    with desk.side.scope():
        assert Outgoing.objects.count() == 0


def test_a_case_in_which_nobody_wrote_by_line(desk: Desk, known: Customer, agent: Actor) -> None:
    with desk.side.scope(), pytest.raises(Refused):
        invite(Case.objects.get(customer=known), by=agent)
