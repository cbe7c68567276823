"""A field that holds what is kept from whoever changes it: shown with dots, saved as it was. No database."""

import re
from dataclasses import replace
from datetime import timedelta
from html import escape, unescape

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.infra.secrets import encrypt
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.blotting import blotter
from madoguchi.kernel.errors import Refused
from madoguchi.project.kept_fields import SEAL, with_fields_kept, with_what_was_kept

BLOTS = {
    7: blotter({"name": ["髙橋 美咲"], "phone": ["090-1234-5678"]}, unseen={"name", "phone"}, loosely=False)
}
SAID = "髙橋 美咲様\r\n・夕方に 090-1234-5678 へ"
SHOWN = "•• ••様\n・夕方に ••••••••••••• へ"


def person(user: int) -> Actor:
    """Somebody from whom nothing is kept any more: what is sealed is put back all the same."""
    return replace(system("test"), id=user)


def page(words: str = SAID, *, stored: bool = False, road: str = "/memo/") -> str:
    mark = " data-stored" if stored else ""
    return (
        f'<form method="post" action="{road}?view=1"><input name="n" value="7">'
        f'<textarea name="memo"{mark}>\n{escape(words)}</textarea></form>'
    )


def shown(html: str, *, user: int = 3) -> tuple[str, list[str]]:
    """What a browser has of the textarea, and the seals."""
    left = with_fields_kept(html, BLOTS, path="/cases/1/", user=user)
    words = re.search("<textarea[^>]*>\n?(.*?)</textarea>", left, re.DOTALL)
    assert words
    return unescape(words[1]), re.findall(rf'name="{SEAL}" value="([^"]*)"', left)


def back(memo: str, seals: list[str], *, to: str = "/memo/", user: int = 3) -> str:
    request = RequestFactory().post(to, {"memo": memo, SEAL: seals})
    posted = with_what_was_kept(request, actor=person(user))
    assert SEAL not in posted
    return str(posted["memo"])


def test_nobody_sees_it_and_what_comes_back_as_it_was_shown_is_as_it_was() -> None:
    words, seals = shown(page())
    assert (words, len(seals)) == (SHOWN, 1)
    assert "髙橋" not in seals[0]

    # Browsers send lines apart by CRLF.
    assert back(words.replace("\n", "\r\n"), seals) == SAID.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"{SHOWN}\n・済み", "髙橋 美咲様\n・夕方に 090-1234-5678 へ\n・済み"),
        ("VIP •• ••様 •••••••••••••", "VIP 髙橋 美咲様 090-1234-5678"),
        ("• 一\n•• ••様 •••••••••••••", "• 一\n髙橋 美咲様 090-1234-5678"),
        # What is somebody's own may be shortened on purpose.
        ("•••••••••••••", "090-1234-5678"),
        ("ほかの言葉", "ほかの言葉"),
        ("", ""),
    ],
)
def test_what_is_written_around_it_is_kept_with_it(typed: str, kept: str) -> None:
    assert back(typed, shown(page())[1]) == kept


@pytest.mark.parametrize("typed", ["••様 •••••••••••••", "•• •• •• •••••••••••••", "•••様", "••••••••••••"])
def test_dots_that_were_changed_are_refused(typed: str) -> None:
    with pytest.raises(Refused):
        back(typed, shown(page())[1])


@pytest.mark.parametrize("typed", ["", "ほかの言葉", "•• ••様", "•••••••••••••"])
def test_of_what_is_stored_nothing_may_be_taken_away_unseen(typed: str) -> None:
    seals = shown(page(stored=True))[1]
    with pytest.raises(Refused):
        back(typed, seals)
    assert back(SHOWN, seals) == SAID.replace("\r\n", "\n")


def test_a_seal_is_good_for_one_person_and_one_road_alone() -> None:
    words, seals = shown(page())
    for to, user in (("/mail/new/", 3), ("/memo/", 4)):
        with pytest.raises(Refused):
            back(words, seals, to=to, user=user)
    with pytest.raises(Refused):
        back(words, [seals[0][:-9] + "AAAAAAAA="])


def test_what_is_looked_for_and_numbers_of_ours_stay() -> None:
    html = (
        '<form method="get"><input name="q" value="髙橋 美咲"></form>'
        '<form method="post"><input type="hidden" name="id" value="0901234"><select><option value="髙橋 美咲">'
        "</select></form>"
    )
    assert with_fields_kept(html, BLOTS, path="/", user=3) == html
    assert with_fields_kept(page("鉄瓶の件"), BLOTS, path="/", user=3) == page("鉄瓶の件")


def test_what_stands_in_the_next_field_hides_nothing() -> None:
    """All fields are looked through at once: a number that goes on in the next one would be another number."""
    html = '<form method="post"><input name="a" value="090-1234-5678"><input name="b" value="9 個"></form>'

    assert "1234" not in with_fields_kept(html, BLOTS, path="/", user=3)


def test_an_input_and_a_field_of_a_form_elsewhere_in_the_page() -> None:
    html = (
        '<form id="reply" method="post" action="/r/"></form><input form="reply" name="to" value="髙橋 美咲">'
    )

    left = with_fields_kept(html, BLOTS, path="/cases/1/", user=3)

    assert '<input form="reply" name="to" value="•• ••"><input type="hidden"' in left
    [seal] = re.findall(rf'name="{SEAL}" value="([^"]*)" form="reply"', left)
    request = RequestFactory().post("/r/", {"to": ["よそ", "•• ••"], SEAL: seal})
    assert with_what_was_kept(request, actor=person(3)).getlist("to") == ["よそ", "髙橋 美咲"]


@given(
    st.lists(
        st.sampled_from(["髙橋 美咲", "090-1234-5678", "•", "様", " ", "\n", "<b>&", "高橋美咲"]), max_size=12
    )
)
def test_whatever_stands_there_comes_back_byte_for_byte(pieces: list[str]) -> None:
    said = "、".join(pieces)

    words, seals = shown(page(said, stored=True))

    assert "美咲" not in words
    assert "1234" not in words
    assert back(words, seals) == said


@pytest.mark.parametrize(
    ("values", "left"),
    [
        (["•••••••••••••", "•••••••••••••"], ["090-1234-5678", "０９０-1234-5678"]),
        (["", "•••••••••••••"], ["", "０９０-1234-5678"]),
        (["•••••••••••••", "至急 •••••••••••••"], ["090-1234-5678", "至急 ０９０-1234-5678"]),
    ],
)
def test_each_of_several_fields_of_a_name_keeps_its_own(values: list[str], left: list[str]) -> None:
    fields = "".join(f'<input name="p" value="{one}">' for one in ("090-1234-5678", "０９０-1234-5678"))
    html = f'<form method="post" action="/p/">{fields}</form>'
    kept = with_fields_kept(html, BLOTS, path="/p/", user=3)
    seals = re.findall(rf'name="{SEAL}" value="([^"]*)"', kept)

    request = RequestFactory().post("/p/", {"p": values, SEAL: seals})

    assert with_what_was_kept(request, actor=person(3)).getlist("p") == left


def test_a_seal_is_good_for_half_a_day_and_no_other_secret_is_one() -> None:
    words, seals = shown(page())
    purpose = "dots of a field"
    for other in (encrypt("[1]"), encrypt("x", purpose=purpose), encrypt("[1]", purpose=purpose)):
        with pytest.raises(Refused):
            back(words, [other])
    with clock.held_at(clock.now() + timedelta(hours=11, minutes=59)):
        assert back(words, seals) == SAID.replace("\r\n", "\n")
    with clock.held_at(clock.now() + timedelta(hours=12, minutes=1)), pytest.raises(Refused):
        back(words, seals)
