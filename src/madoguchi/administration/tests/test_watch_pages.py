"""What a company watches for, in the settings."""

import pytest
from django.test import Client

from madoguchi.infra import scope
from madoguchi.people.factories import World
from madoguchi.signals.lexicon import USUAL
from madoguchi.signals.models import Watch

pytestmark = pytest.mark.django_db


def kept() -> list[tuple[str, int, int]]:
    with scope.everywhere(reason="a test looks at what is there"):
        return list(Watch.objects.values_list("words", "alike", "per_mille"))


def test_the_usual_stands_there_until_a_company_writes_its_own(browser: Client, world: World) -> None:
    address = f"/administration/watches/{world.ours.company.pk}/"
    assert world.ours.company.name in browser.get("/administration/watches/").text
    page = browser.get(address)
    assert page.context["form"].initial == {"words": USUAL, "alike": 3, "per_mille": 10}

    saved = browser.post(address, {"words": "解約: 解約、退会\n", "alike": "4", "per_mille": "5"})

    assert (saved.status_code, kept()) == (302, [("解約: 解約、退会", 4, 5)])
    assert "解約: 解約、退会" in browser.get(address).text


@pytest.mark.parametrize(
    ("words", "alike", "per_mille", "said"),
    [
        ("解約、退会", "3", "10", "1 行目の書き方が正しくありません。"),
        ("解約: 退会", "1", "10", "2"),
        ("解約: 退会", "3", "1001", "1000"),
        ("", "3", "10", ""),
    ],
)
def test_what_makes_no_sense_stays_as_it_was_typed(
    browser: Client, world: World, words: str, alike: str, per_mille: str, said: str
) -> None:
    typed = {"words": words, "alike": alike, "per_mille": per_mille}
    page = browser.post(f"/administration/watches/{world.ours.company.pk}/", typed)

    assert words in page.text
    assert said in page.text
    assert kept() == []
