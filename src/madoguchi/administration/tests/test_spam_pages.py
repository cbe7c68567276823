"""Spam and the lists of senders, in a browser."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.channels.email.channel import EmailChannel
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake import channels
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.models import User

Browser = Callable[[User], Client]
Facts = Callable[[], list[tuple[str, dict[str, Any]]]]
SPAM = b"From: ad@evil.example\r\nSubject: cheap\r\nMessage-ID: <%d@evil.example>\r\nX-Spam-Flag: YES\r\n\r\nbuy\r\n"


@pytest.fixture(autouse=True)
def reads_mail(settings: Any) -> Iterator[None]:
    settings.TRUSTED_MAIL_SERVERS = ("mx.shop.example",)
    channels.register(Channel.EMAIL, EmailChannel())
    return


def url(name: str, *args: int) -> str:
    return reverse(f"administration:{name}", args=args)


def kept_out(point: EntryPoint, number: int = 1) -> int:
    pk = receive(raw=SPAM % number, entry_point=point, source="test")
    assert pk is not None
    arrival = handle(pk, company=point.company_id)
    assert arrival is not None
    assert arrival.state == Arrival.State.SPAM
    return pk


def state_of(pk: int) -> str:
    with scope.everywhere(reason="a test looks at what is there"):
        return str(Arrival.objects.get(pk=pk).state)


def rules() -> list[tuple[int, str, str]]:
    with scope.everywhere(reason="a test looks at what is there"):
        return list(SenderRule.objects.order_by("pk").values_list("company_id", "kind", "pattern"))


class TestSpam:
    def test_is_listed_and_taken_in(self, world: World, signed_in: Browser) -> None:
        browser, pk = signed_in(world.ours.supervisor), kept_out(world.ours.entry_point)

        listed = browser.get(url("spam"))
        assert [a.pk for a in listed.context["page"]] == [pk]
        assert "x-spam-flag: YES" in listed.content.decode()
        assert "buy" in browser.get(url("spam_one", pk)).content.decode()

        assert browser.post(url("spam_take_in", pk))["Location"] == url("spam")
        assert (state_of(pk), rules()) == ("handled", [])
        assert list(browser.get(url("spam")).context["page"]) == []

    def test_and_its_sender_from_now_on(self, world: World, signed_in: Browser) -> None:
        browser, pk = signed_in(world.ours.supervisor), kept_out(world.ours.entry_point)

        browser.post(url("spam_take_in", pk), {"allow": "1"})

        assert state_of(pk) == "handled"
        assert rules() == [(world.ours.company.pk, "allow", "ad@evil.example")]
        again = receive(raw=SPAM % 2, entry_point=world.ours.entry_point, source="test")
        assert again is not None
        arrival = handle(again, company=world.ours.company.pk)
        assert arrival is not None
        assert arrival.state == "handled"

    def test_another_desks_is_absent(self, world: World, signed_in: Browser) -> None:
        beside = kept_out(make_entry_point(make_desk(world.ours.company)))
        theirs = kept_out(world.theirs.entry_point)
        browser = signed_in(world.ours.supervisor)

        assert list(browser.get(url("spam")).context["page"]) == []
        for pk in (beside, theirs):
            assert browser.get(url("spam_one", pk)).status_code == 404
            assert browser.post(url("spam_take_in", pk)).status_code == 404
            assert state_of(pk) == "spam"

    @pytest.mark.parametrize("who", ["agent", "company_staff"])
    def test_is_not_for_everybody(self, world: World, signed_in: Browser, who: str) -> None:
        browser, pk = signed_in(getattr(world.ours, who)), kept_out(world.ours.entry_point)

        for name, args in (("spam", ()), ("spam_one", (pk,)), ("senders", ())):
            assert browser.get(url(name, *args)).status_code == 403
        assert browser.post(url("spam_take_in", pk)).status_code == 403
        assert state_of(pk) == "spam"

    def test_says_no_more_of_who_was_taken_off_than_the_list_did(
        self, world: World, signed_in: Browser
    ) -> None:
        with scope.everywhere(reason="a test changes the contract"):
            world.ours.engagement.masked = ["email"]
            world.ours.engagement.save()
            rule = SenderRule.objects.create(
                company=world.ours.company, kind="block", pattern="misaki@home.example", added_at=clock.now()
            )

        page = signed_in(world.ours.supervisor).post(url("sender_forget", rule.pk), follow=True)

        assert rules() == []
        assert "misaki" not in page.content.decode()

    def test_keeps_from_a_reader_what_the_contract_keeps(self, world: World, signed_in: Browser) -> None:
        pk = kept_out(world.ours.entry_point)
        with scope.everywhere(reason="a test changes the contract"):
            world.ours.engagement.masked = ["email"]
            world.ours.engagement.save()
            SenderRule.objects.create(
                company=world.ours.company,
                kind="block",
                pattern="ad@evil.example",
                added_by="x",
                added_at=clock.now(),
            )
        browser = signed_in(world.ours.supervisor)

        for page in (browser.get(url("spam")), browser.get(url("spam_one", pk)), browser.get(url("senders"))):
            assert "ad@evil.example" not in page.content.decode()


class TestSenders:
    def test_are_put_on_the_list_and_off_it(self, world: World, signed_in: Browser, facts: Facts) -> None:
        browser, company = signed_in(world.ours.company_manager), world.ours.company.pk

        sent = {"company": company, "pattern": "Evil.example", "kind": "block"}
        assert browser.post(url("senders"), sent)["Location"] == url("senders")
        assert rules() == [(company, "block", "evil.example")]
        assert "evil.example" in browser.get(url("senders")).content.decode()

        (rule,) = browser.get(url("senders")).context["page"]
        assert browser.post(url("sender_forget", rule.pk))["Location"] == url("senders")
        assert rules() == []
        assert [kind for kind, _data in facts()] == ["sender.ruled", "sender.forgotten"]

    def test_taken_off_they_can_be_put_back(self, world: World, signed_in: Browser, facts: Facts) -> None:
        browser, company = signed_in(world.ours.company_manager), world.ours.company.pk
        browser.post(url("senders"), {"company": company, "pattern": "evil.example", "kind": "block"})
        (rule,) = browser.get(url("senders")).context["page"]

        page = browser.post(url("sender_forget", rule.pk), follow=True).content.decode()
        (undo,) = re.findall(r'action="([^"]+/put-back/)"', page)

        assert "evil.example" not in undo
        assert browser.post(undo)["Location"] == url("senders")
        assert rules() == [(company, "block", "evil.example")]
        kinds = [kind for kind, _data in facts()]
        assert kinds == ["sender.ruled", "sender.forgotten", "sender.ruled"]
        browser.post(undo)
        assert [kind for kind, _data in facts()] == kinds

    def test_what_was_decided_since_stands(self, world: World, signed_in: Browser) -> None:
        browser, company = signed_in(world.ours.company_manager), world.ours.company.pk
        sent = {"company": company, "pattern": "evil.example", "kind": "block"}
        browser.post(url("senders"), sent)
        (rule,) = browser.get(url("senders")).context["page"]
        page = browser.post(url("sender_forget", rule.pk), follow=True).content.decode()
        browser.post(url("senders"), {**sent, "kind": "allow"})

        browser.post(re.findall(r'action="([^"]+/put-back/)"', page)[0])

        assert rules() == [(company, "allow", "evil.example")]

    def test_only_the_taking_off_of_a_sender_is_undone(self, world: World, signed_in: Browser) -> None:
        browser, company = signed_in(world.ours.company_manager), world.ours.company.pk
        browser.post(url("senders"), {"company": company, "pattern": "evil.example", "kind": "block"})
        with scope.everywhere(reason="a test looks for an event"):
            ruled = Event.objects.get(kind="sender.ruled").pk

        assert browser.post(url("sender_put_back", ruled)).status_code == 404
        assert rules() == [(company, "block", "evil.example")]

    @pytest.mark.parametrize(
        ("field", "value"), [("pattern", "nobody"), ("pattern", ""), ("kind", "burn"), ("company", "0")]
    )
    def test_what_makes_no_sense_is_refused(
        self, world: World, signed_in: Browser, field: str, value: str
    ) -> None:
        sent = {"company": world.ours.company.pk, "pattern": "evil.example", "kind": "block", field: value}

        page = signed_in(world.ours.supervisor).post(url("senders"), sent)

        assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
        assert rules() == []

    def test_of_another_company_are_absent(self, world: World, signed_in: Browser) -> None:
        signed_in(world.theirs.company_manager).post(
            url("senders"), {"company": world.theirs.company.pk, "pattern": "evil.example", "kind": "block"}
        )
        browser = signed_in(world.ours.company_manager)

        assert list(browser.get(url("senders")).context["page"]) == []
        with scope.everywhere(reason="a test looks at what is there"):
            pk = SenderRule.objects.get().pk
        assert browser.post(url("sender_forget", pk)).status_code == 404
        assert len(rules()) == 1
