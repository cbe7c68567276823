"""An article as it is read: its Markdown laid out on a page, or as the plain words of a letter. Pure."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from string import punctuation
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from mdit_py_cjk_friendly import cjk_friendly

from madoguchi.knowledge.enclosed import NAME, Shown, is_picture

_TAGS: Final = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "a"),
    *("strong", "em", "s", "table", "thead", "tbody", "tr", "th", "td", "img"),
}
_SHOWN: Final = {"src", "alt", "width", "height", "loading", "decoding"}
# Underlines within a word are part of it: AB__12 is a code. Nothing here looks further than a line, or so many letters.
_STRONG: Final = re.compile(
    r"(\*\*|(?<![A-Za-z0-9])__)(?=\S)(.{1,300}?)(?<=\S)\1(?!(?<=__)[A-Za-z0-9])", re.DOTALL
)
_LINK: Final = re.compile(
    r"(!?)\[([^\[\]\n]{0,300})\]\(<?([^\s()<>]{1,2000})>?(?:[ \t]{1,9}\"[^\"\n]{0,300}\")?\)"
)
# A sign after \\ means nothing but itself. While the others are read it is a letter that nobody writes.
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_HIDDEN: Final = 0xF0000
_SHOWN_AGAIN: Final = {_HIDDEN + ord(sign): sign for sign in punctuation}
_RULE_SIGNS: Final = frozenset(" \t:|-")
# To pair signs of emphasis takes the square of their number: nobody writes so many.
_MOST_SIGNS: Final = 2_000


def as_page(text: str, files: Mapping[str, Shown] | None = None) -> str:
    """The Markdown laid out as HTML in which nothing can act. Headings begin at the second level, for the title of the
    page is the first; of pictures and files those are there that `files` has by their names, for a page fetches
    nothing from elsewhere. What holds more signs than anybody writes is shown as it stands.
    """
    if sum(map(text.count, "*_~`[")) > _MOST_SIGNS:
        return f"<pre>{escape(text)}</pre>"
    return nh3.clean(
        _markdown().render(text, {"files": files or {}}),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "img": _SHOWN},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def as_words(text: str, at: Callable[[str], str] | None = None) -> str:
    """The Markdown as somebody would write it in a letter: headings marked by ■, items by ・, links with their address
    behind them, no other signs. Pictures and files are at the address that `at` makes of their names; without it they
    are what is said of them.
    """
    text = _ESCAPED.sub(lambda found: chr(_HIDDEN + ord(found[1])), text)
    text = _LINK.sub(lambda found: _said_of(found, at), text)
    text = _STRONG.sub(r"\2", text)
    lines = "\n".join(_line(line) for line in text.split("\n") if not _is_ruled(line)).strip()
    return lines.translate(_SHOWN_AGAIN)


def _said_of(link: re.Match[str], at: Callable[[str], str] | None) -> str:
    words, address = link[2], link[3]
    name = address.removeprefix("files/")
    if name != address and NAME.fullmatch(name):
        if at is None:
            return f"[{words}]" if link[1] else words
        address = at(name)
    return f"{words} {address}" if words else address


def _line(line: str) -> str:
    """A line without the signs that begin it, and those that end a heading."""
    words = line.lstrip("#")
    if 0 < len(line) - len(words) <= 6 and words[:1] in (" ", "\t") and words.strip():
        return f"■ {words.strip().rstrip('#').rstrip() or words.strip()}"
    inner = line.lstrip(" \t")
    if inner[:1] in ("-", "*", "+") and inner[1:2] in (" ", "\t"):
        return line[: len(line) - len(inner)] + "・" + inner[1:].lstrip(" \t")
    return line


def _is_ruled(line: str) -> bool:
    """Whether a line only rules: under the head of a table, or across the page."""
    return "--" in line and _RULE_SIGNS.issuperset(line)


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    made.use(cjk_friendly)
    # The plugin joins lines of Japanese; whoever ends a line in an article means it.
    made.add_render_rule("softbreak", lambda *_where: "<br>\n")
    made.add_render_rule("heading_open", _heading)
    made.add_render_rule("heading_close", _heading)
    made.add_render_rule("image", _image)
    made.add_render_rule("link_open", _link_open)
    return made


def _heading(_renderer: object, tokens: list, at: int, _options: object, _env: object) -> str:  # type: ignore[type-arg]
    level = min(int(tokens[at].tag[1]) + 1, 6)
    return f"<h{level}>" if tokens[at].nesting == 1 else f"</h{level}>\n"


def _enclosed(address: object, env: Any) -> tuple[str, Shown | None]:
    name = str(address).removeprefix("files/")
    return name, env.get("files", {}).get(name) if name != address else None


def _image(_renderer: object, tokens: list, at: int, _options: object, env: Any) -> str:  # type: ignore[type-arg]
    name, shown = _enclosed(tokens[at].attrGet("src"), env)
    if shown is None or not is_picture(name):
        return ""
    size = f' width="{shown.width}" height="{shown.height}"' if shown.width and shown.height else ""
    words = escape(tokens[at].content)
    return f'<img src="{escape(shown.url)}" alt="{words}"{size} loading="lazy" decoding="async">'


def _link_open(_renderer: object, tokens: list, at: int, _options: object, env: Any) -> str:  # type: ignore[type-arg]
    address = tokens[at].attrGet("href")
    _name, shown = _enclosed(address, env)
    return f'<a href="{escape(shown.url if shown else str(address))}">'
