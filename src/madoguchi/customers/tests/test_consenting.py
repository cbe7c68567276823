"""What customers consent to: by purpose and way, in which words, who writes it down, and who may be turned to."""

from datetime import timedelta

import pytest

from madoguchi.customers.actions import (
    Said,
    join_customers,
    stop_use_of,
    write_consent,
    write_words,
)
from madoguchi.customers.consenting import (
    approachable,
    bounds_of,
    history_of,
    is_allowed,
    may_approach,
    refused_since,
    stands_of,
    ways_refused,
    words_in_force,
)
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Consent, ConsentWords, Customer
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def said(given: bool, *ways: str, purpose: str = "offers", how: str = "phone", **more: object) -> Said:
    return Said(purpose=purpose, ways=ways, given=given, how=how, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("purpose", "way", "said", "allowed"),
    [
        ("offers", "email", None, False),
        ("offers", "sms", None, False),
        ("offers", "line", None, False),
        ("survey", "email", None, False),
        ("follow_up", "email", None, False),
        ("offers", "phone", None, True),
        ("offers", "letter", None, True),
        ("offers", "phone", False, False),
        ("offers", "email", True, True),
        ("matter", "email", None, True),
        ("matter", "email", False, False),
    ],
)
def test_mail_that_advertises_needs_consent_and_a_call_only_no_refusal(
    purpose: str, way: str, said: bool | None, allowed: bool
) -> None:
    assert is_allowed(purpose, way, said) is allowed


@pytest.mark.django_db
def test_what_was_said_last_counts_and_what_was_said_before_stays(world: World, agent: Actor) -> None:
    customer = make_customer(world.ours.company)
    other = make_customer(world.ours.company)
    with world.ours.scope():
        # given
        first = write_words(
            world.ours.company.pk,
            purpose="offers",
            text="新商品をご案内してよろしいですか。",
            by=actor_of(world.ours.company_manager),
        )

        # when they consent, then withdraw one of two ways
        yesterday = clock.today() - timedelta(days=1)
        write_consent(customer, said(True, "email", "line", day=yesterday, note="展示会"), by=agent)
        write_consent(customer, said(False, "line", how="mail"), by=agent)

        # then
        assert may_approach(customer.pk, "offers", "email")
        assert not may_approach(customer.pk, "offers", "line")
        assert approachable([customer.pk, other.pk], "offers", "email") == {customer.pk}
        assert approachable([customer.pk, other.pk], "offers", "phone") == {customer.pk, other.pk}
        kept = [(one.channel, one.given, one.how, one.words, one.note) for one in history_of(customer.pk)]
        assert kept == [
            ("line", False, "mail", None, ""),
            ("line", True, "phone", first, "展示会"),
            ("email", True, "phone", first, "展示会"),
        ]
        assert history_of(customer.pk)[-1].at.astimezone(clock.TOKYO).date() == yesterday
        [line] = [s for s in stands_of(customer.pk) if (s.purpose, s.way) == ("offers", "line")]
        assert (line.allowed, line.said) == (False, history_of(customer.pk)[0])
        told = Event.objects.filter(kind="consent.said").order_by("id").values_list("data", flat=True)
        assert [(d["channel"], d["given"]) for d in told] == [
            ("email", True),
            ("line", True),
            ("line", False),
        ]
        assert "展示会" not in str(list(told))


@pytest.mark.django_db
def test_words_get_versions_and_a_consent_keeps_its_own(world: World, agent: Actor) -> None:
    customer, company = make_customer(world.ours.company), world.ours.company.pk
    lead = actor_of(world.ours.company_manager)
    with world.ours.scope():
        write_words(company, purpose="survey", text="第一版", by=lead)
        [kept] = write_consent(customer, said(True, "email", purpose="survey"), by=agent)
        again = write_words(company, purpose="survey", text=" 第一版 ", by=lead)
        second = write_words(company, purpose="survey", text="第二版", by=lead)

        assert (again.version, second.version) == (1, 2)
        assert words_in_force(company) == {"survey": second}
        assert history_of(customer.pk)[0].words == kept.words == again
        with pytest.raises(NotAllowed):
            write_words(company, purpose="survey", text="第三版", by=agent)
        for purpose, text in [("nothing", "x"), ("survey", "  "), ("survey", "x" * 4001)]:
            with pytest.raises(Refused):
                write_words(company, purpose=purpose, text=text, by=lead)
        assert ConsentWords.objects.count() == 2


@pytest.mark.django_db
def test_what_makes_no_sense_or_is_not_theirs_to_write_is_refused(world: World, agent: Actor) -> None:
    customer = make_customer(world.ours.company)
    tomorrow = clock.today() + timedelta(days=1)
    wrong = [
        (said(True), "ways"),
        (said(True, "pigeon"), "ways"),
        (said(True, "email", purpose="all"), "purpose"),
        (said(True, "email", how="dream"), "how"),
        (said(True, "email", day=tomorrow), "day"),
    ]
    with world.ours.scope():
        for one, field in wrong:
            with pytest.raises(Refused) as refused:
                write_consent(customer, one, by=agent)
            assert refused.value.field == field
        for somebody in (world.ours.company_staff, world.theirs.agent):
            with pytest.raises(NotAllowed):
                write_consent(customer, said(True, "email"), by=actor_of(somebody))
        assert not Consent.objects.exists()


@pytest.mark.django_db
def test_a_refusal_goes_along_when_records_become_one(world: World, agent: Actor) -> None:
    one, into = make_customer(world.ours.company), make_customer(world.ours.company)
    lead = actor_of(world.ours.supervisor)
    with world.ours.scope():
        write_consent(one, said(False, "phone"), by=agent)
        before = clock.now()
        join_customers(one, into=into, by=lead)
        write_consent(one, said(False, "phone", purpose="matter"), by=agent)

        assert not may_approach(into.pk, "offers", "phone")
        assert refused_since(into.pk, "matter", "phone", since=before)
        assert not refused_since(into.pk, "matter", "phone", since=clock.now())
        assert not refused_since(into.pk, "offers", "phone", since=before)


@pytest.mark.django_db
def test_nobody_turns_to_who_is_stopped_nor_joins_them_with_who_is_not(world: World, agent: Actor) -> None:
    one, into = make_customer(world.ours.company), make_customer(world.ours.company)
    with world.ours.scope():
        write_consent(one, said(True, "email"), by=agent)
        for _twice in range(2):
            stop_use_of(one, by=agent)

        assert approachable([one.pk, into.pk], "matter", "email") == {into.pk}
        assert not may_approach(one.pk, "offers", "email")
        assert Event.objects.filter(kind="customer.use_stopped").count() == 1
        with pytest.raises(Refused):
            join_customers(one, into=into, by=actor_of(world.ours.supervisor))
        assert Customer.objects.get(pk=one.pk).joined_into_id is None


@pytest.mark.django_db
def test_what_counts_is_when_it_was_said_and_not_when_it_was_typed(world: World, agent: Actor) -> None:
    customer = make_customer(world.ours.company)
    day = [clock.today() - timedelta(days=ago) for ago in range(4)]
    with world.ours.scope():
        # given a refusal after which an older consent, and consents of its own day, are typed
        write_consent(customer, said(False, "email", day=day[2], purpose="matter"), by=agent)
        write_consent(customer, said(True, "email", day=day[3], purpose="matter"), by=agent)
        write_consent(customer, said(True, "email", day=day[2], purpose="matter"), by=agent)

        # then
        assert [(one.at.astimezone(clock.TOKYO).date(), one.given) for one in history_of(customer.pk)] == [
            (day[2], False),
            (day[2], True),
            (day[3], True),
        ]
        assert not may_approach(customer.pk, "matter", "email")
        assert refused_since(customer.pk, "matter", "email", since=clock.now() - timedelta(days=3))
        assert [s.allowed for s in stands_of(customer.pk) if (s.purpose, s.way) == ("matter", "email")] == [
            False
        ]
        assert ways_refused(customer.pk) == {"email"}

        # when they consent on a later day
        write_consent(customer, said(True, "email", day=day[1], purpose="matter"), by=agent)

        # then
        assert may_approach(customer.pk, "matter", "email")
        assert ways_refused(customer.pk) == frozenset()


@pytest.mark.django_db
def test_while_the_use_is_stopped_no_way_is_open_and_no_consent_is_written(
    world: World, agent: Actor
) -> None:
    customer = make_customer(world.ours.company)
    with world.ours.scope():
        write_consent(customer, said(True, "email"), by=agent)
        assert any(stand.allowed for stand in stands_of(customer.pk))
        stop_use_of(customer, by=agent)

        assert not any(stand.allowed for stand in stands_of(customer.pk))
        with pytest.raises(Refused) as refused:
            write_consent(customer, said(True, "line"), by=agent)
        assert (refused.value.field, Consent.objects.count()) == ("given", 1)

        write_consent(customer, said(False, "phone"), by=agent)
        assert Consent.objects.count() == 2


def test_the_bounds_of_an_answer_are_said_in_one_way() -> None:
    only = "対応中のご用件を終えるための連絡はできますが、それ以外には使えません。"
    assert bounds_of(False, ()) == ""
    assert bounds_of(True, ["email"]) == f"このお客様の個人データは利用停止中です。{only}"
    refused = bounds_of(False, ["phone", "email"])
    assert (
        refused == f"このお客様は、ご自身の用件についても次の方法での連絡を断っています：メール、電話。{only}"
    )
