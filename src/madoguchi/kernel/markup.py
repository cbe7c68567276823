"""What staff type, laid out: the Markdown that a letter needs, as HTML in which nothing can act.

Letters are not documents. What people put into them for looks stays as typed: rules of signs, single asterisks, spaces
at the start of a line, empty lines. Marked are quotations, lists, **strong words**, links and pictures.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from typing import Any, Final
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_cjk_friendly import cjk_friendly

# Noncharacters stand for what Markdown would swallow: a wide space that indents, an empty line after the first.
_INDENT: Final = "\ufdd0"
_EMPTY: Final = "\ufdd1"
_WIDE_INDENT: Final = re.compile("^\u3000+", re.MULTILINE)
_EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
# A quotation ends with its last marked line: what follows is our answer, with an empty line between them or without.
_QUOTE_ENDS: Final = re.compile(r"^( {0,3}>[^\n]*)\n(?! {0,3}>|[ \t]*\n|\Z)", re.MULTILINE)
_SPACES: Final = re.compile(" {2,}")
_BARE_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!#-;=?-Z\\^-~]*)?")
_AFTER_ADDRESS: Final = re.compile(r"[.,;:!?'\")\]]+$")
_SAFE_SCHEMES: Final = ("http://", "https://", "mailto:", "tel:")
_LEFT_OUT: Final = ("code", "fence", "lheading", "reference", "html_block", "html_inline", "entity", "escape")
STYLES: Final = {
    "letter": "font-family:sans-serif;font-size:15px;line-height:1.7;overflow-wrap:anywhere",
    "p": "margin:0 0 1em",
    "blockquote": "margin:0 0 1em;padding-left:.8em;border-left:3px solid #bbbbbb;color:#555555",
    "ul": "margin:0 0 1em;padding-left:1.5em",
    "ol": "margin:0 0 1em;padding-left:1.8em",
    "hr": "border:0;border-top:1px solid #bbbbbb;margin:1em 0",
    "img": "max-width:100%;height:auto",
}


def as_html(text: str, *, pictures: Mapping[str, str] | None = None, styled: bool = False) -> str:
    """The text laid out. `pictures` are the addresses of files that it may show, by name; no other picture is
    fetched from anywhere. `styled` adds the quiet inline style that mail needs, which our own pages forbid.
    """
    env = {"pictures": pictures or {}, "styled": styled}
    html = str(_markdown().render(_kept(text), env)).strip()
    html = html.replace(_INDENT, "\u3000").replace(_EMPTY, "<br>")
    return f'<div style="{STYLES["letter"]}">{html}</div>' if styled else html


def pictures_in(text: str) -> tuple[str, ...]:
    """The names of the files that the text shows within itself, each once."""
    return tuple(dict.fromkeys(unquote(str(t.attrs.get("src", ""))) for t in _images(_tokens(text))))


def as_plain(text: str) -> str:
    """The words as typed, with the name of each picture in the place where it would be shown."""
    return _IMAGE.sub(lambda found: f"[{unquote(found['name'] or found['angled'])}]", text)


_IMAGE: Final = re.compile(r"!\[[^\]\n]*\]\((?:<(?P<angled>[^>\n]+)>|(?P<name>[^\s()]+))\)")


def _kept(text: str) -> str:
    """The text with what Markdown would swallow put where it does not."""
    text = text.replace(_INDENT, "").replace(_EMPTY, "")
    text = _QUOTE_ENDS.sub(r"\1\n\n", text)
    text = _EMPTY_LINES.sub(lambda found: "\n\n" + f"{_EMPTY}\n\n" * (found.group().count("\n") - 2), text)
    return _WIDE_INDENT.sub(lambda found: _INDENT * len(found.group()), text)


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True})
    made.disable(list(_LEFT_OUT))
    made.use(cjk_friendly)
    for name, rule in _RULES.items():
        made.add_render_rule(name, rule)
    return made


def _tokens(text: str) -> Sequence[Token]:
    return _markdown().parse(_kept(text))


def _images(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "image":
            yield token
        yield from _images(token.children or ())


# --- rules: each writes one token ---------------------------------------------------------------------------------


def _opening(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, env: Mapping[str, Any]) -> str:
    token = tokens[at]
    if token.hidden:
        return ""
    return f"<{token.tag}{_start(token)}{_style(token.tag, env)}>"


def _closing(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return "" if tokens[at].hidden else f"</{tokens[at].tag}>"


def _start(token: Token) -> str:
    number = token.attrs.get("start")
    return f' start="{int(number)}"' if number is not None else ""


def _style(tag: str, env: Mapping[str, Any]) -> str:
    return f' style="{STYLES[tag]}"' if env["styled"] and tag in STYLES else ""


def _rule(_renderer: Any, _tokens: Sequence[Token], _at: int, _options: Any, env: Mapping[str, Any]) -> str:
    return f"<hr{_style('hr', env)}>"


def _heading(
    _renderer: Any, _tokens: Sequence[Token], _at: int, _options: Any, env: Mapping[str, Any]
) -> str:
    return f"<p{_style('p', env)}><strong>"


def _heading_ends(*_: Any) -> str:
    return "</strong></p>"


def _break(*_: Any) -> str:
    return "<br>"


def _as_typed(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return escape(tokens[at].markup)


def _words(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    token = tokens[at]
    return _spaced(token.content) if _within_link(tokens, at) else "".join(_linked(token.content))


def _within_link(tokens: Sequence[Token], at: int) -> bool:
    before = [token.type for token in tokens[:at]]
    return before.count("link_open") > before.count("link_close")


def _linked(words: str) -> Iterator[str]:
    """Addresses that stand bare in the text become links; what follows in other letters is no part of them."""
    at = 0
    for found in _BARE_ADDRESS.finditer(words):
        address = _AFTER_ADDRESS.sub("", found.group())
        yield _spaced(words[at : found.start()])
        yield f"{_link_to(address)}{escape(address)}</a>"
        at = found.start() + len(address)
    yield _spaced(words[at:])


def _spaced(words: str) -> str:
    """Escaped, with the spaces that line words up."""
    return _SPACES.sub(lambda run: "\u00a0" * (len(run.group()) - 1) + " ", escape(words))


def _link_to(address: str) -> str:
    return f'<a href="{escape(address)}" rel="noopener noreferrer" target="_blank">'


def _link(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    address = str(tokens[at].attrs.get("href", ""))
    return _link_to(address) if address.lower().startswith(_SAFE_SCHEMES) else "<a>"


def _picture(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, env: Mapping[str, Any]) -> str:
    token = tokens[at]
    name = unquote(str(token.attrs.get("src", "")))
    address = env["pictures"].get(name)
    words = escape(token.content or name)
    return f'<img src="{escape(address)}" alt="{words}"{_style("img", env)}>' if address else f"[{words}]"


_RULES: Final = {
    **{
        f"{name}_open": _opening
        for name in ("paragraph", "blockquote", "bullet_list", "ordered_list", "list_item")
    },
    **{
        f"{name}_close": _closing
        for name in ("paragraph", "blockquote", "bullet_list", "ordered_list", "list_item")
    },
    "heading_open": _heading,
    "heading_close": _heading_ends,
    "hr": _rule,
    "softbreak": _break,
    "hardbreak": _break,
    "em_open": _as_typed,
    "em_close": _as_typed,
    "text": _words,
    "link_open": _link,
    "image": _picture,
}
