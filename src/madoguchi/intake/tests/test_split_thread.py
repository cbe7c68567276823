"""A person put messages into a case of their own: whoever answers them is found there, whatever else a mail carries."""

import pytest
from django.conf import LazySettings

from madoguchi.cases.actions import split, unsplit
from madoguchi.cases.models import Case, Message, Split
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.infra import scope
from madoguchi.intake.healing import join_parted
from madoguchi.intake.models import Arrival
from madoguchi.intake.tests.test_thread import arrive
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_waiting(settings: LazySettings) -> None:
    settings.UNDO_SECONDS = 0


def mail(
    number: int, *, answers: str = "", mentions: tuple[str, ...] = (), to: str = "", sender: str = "misaki"
) -> bytes:
    lines = [f"From: {sender}@home.example", f"Subject: m{number}", f"Message-ID: <m{number}@home.example>"]
    lines += [f"To: {to}"] if to else []
    lines += [f"In-Reply-To: <{answers}>"] if answers else []
    lines += ["References: " + " ".join(f"<{one}>" for one in mentions)] if mentions else []
    return ("\r\n".join(lines) + f"\r\n\r\nwords {number}\r\n").encode()


def case_of(arrival: Arrival) -> int:
    with scope.everywhere(reason="a test looks at everything"):
        return Message.objects.get(pk=arrival.message_id).case_id


class Thread:
    """A case with two matters, both answered, of which the second was split off."""

    def __init__(self, world: World) -> None:
        self.world, self.by = world, actor_of(world.ours.supervisor)
        self.old = case_of(arrive(world, mail(1)))
        self.first_answer = self.answer(self.old)
        second = arrive(world, mail(2, answers="m1@home.example"))
        assert case_of(second) == self.old
        self.second_answer = self.answer(self.old)
        with world.ours.scope():
            moved = Message.objects.filter(external_id__in=["m2@home.example", self.second_answer])
            ids = list(moved.values_list("pk", flat=True))
            self.split: Split = split(Case.objects.get(pk=self.old), messages=ids, by=self.by)
            self.token = Case.objects.get(pk=self.old).reply_token
        self.new = self.split.into_id

    def answer(self, case: int) -> str:
        with self.world.ours.scope():
            sent = reply(
                Case.objects.select_related("company").get(pk=case),
                Reply(text="はい。", confirmed=ANYTHING),
                by=self.by,
            )
            return sent.external_id

    @property
    def our_address(self) -> str:
        """Where our answers of before the split ask to be replied to."""
        local, _at, domain = self.world.ours.entry_point.address.partition("@")
        return f"{local}+c.{self.token}@{domain}"


@pytest.fixture
def thread(world: World) -> Thread:
    return Thread(world)


def test_who_answers_an_answer_of_ours_that_went_along_is_found_in_the_new_case(
    world: World, thread: Thread
) -> None:
    """Its id and the address it asks to be answered at both carry the old case's token."""
    chain = ("m1@home.example", thread.first_answer, "m2@home.example", thread.second_answer)
    told = {"answers": thread.second_answer, "mentions": chain, "to": thread.our_address}

    assert case_of(arrive(world, mail(3, **told))) == thread.new


def test_who_goes_on_from_their_own_message_that_went_along_is_found_in_the_new_case(
    world: World, thread: Thread
) -> None:
    told = {"answers": "m2@home.example", "mentions": (thread.first_answer,)}

    assert case_of(arrive(world, mail(3, **told))) == thread.new


def test_who_answers_what_stayed_is_found_in_the_old_case(world: World, thread: Thread) -> None:
    """Even where the mail mentions, further off, what went along."""
    told = {"answers": thread.first_answer, "mentions": ("m2@home.example",), "to": thread.our_address}

    assert case_of(arrive(world, mail(3, **told))) == thread.old


def test_where_the_ids_are_lost_the_address_leads_to_the_old_case(world: World, thread: Thread) -> None:
    assert case_of(arrive(world, mail(3, to=thread.our_address))) == thread.old


def test_an_answer_sent_since_has_the_new_cases_own_token(world: World, thread: Thread) -> None:
    sent = thread.answer(thread.new)

    assert sent.startswith("c.")
    assert thread.token not in sent
    assert case_of(arrive(world, mail(3, answers=sent))) == thread.new


def test_after_it_was_undone_all_is_found_in_the_old_case(world: World, thread: Thread) -> None:
    with world.ours.scope():
        unsplit(thread.split, by=thread.by)

    assert case_of(arrive(world, mail(3, answers=thread.second_answer))) == thread.old
    assert case_of(arrive(world, mail(4, answers="m2@home.example"))) == thread.old


def test_what_a_person_parted_no_mail_and_no_machine_joins_again(world: World) -> None:
    """Given two unanswered mails of one case, one split off, a mail that mentions both joins nothing."""
    old = case_of(arrive(world, mail(1)))
    arrive(world, mail(2, answers="m1@home.example"))
    with world.ours.scope():
        second = Message.objects.get(external_id="m2@home.example")
        new = split(
            Case.objects.get(pk=old), messages=[second.pk], by=actor_of(world.ours.supervisor)
        ).into_id

    third = arrive(world, mail(3, answers="m2@home.example", mentions=("m1@home.example", "m2@home.example")))

    assert case_of(third) == new
    assert join_parted() == 0
    with world.ours.scope():
        assert not Case.objects.filter(continued_in__isnull=False).exists()
