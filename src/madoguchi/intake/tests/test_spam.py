"""Spam and blocked senders: kept out in sight of all, never lost, and taken in when a person says so."""

from collections.abc import Iterator
from typing import Any

import pytest

from madoguchi.cases.models import Case, Message
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.infra import scope
from madoguchi.intake import channels
from madoguchi.intake.actions import retry, sender_of, take_in
from madoguchi.intake.jobs import left_over
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.intake.senders import as_listed, forget_sender, patterns_of, rule_sender, rules_of
from madoguchi.intake.tests.test_handling import arrive, counts, kinds, mail, store
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
Kind = SenderRule.Kind
MARKED = "X-Spam-Flag: YES\r\n"


@pytest.fixture(autouse=True)
def reads_mail(settings: Any) -> Iterator[None]:
    settings.TRUSTED_MAIL_SERVERS = ("mx.shop.example",)
    channels.register(Channel.EMAIL, EmailChannel())
    return


def rule(world: World, pattern: str, kind: SenderRule.Kind = Kind.BLOCK) -> SenderRule:
    with world.ours.scope():
        return rule_sender(
            world.ours.company.pk, pattern=pattern, kind=kind, by=actor_of(world.ours.supervisor)
        )


class TestWhatIsKeptOut:
    def test_what_the_mail_server_marks(self, world: World) -> None:
        arrival = arrive(world.ours, mail(more=MARKED))

        assert (arrival.state, arrival.case_id) == ("spam", None)
        assert arrival.reason == "メールサーバーが迷惑メールと判定しました（x-spam-flag: YES）。"
        assert counts() == {
            "Arrival": 1,
            "RawArrival": 1,
            "Case": 0,
            "Message": 0,
            "Customer": 0,
            "Identity": 0,
        }
        assert kinds() == ["arrival.kept_out"]

    def test_nothing_where_no_server_is_trusted(self, world: World, settings: Any) -> None:
        settings.TRUSTED_MAIL_SERVERS = ()

        assert arrive(world.ours, mail(more=MARKED)).state == "handled"

    @pytest.mark.parametrize("pattern", ["misaki@home.example", "MISAKI@Home.Example", "home.example"])
    def test_whom_the_company_keeps_out(self, world: World, pattern: str) -> None:
        rule(world, pattern)

        arrival = arrive(world.ours, mail())

        assert arrival.state == "spam"
        assert as_listed(pattern) in arrival.reason
        assert counts()["Case"] == 0

    @pytest.mark.parametrize("pattern", ["ome.example", "isaki@home.example", "x.home.example"])
    def test_nobody_else(self, world: World, pattern: str) -> None:
        rule(world, pattern)

        assert arrive(world.ours, mail()).state == "handled"

    def test_no_other_company_is_bound(self, world: World) -> None:
        rule(world, "home.example")

        assert arrive(world.theirs, mail()).state == "handled"

    @pytest.mark.parametrize(
        ("blocked", "allowed"),
        [("home.example", "misaki@home.example"), ("misaki@home.example", "home.example")],
    )
    def test_who_is_on_both_lists_is_taken_in(self, world: World, blocked: str, allowed: str) -> None:
        rule(world, blocked)
        rule(world, allowed, Kind.ALLOW)

        assert arrive(world.ours, mail(more=MARKED)).state == "handled"

    def test_a_mark_parts_nobody_from_their_case(self, world: World) -> None:
        first = arrive(world.ours, mail(1))

        second = arrive(world.ours, mail(2, more=MARKED + "In-Reply-To: <m1@home.example>\r\n"))

        assert (second.state, second.case_id) == ("handled", first.case_id)

    def test_a_rule_does(self, world: World) -> None:
        arrive(world.ours, mail(1))
        rule(world, "home.example")

        assert arrive(world.ours, mail(2, more="In-Reply-To: <m1@home.example>\r\n")).state == "spam"

    def test_the_case_keeps_what_the_server_found(self, world: World) -> None:
        arrive(world.ours, mail(more="Authentication-Results: mx.shop.example; dmarc=pass\r\n"))
        arrive(world.ours, mail(2, more="Authentication-Results: mx.evil.example; dmarc=pass\r\n"))

        with world.ours.scope():
            assert [m.trust for m in Message.objects.order_by("id")] == [
                {"authentication": "pass", "dmarc": "pass"},
                {"authentication": "none"},
            ]


class TestTakingIn:
    def test_makes_the_case(self, world: World) -> None:
        out = arrive(world.ours, mail(more=MARKED))

        with world.ours.scope():
            taken = take_in(out.pk, by=actor_of(world.ours.supervisor))
            assert Case.objects.get().pk == taken.case_id
        assert (taken.state, taken.reason) == ("handled", "")
        assert kinds() == ["arrival.kept_out", "customer.created", "case.opened", "arrival.taken_in"]

    def test_twice_is_once(self, world: World) -> None:
        out = arrive(world.ours, mail(more=MARKED))

        with world.ours.scope():
            for _ in range(2):
                take_in(out.pk, by=actor_of(world.ours.supervisor))
        assert counts()["Case"] == 1
        assert kinds().count("arrival.taken_in") == 1

    def test_knows_the_sender(self, world: World) -> None:
        out = arrive(world.ours, mail(more=MARKED))

        with world.ours.scope():
            assert sender_of(out) == "misaki@home.example"

    def test_is_for_leaders_and_the_companys_manager(self, world: World) -> None:
        out = arrive(world.ours, mail(more=MARKED))

        with world.ours.scope():
            for person in (world.ours.agent, world.ours.company_staff, world.administrator):
                with pytest.raises(NotAllowed):
                    take_in(out.pk, by=actor_of(person))
            assert Arrival.objects.get().state == "spam"
            assert take_in(out.pk, by=actor_of(world.ours.company_manager)).state == "handled"

    def test_of_another_company_is_absent(self, world: World) -> None:
        out = arrive(world.ours, mail(more=MARKED))

        with world.theirs.scope(), pytest.raises(NotFound):
            take_in(out.pk, by=actor_of(world.theirs.supervisor))

    def test_takes_nothing_out_of_quarantine(self, world: World) -> None:
        broken = arrive(world.ours, b"Subject: nobody\r\n\r\n")

        with world.ours.scope():
            assert take_in(broken.pk, by=actor_of(world.ours.supervisor)).state == "quarantined"

    def test_a_retry_takes_no_spam_in(self, world: World) -> None:
        out = arrive(world.ours, mail(more=MARKED))

        with world.ours.scope():
            assert retry(out.pk, by=actor_of(world.ours.supervisor)).state == "spam"

    def test_the_same_mail_by_another_way_is_kept_out_too_and_taken_in_once(self, world: World) -> None:
        one = arrive(world.ours, mail(more=MARKED))
        other = arrive(world.ours, mail(more=MARKED + "X-Way: 2\r\n"))

        with world.ours.scope():
            by = actor_of(world.ours.supervisor)
            states = [take_in(arrival.pk, by=by).state for arrival in (one, other)]
        assert states == ["handled", "repeated"]


class TestTheLists:
    def test_a_rule_is_told_once(self, world: World) -> None:
        rule(world, "Spam@Evil.example ")
        rule(world, "spam@evil.example")
        rule(world, "spam@evil.example", Kind.ALLOW)

        with world.ours.scope():
            assert [(r.kind, r.pattern) for r in SenderRule.objects.all()] == [("allow", "spam@evil.example")]
        assert kinds() == ["sender.ruled", "sender.ruled"]

    @pytest.mark.parametrize(
        "pattern",
        [
            "",
            "x",
            "@",
            "a@",
            "a b@c.example",
            "*.example",
            "a@b@c.example",
            "x" * 250 + ".example",
        ],
    )
    def test_what_is_no_address_is_refused(self, world: World, pattern: str) -> None:
        with pytest.raises(Refused):
            rule(world, pattern)
        assert kinds() == []

    def test_a_rule_is_forgotten(self, world: World) -> None:
        kept = rule(world, "evil.example")

        with world.ours.scope():
            forget_sender(kept.pk, by=actor_of(world.ours.company_manager))
            with pytest.raises(NotFound):
                forget_sender(kept.pk, by=actor_of(world.ours.company_manager))
        assert kinds() == ["sender.ruled", "sender.forgotten"]

    def test_who_keeps_them(self, world: World) -> None:
        kept, side = rule(world, "evil.example"), world.ours

        with scope.everywhere(reason="a test asks for people of both companies"):
            for person in (side.supervisor, side.manager, side.company_manager):
                assert list(rules_of(actor_of(person))) == [kept]
            for person in (side.agent, side.company_staff, world.administrator, world.theirs.supervisor):
                assert list(rules_of(actor_of(person))) == []
                with pytest.raises(NotAllowed):
                    forget_sender(kept.pk, by=actor_of(person))
                with pytest.raises(NotAllowed):
                    rule_sender(side.company.pk, pattern="a.example", kind=Kind.BLOCK, by=actor_of(person))
            assert SenderRule.objects.count() == 1

    def test_every_rule_that_speaks_of_an_address(self) -> None:
        assert patterns_of("A@x.Shop.example") == ["a@x.shop.example", "x.shop.example", "shop.example"]
        assert patterns_of("a@日本.example") == ["a@xn--wgv71a.example", "xn--wgv71a.example"]
        assert len(patterns_of("a@" + "x." * 500 + "example")) == 11

    def test_what_is_left_over_is_judged_as_well(self, world: World) -> None:
        rule(world, "home.example")
        stored = store(world.ours, mail())

        left_over(0)

        with world.ours.scope():
            assert Arrival.objects.get(pk=stored).state == "spam"
