"""Customers who write that they had said it before are told of once a case."""

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.signals.grave import look_for_grave_words
from madoguchi.signals.models import Grave

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "again"),
    [
        ("先ほどもお電話で申し上げたのですが、電源が入りません。", True),
        ("何度も説明しています。", True),
        ("As I said before, it does not start.", True),
        ("先ほど届きました。ありがとうございます。", False),
        ("使い方を説明してください。", False),
    ],
)
def test_words_that_tell_it_are_told_once(world: World, words: str, again: bool) -> None:
    case = make_case(world.ours.entry_point)
    messages = [say_again(case, text=words).pk for _ in range(2)]

    with world.ours.scope():
        for message in [*messages, messages[0]]:
            look_for_grave_words(message)

        told = Event.objects.filter(case_id=case.pk, kind="case.told_again").values_list("data", flat=True)
        assert list(told) == ([{"message": messages[0]}] if again else [])
        assert not Grave.objects.exists()
