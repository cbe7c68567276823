"""HTML that would keep a parser busy for minutes is read for its words alone."""

import pytest

from madoguchi.channels.email.html import sanitise, to_text
from madoguchi.channels.email.html_bounds import is_overgrown

NAMES = " ".join(f"a{n}" for n in range(1_001))
VALUES = " ".join(f'a{n}=">"' for n in range(21_000))


@pytest.mark.parametrize(
    "html",
    [
        f"<p {NAMES}>words",
        f"<p {NAMES.replace(' ', '/')}>words",
        f"<p {NAMES} words",
        f"<p {VALUES}>words",
        f'<p a="x"="{NAMES}">words',
        f'<p "{NAMES}">words',
        "<ul><li>" * 1_001 + "words",
        "<div></i>" * 1_001 + "words",
        "<DIV>" * 1_001 + "words",
        "<b>words" * 20_001,
        "&" * 200_001,
        "<pre>words" + "\n" * 200_001,
        "</b>" * 100_001,
        "<!-->" * 100_001,
        "".join(f"<font color=#{n:06d}>" for n in range(900)) + "<p>words" * 300,
        "<B>" + "<i>" * 200 + "<p>words" * 1_000,
    ],
    ids=[
        "names",
        "slashes",
        "no end",
        "values",
        "after a value",
        "quoted",
        "lists",
        "ends",
        "capitals",
        "many",
        "amps",
        "lines",
        "ends of nothing",
        "comments",
        "fonts that never end",
        "letters that stay slanted",
    ],
)
def test_what_a_parser_would_choke_on(html: str) -> None:
    assert is_overgrown(html)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "words < words > words & words",
        "<p>" * 19_000,
        "<div><p>words</p></div>" * 5_000,
        "<table>" + "<tr><td>1<td>2" * 5_000 + "</table>",
        "<div>" * 1_000 + "</div>" * 1_000,
        f'<p style="{NAMES}" title="{NAMES}">words',
        f"<img alt='{NAMES}' src = \"data:image/png;base64,{'a/b ' * 5_000}\">",
        "<br/>" * 19_000,
        "<font color=red><b>words</b></font><br>" * 6_000,
        "<font><font><b>words" + "<p>words</p>" * 9_000,
        "<p>words\n" * 19_000 + "\n" * 100_000,
    ],
    ids=[
        "nothing",
        "signs",
        "paragraphs",
        "boxes",
        "table",
        "deep",
        "long values",
        "picture",
        "breaks",
        "letters",
        "open",
        "lines",
    ],
)
def test_what_people_send(html: str) -> None:
    assert not is_overgrown(html)


def test_its_words_are_shown_all_the_same() -> None:
    html = f"<p {NAMES}>お世話になっております。</p>"

    assert to_text(html) == "お世話になっております。"
    assert sanitise(html, cid_urls={}).html == "<pre>お世話になっております。</pre>"


def test_many_beginnings_before_one_end_are_looked_at_once() -> None:
    assert not is_overgrown("<x" * 900 + ">")
