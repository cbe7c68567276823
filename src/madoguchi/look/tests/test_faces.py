"""Initials and hues come from the name alone."""

import unicodedata

import pytest

from madoguchi.look import faces


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("髙橋 美咲", "髙"),
        ("山﨑 悠", "山"),
        ("株式会社みなと設計 斎藤", "み"),
        ("(株)はなもと", "は"),
        ("㈱はなもと", "は"),
        ("Taro Yamada", "TY"),
        ("taro", "T"),
        ("Élodie", "É"),
        ("070-••••-2231", "#"),
        ("", "?"),
        ("  ", "?"),
        ("🙂", "?"),
    ],
)
def test_initials(name, initials):
    assert faces.initials(name) == initials


def test_a_decomposed_name_has_the_same_initial_and_hue():
    composed = "がもう"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert faces.initials(decomposed) == "が"
    assert faces.hue(decomposed) == faces.hue(composed)


def test_a_hue_is_one_of_twelve_and_does_not_change():
    assert faces.hue("髙橋 美咲") == faces.hue(" 髙橋 美咲 ") == 9
    assert {faces.hue(f"名前{number}") for number in range(500)} == set(range(faces.HUES))
