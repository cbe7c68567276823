"""Conditions in templates, and how much of a template stands in an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.knowledge.conditions import left_open
from madoguchi.knowledge.likeness import likeness
from madoguchi.knowledge.queries import fill, unknown_variables

FIRST, SECOND, THIRD = (
    "いつもありがとうござい",
    "お品物は明日までにお届けいたしますのでよ",
    "よろしくお願いしますね",
)
TEMPLATE = f"{{{{customer}}}}様\n{FIRST}。\n{SECOND}。\n{THIRD}"


def test_the_edit_rate_by_hand() -> None:
    """様 1, sentences of 11, 20 and 11 letters: 43 of the template's own. Each answer is one line of the formula."""
    whole = f"佐藤様\n{FIRST}。\n{SECOND}。\n{THIRD}"
    assert (1 + len(FIRST) + len(SECOND) + len(THIRD)) == 43
    assert likeness(TEMPLATE, whole).edited == 0
    without_second = likeness(TEMPLATE, f"佐藤様\n{FIRST}。\nあさってです。\n{THIRD}")
    assert without_second.edited == pytest.approx(20 / 43)
    assert without_second.is_used
    assert likeness(TEMPLATE, f"佐藤様\n{SECOND}").edited == pytest.approx(22 / 43)
    assert not likeness(TEMPLATE, f"佐藤様\n{SECOND}").is_used
    assert likeness(TEMPLATE, "まったく別の返事").kept == 0


def test_what_is_filled_in_and_spaces_and_widths_change_nothing() -> None:
    changed = f"髙橋様\n\n{FIRST}！ {SECOND}\n{THIRD}"
    assert likeness(TEMPLATE, changed).edited == 0
    assert likeness("ABCの件", "ａｂｃ の 件").edited == 0
    assert likeness("本文です。{{if channel = form}}フォームの方へ。{{end}}", "本文です。").edited == 0
    assert likeness("{{customer}}", "佐藤").kept == 0


def test_a_bare_template_says_nothing_of_its_own() -> None:
    filled = TEMPLATE.replace("{{customer}}", "佐藤 花子")
    bare = likeness(filled, filled, values=["佐藤 花子"])
    assert (bare.own, bare.is_bare) == (0, True)
    assert likeness(filled, filled + "\n以上、森でした。", values=["森"]).is_bare
    assert not likeness(filled, filled + "\nお尋ねの炊飯器の内釜ですが、単品でもお求めいただけます。").is_bare
    assert not likeness(filled, filled.replace(SECOND, "")).is_bare


@given(st.text(), st.text())
def test_it_is_a_share_whatever_the_words(template: str, answer: str) -> None:
    assert 0 <= likeness(template, answer).kept <= 1
    assert likeness(answer, answer).kept in (0, 1)


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("{{if customer}}{{customer}}様{{else}}お客様{{end}}", {"customer": "佐藤"}, "佐藤様"),
        ("{{if customer}}{{customer}}様{{else}}お客様{{end}}", {}, "お客様"),
        ("A{{if channel = form}}\nフォーム\n{{end}}B", {"channel": "form"}, "Aフォーム\nB"),
        ("A{{if channel = form}}フォーム{{end}}B", {"channel": "email"}, "AB"),
        ("{{if channel != form}}メール{{end}}", {"channel": "email"}, "メール"),
        ("{{if language = JA}}和{{end}}", {"language": "ja"}, "和"),
        ("{{if a}}1{{if b}}2{{else}}3{{end}}4{{end}}", {"a": "x"}, "134"),
        ("{{if a}}開いたまま", {"a": "x"}, "{{if a}}開いたまま"),
        # What a customer is called is never read as a template.
        ("{{customer}}様", {"customer": "{{if agent}}森{{end}}"}, "{{if agent}}森{{end}}様"),
    ],
)
def test_conditions_are_settled_before_anything_is_filled_in(
    text: str, values: dict[str, str], filled: str
) -> None:
    assert fill(text, values) == filled


def test_what_is_left_open_and_what_nothing_fills_in() -> None:
    assert left_open("{{if a}}{{if b}}x{{end}}") == ["{{if a}}"]
    assert left_open("x{{end}}{{else}}") == ["{{end}}", "{{else}}"]
    assert left_open("{{if customer}}x{{else}}y{{end}}") == []
    known = "{{if customer}}{{customer}}{{else}}{{name}}{{end}}{{if weather = rain}}傘{{end}}"
    assert unknown_variables(known) == ["{{name}}", "{{if weather}}"]
