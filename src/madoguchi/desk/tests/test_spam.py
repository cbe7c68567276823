"""Calling a case spam, and what a message tells of its sender."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Engagement
from madoguchi.desk.tests.conftest import MISAKI, everything
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake.models import SenderRule
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
Now = Callable[[Case], Case]


def rules() -> list[tuple[str, str]]:
    return [(rule.kind, rule.pattern) for rule in everything(SenderRule)]


def kinds() -> list[str]:
    return [event.kind for event in everything(Event)]


class TestCallingItSpam:
    def test_closes_the_case_and_keeps_the_sender_out(
        self, supervisor: Client, case: Case, number: str, now: Now
    ) -> None:
        assert f'formaction="/cases/{number}/spam/"' in supervisor.get(f"/cases/{number}/").content.decode()

        answer = supervisor.post(f"/cases/{number}/spam/")

        assert answer["Location"] == f"/cases/{number}/"
        assert now(case).status == "closed"
        assert rules() == [("block", MISAKI.address)]
        assert kinds()[-2:] == ["sender.ruled", "case.status"]
        assert f"/cases/{number}/no-spam/?status=new" in supervisor.get(f"/cases/{number}/").content.decode()

    def test_is_taken_back(self, supervisor: Client, case: Case, number: str, now: Now) -> None:
        supervisor.post(f"/cases/{number}/spam/")

        supervisor.post(f"/cases/{number}/no-spam/?status=new")

        assert (now(case).status, rules()) == ("new", [])

    def test_taking_back_keeps_other_rules(
        self, supervisor: Client, case: Case, number: str, world: World
    ) -> None:
        with world.ours.scope():
            for kind, pattern in (("allow", MISAKI.address), ("block", "home.example")):
                SenderRule.objects.create(
                    company=world.ours.company,
                    kind=kind,
                    pattern=pattern,
                    added_by="x",
                    added_at=case.opened_at,
                )

        supervisor.post(f"/cases/{number}/no-spam/?status=new")

        assert rules() == [("allow", MISAKI.address), ("block", "home.example")]

    def test_is_not_for_agents(self, agent: Client, case: Case, number: str, now: Now) -> None:
        assert "/spam/" not in agent.get(f"/cases/{number}/").content.decode()

        for name in ("spam", "no-spam"):
            assert agent.post(f"/cases/{number}/{name}/").status_code == 403
        assert (now(case).status, rules()) == ("new", [])

    def test_of_another_company_is_absent(self, stranger: Client, case: Case, number: str, now: Now) -> None:
        assert stranger.post(f"/cases/{number}/spam/").status_code == 404
        assert (now(case).status, rules()) == ("new", [])

    def test_needs_a_status_to_go_back_to(
        self, supervisor: Client, case: Case, number: str, now: Now
    ) -> None:
        supervisor.post(f"/cases/{number}/spam/")

        assert supervisor.post(f"/cases/{number}/no-spam/?status=burnt").status_code == 422
        assert (now(case).status, rules()) == ("closed", [("block", MISAKI.address)])


class TestWhatAMessageTellsOfItsSender:
    @pytest.mark.parametrize(
        ("trust", "words"),
        [
            ({"authentication": "pass"}, ["認証：合格"]),
            (
                {"authentication": "fail", "spf": "fail", "dmarc": "fail"},
                ["認証：不合格", "SPF fail, DMARC fail"],
            ),
            ({"authentication": "none"}, ["認証：なし"]),
            ({"poses_as_us": True}, ["自社のアドレスを名乗っていますが"]),
            ({"lookalike": "xn--hop-ehd.example"}, ["差出人のドメインに、別の文字に見せかけた文字"]),
            ({"name_claims": "a@b.example"}, ["表示名に、差出人とは別のメールアドレス"]),
        ],
    )
    def test_stands_at_the_message(
        self, agent: Client, case: Case, number: str, trust: dict[str, object], words: list[str]
    ) -> None:
        with scope.everywhere(reason="a test lets a mail be judged"):
            Message.objects.filter(case=case).update(trust=trust)

        page = agent.get(f"/cases/{number}/").content.decode()

        assert [word for word in words if word not in page] == []
        assert "a@b.example" not in page

    @pytest.mark.parametrize("kept", [False, True])
    def test_whom_it_was_for_and_where_it_wants_answers(
        self, agent: Client, world: World, case: Case, number: str, *, kept: bool
    ) -> None:
        said = {
            "to": ["Boss@Home.example"],
            "cc": ["wife@home.example"],
            "reply_to": ["evil@elsewhere.example"],
        }
        parties = {
            field: [{"name": "", "address": a} for a in addresses] for field, addresses in said.items()
        }
        with scope.everywhere(reason="a test lets a mail be for others, too"):
            Message.objects.filter(case=case).update(**parties)
            Engagement.objects.filter(desk=world.ours.desk).update(masked=["email"] if kept else [])

        page = agent.get(f"/cases/{number}/").content.decode()
        head = page.partition('<div class="by">')[2].partition('<div class="body">')[0]

        assert "別の宛先への返信を求めています" in head
        lines = ["宛先 Boss@Home.example", "Cc wife@home.example", "返信先 evil@elsewhere.example"]
        assert [line in head for line in lines] == [not kept] * 3
        assert ("evil@" in page) == (not kept)

    def test_that_it_was_for_us_is_folded(self, agent: Client, world: World, case: Case, number: str) -> None:
        ours = world.ours.entry_point.address
        with scope.everywhere(reason="a test lets a mail be for us"):
            Message.objects.filter(case=case).update(to=[{"name": "窓口", "address": ours}])

        page = agent.get(f"/cases/{number}/").content.decode()

        folded = page.partition('<details class="came-for">')[2].partition("</details>")[0]
        assert folded == f"<summary>宛先は当窓口</summary><div>宛先 {ours}</div>"

    @pytest.mark.parametrize(
        ("trust", "warned"), [({"poses_as_us": True}, 1), ({"authentication": "fail"}, 0)]
    )
    def test_whoever_bears_our_address_is_not_answered_unwarned(
        self, agent: Client, case: Case, number: str, trust: dict[str, object], warned: int
    ) -> None:
        with scope.everywhere(reason="a test lets a mail be judged"):
            Message.objects.filter(case=case).update(trust=trust)

        page = agent.get(f"/cases/{number}/").content.decode()

        assert page.count("返信は自社あてになります") == warned

    def test_nothing_known_is_nothing_said(self, agent: Client, case: Case, number: str) -> None:
        assert "認証：" not in agent.get(f"/cases/{number}/").content.decode()


class TestAnAddressThatWasTyped:
    """A form proves nothing: the message says so until a mail from that address has come in its case."""

    WORDS = "アドレスはフォームに入力されたもので"

    @pytest.fixture
    def typed(self, case: Case) -> Case:
        with scope.everywhere(reason="a test lets it have come by the form"):
            Message.objects.filter(case=case).update(channel="form")
        return case

    def mail(self, case: Case, address: str, *, later: int = 60, **told: object) -> None:
        """A mail in the case, so many seconds after its first message."""
        with scope.everywhere(reason="a test lets a mail come"):
            first = Message.objects.filter(case=case).order_by("at").first()
            assert first is not None
            at = first.at + timedelta(seconds=later)
            values = {"channel": "email", "external_id": f"{address}{later}@x", "sender_address": address}
            first.pk, first.at = None, at
            for name, value in (values | told).items():
                setattr(first, name, value)
            first.save(force_insert=True)

    def test_is_said_to_be_so(self, agent: Client, typed: Case, number: str) -> None:
        assert agent.get(f"/cases/{number}/").content.decode().count(self.WORDS) == 1

    def test_a_mail_says_nothing_of_it(self, agent: Client, case: Case, number: str) -> None:
        assert self.WORDS not in agent.get(f"/cases/{number}/").content.decode()

    def test_nor_does_an_answer_on_the_customers_own_page(
        self, agent: Client, typed: Case, number: str
    ) -> None:
        with scope.everywhere(reason="a test lets it have come from the page"):
            Message.objects.filter(case=typed).update(trust={"own_page": True})

        assert self.WORDS not in agent.get(f"/cases/{number}/").content.decode()

    def test_a_mail_from_that_address_proves_it(self, agent: Client, typed: Case, number: str) -> None:
        self.mail(typed, MISAKI.address.upper())

        assert self.WORDS not in agent.get(f"/cases/{number}/").content.decode()

    @pytest.mark.parametrize(
        ("address", "told"),
        [
            ("other@home.example", {}),
            (MISAKI.address, {"later": -60}),
            (MISAKI.address, {"trust": {"authentication": "fail"}}),
            (MISAKI.address, {"automatic": "auto-reply"}),
        ],
    )
    def test_other_mails_prove_nothing(
        self, agent: Client, typed: Case, number: str, address: str, told: dict[str, int]
    ) -> None:
        self.mail(typed, address, **told)

        assert agent.get(f"/cases/{number}/").content.decode().count(self.WORDS) == 1
