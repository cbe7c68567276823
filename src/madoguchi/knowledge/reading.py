"""An article as it is read: its Markdown laid out on a page, or as the plain words of a letter. Pure."""

import re
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from mdit_py_cjk_friendly import cjk_friendly

_TAGS: Final = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "a"),
    *("strong", "em", "s", "table", "thead", "tbody", "tr", "th", "td"),
}
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
# Underlines within a word are part of it: AB__12 is a code.
_STRONG: Final = re.compile(r"(\*\*|(?<![A-Za-z0-9])__)(?=\S)(.+?)(?<=\S)\1(?!(?<=__)[A-Za-z0-9])", re.DOTALL)
_ITEM: Final = re.compile(r"^([ \t]*)[-*+][ \t]+", re.MULTILINE)
_LINK: Final = re.compile(r"!?\[([^\]\n]*)\]\(<?([^\s)>]+)>?(?:\s+\"[^\"\n]*\")?\)")
_RULED: Final = re.compile(r"^\|?[ \t:|-]*-{2,}[ \t:|-]*\|?$\n?", re.MULTILINE)


def as_page(text: str) -> str:
    """The Markdown laid out as HTML in which nothing can act. Headings begin at the second level, for the title of the
    page is the first; pictures are left out, for a page fetches nothing from elsewhere.
    """
    return nh3.clean(
        _markdown().render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def as_words(text: str) -> str:
    """The Markdown as somebody would write it in a letter: headings marked by ■, items by ・, links with their address
    behind them, no other signs.
    """
    text = _HEADING.sub(r"■ \1", text)
    text = _LINK.sub(lambda found: f"{found[1]} {found[2]}" if found[1] else found[2], text)
    text = _ITEM.sub(r"\1・", _STRONG.sub(r"\2", text))
    return _RULED.sub("", text).strip()


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    made.use(cjk_friendly)
    # The plugin joins lines of Japanese; whoever ends a line in an article means it.
    made.add_render_rule("softbreak", lambda *_where: "<br>\n")
    made.add_render_rule("heading_open", _heading)
    made.add_render_rule("heading_close", _heading)
    return made


def _heading(_renderer: object, tokens: list, at: int, _options: object, _env: object) -> str:  # type: ignore[type-arg]
    level = min(int(tokens[at].tag[1]) + 1, 6)
    return f"<h{level}>" if tokens[at].nesting == 1 else f"</h{level}>\n"
