"""HTML mail made safe to look at, and made readable as plain text.

Both lean on nh3, which parses as browsers do; what it writes is regular enough for small expressions to
finish the work without a second parse.
"""

import base64
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final
from urllib.parse import unquote, urlsplit

import nh3

from madoguchi.channels.email import hidden_html
from madoguchi.channels.email.html_bounds import is_overgrown
from madoguchi.channels.email.links import beside
from madoguchi.kernel import pictures
from madoguchi.kernel.identity import ascii_domain

_STRUCTURE: Final = (nh3.ALLOWED_TAGS | {"big", "font"}) - {"area", "map", "bdi", "bdo"}
_SWALLOWED: Final = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
)
# What stands above or instead of a ruby's letters: browsers hide the one and lay out the other apart from the words
# that a link seems to say.
_BESIDE_RUBY: Final = frozenset({"rp", "rt", "rtc"})
_ATTRIBUTES: Final = {
    "*": {"style", "dir", "lang", "hidden"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
}
_STYLES: Final = frozenset(
    {"color", "background-color", "font-weight", "font-style", "text-decoration", "text-align", "white-space"}
)
_HIDING_STYLES: Final = frozenset({"display", "visibility", "font-size"})
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "cid", "data"})
_INLINE_IMAGE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"<[^<>]*>?")
# As nh3 writes them: every value in quotation marks.
_IMAGE_TAG: Final = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_LINK_TAG: Final = re.compile(r'<a((?: [a-z-]+="[^"]*")*)>(.*?)</a>', re.DOTALL)
_DESTINATION: Final = re.compile(r' title="([^"]*)" href="([^"]*)"')
_FROM_ELSEWHERE: Final = re.compile(
    r"<img\s(?:[^<>]|<(?!img\s)){0,3000}?\bsrc\s*+=\s*+[\"']?\s*+(?:https?:)?//", re.IGNORECASE
)
_HELD: Final = re.compile(r' data-held-src="([^"]*)"')
_ONE_DOT: Final = re.compile(r' (?:width|height)="\s*0*[0-2](?:px)?\s*"')
_STYLED_AS_DOT: Final = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*0*[0-2](?:\.\d*)?(?:px|pt)?\s*(?:;|!|$)|display\s*:\s*none",
    re.IGNORECASE,
)
# Words that say the host may be among those that nobody sees, white on white as well.
_MAY_BE_HIDDEN: Final = re.compile(r'<[a-z0-9]+ [^<>]*(?:hidden|style|color)="')
# A link with anything but words and pictures in it may be so long that nobody sees what stands behind it.
_LAID_OUT_WITHIN: Final = re.compile(r"<(?!/|img\b)")
# A mail has no classes of its own, so it can imitate neither; `bdi` keeps it from turning the letters round.
_BESIDE: Final = '<bdi class="to">({host})</bdi>'
_MARK_OF_A_TRAP: Final = '<bdi class="trap">⚠ {words}</bdi>'
# Enough of a picture within the text to hold its size.
_HEAD_OF_PICTURE: Final = 400_000
MOST_ADDRESS: Final = 2000


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML that may be shown, and how many images from elsewhere wait in `data-held-src` for a click."""

    html: str
    held_images: int


def sanitise(
    html: str,
    *,
    cid_urls: Mapping[str, str],
    shown: Mapping[str, str] | None = None,
    leads_to: str = "leads to %(host)s",
) -> SafeHtml:
    """Mail HTML without scripts, foreign styles or anything that is fetched unasked.

    `cid:` images point to `cid_urls` (Content-ID to address). Remote images are held back, but for those in `shown`
    (their address to that of our copy); those of a dot's size, which only tell that somebody reads, are left out.
    Every link names its true host in its title, and beside it where its words do not show it; `leads_to` warns before
    one that is disguised. What the mail hides by its elements' own styles stays hidden.
    """
    hides = hidden_html.may_hide(html)
    marks = _Marks(secrets.token_hex(8), cid_urls, shown or {}, leads_to, hides)
    if is_overgrown(html):
        return SafeHtml(f"<pre>{escape(to_text(html))}</pre>", 0)
    cleaned = nh3.clean(
        html,
        tags=set(_STRUCTURE - _BESIDE_RUBY),
        clean_content_tags=set(_SWALLOWED | _BESIDE_RUBY),
        attributes=_ATTRIBUTES,
        attribute_filter=marks.filter,
        filter_style_properties=set(_STYLES | _HIDING_STYLES if hides else _STYLES),
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return marks.unfold(cleaned)


def shows_from_elsewhere(html: str) -> bool:
    """Whether a mail seems to show pictures from elsewhere; a glance, for pages that show many mails."""
    return bool(_FROM_ELSEWHERE.search(html))


def remote_images(html: str) -> list[str]:
    """The addresses of the images that `sanitise` holds back, each once, in their order."""
    cleaned = sanitise(html, cid_urls={}).html
    found = (_HELD.search(tag[1]) for tag in _IMAGE_TAG.finditer(cleaned))
    return list(dict.fromkeys(unescape(held[1]) for held in found if held))


@dataclass(frozen=True, slots=True)
class _Marks:
    """Marks values while nh3 cleans, with a word no mail can know, and makes attributes of the marks."""

    word: str
    cid_urls: Mapping[str, str]
    shown: Mapping[str, str]
    leads_to: str
    hides: bool

    def filter(self, tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) == ("img", "src"):
            return self._image(value.strip())
        if (tag, attribute) == ("img", "style") and _STYLED_AS_DOT.search(value):
            return f"color:dot-{self.word}"
        if (tag, attribute) == ("a", "href"):
            return self._link(value)
        return hidden_html.as_hidden(tag, value) if self.hides and attribute == "style" else value

    def unfold(self, html: str) -> SafeHtml:
        mark = f' src="{self.word}'
        html = _IMAGE_TAG.sub(self._without_dot, html)
        linked = re.sub(rf' href="{self.word}([^"]*?){self.word}', r' title="\1" href="', html)
        held = linked.count(mark)
        return SafeHtml(_LINK_TAG.sub(self._marked, linked.replace(mark, ' data-held-src="')), held)

    def _marked(self, link: re.Match[str]) -> str:
        """A link with its true host beside it, and before it as a warning where it is disguised."""
        leads = _DESTINATION.search(link[1])
        words = unescape(_ANY_TAG.sub("", link[2]))
        if leads is None or not (words.strip() or "<img" in link[2]):
            return link[0]
        destination = unescape(leads[1])
        what = beside(unescape(leads[2]), destination, words)
        match what or ("host" if _MAY_BE_HIDDEN.search(link[2]) else ""):
            case "trap":
                said = escape(self.leads_to % {"host": destination})
                return f"{_MARK_OF_A_TRAP.format(words=said)} {link[0]}"
            case "host":
                host = _BESIDE.format(host=escape(destination))
                return f"{host} {link[0]}" if _LAID_OUT_WITHIN.search(link[2]) else f"{link[0]} {host}"
        return link[0]

    def _without_dot(self, tag: re.Match[str]) -> str:
        styled = f' style="color:dot-{self.word}"'
        is_dot = styled in tag[1] or _ONE_DOT.search(tag[1])
        if is_dot and f' src="{self.word}' in tag[1]:
            return ""
        return tag[0].replace(styled, "")

    def _image(self, source: str) -> str | None:
        scheme = source[:5].lower()
        if scheme.startswith("cid:"):
            return self.cid_urls.get(source[4:]) or self.cid_urls.get(unquote(source[4:]))
        if scheme == "data:":
            return source if _is_harmless(source) else None
        if not scheme.startswith(("http:", "https", "//")) or len(source) > MOST_ADDRESS:
            return None
        address = _with_scheme(source)
        return self.shown.get(address) or self.word + address

    def _link(self, target: str) -> str | None:
        # Browsers drop line ends in addresses and take \ for /: the host is read as they read it.
        target = _with_scheme("".join(target.replace("\\", "/").split()))
        destination = _destination(target)
        return f"{self.word}{destination}{self.word}{target}" if destination else None


def _is_harmless(source: str) -> bool:
    """Whether a picture within the text says it is one, and does not unfold beyond measure."""
    start = _INLINE_IMAGE.match(source)
    if not start:
        return False
    letters = "".join(unquote(source[start.end() : start.end() + _HEAD_OF_PICTURE]).split())
    try:
        head = base64.b64decode(letters[: len(letters) // 4 * 4])
    except ValueError:
        return False
    width, height = pictures.size_of(head) or (0, 0)
    return width * height <= pictures.MOST_DOTS


def _with_scheme(address: str) -> str:
    return f"https:{address}" if address.startswith("//") else address


def _destination(target: str) -> str:
    """Where a link leads: the host (in its ASCII form, so that lookalikes show), address or number."""
    scheme, _, rest = target.partition(":")
    if scheme.lower() in ("mailto", "tel"):
        return unquote(rest.partition("?")[0])
    if scheme.lower() not in ("http", "https"):
        return ""
    try:
        return _in_ascii(unquote(urlsplit(target).hostname or "")[:253])
    except ValueError:
        return ""


def _in_ascii(host: str) -> str:
    try:
        return ascii_domain(host)
    except UnicodeError:
        return ""


# --- plain text -----------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"<(/?)([a-z0-9]++)([^>]*+)>|([^<]++)")
_FOR_TEXT: Final = {"a": {"href"}, "img": {"alt"}, "ol": {"start"}}
_ATTRIBUTE: Final = re.compile(r"\b(href|alt|start)=\"([^\"]*)\"")
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS: Final = _HEADINGS | {"p", "blockquote", "ul", "ol", "dl", "table", "pre", "figure"}
_LINES: Final = frozenset(
    {"div", "li", "tr", "dt", "dd", "caption", "center", "hr", "article", "header", "footer", "figcaption"}
)
# A mark for each of ten thousand quotes before each of ten thousand lines would be two hundred megabytes.
_DEEPEST_QUOTE: Final = 20
_MANY_BLANK_LINES: Final = re.compile(r"\n{3,}")


def to_text(html: str) -> str:
    """The words of an HTML mail, laid out with line breaks, list marks, `>` quotes and addresses of links.

    What the mail hides from whoever reads it (a preheader) is left out, unless nothing else is there.
    """
    if is_overgrown(html):
        return unescape(_SPACES.sub(" ", _ANY_TAG.sub(" ", html))).strip()
    hides = hidden_html.may_hide(html)
    cleaned = nh3.clean(
        html,
        tags=set(_STRUCTURE),
        clean_content_tags=set(_SWALLOWED),
        attributes=_FOR_TEXT | ({"*": {"style", "class", "hidden"}} if hides else {}),
        url_schemes={"http", "https"},
        link_rel=None,
    )
    tokens = _TOKEN.findall(cleaned)
    seen = _laid_out(hidden_html.shown(tokens, hidden_html.hiding_classes(html))) if hides else ""
    return seen or _laid_out(tokens)


def _laid_out(tokens: Iterable[hidden_html.Token]) -> str:
    page = _Page()
    for closing, tag, attributes, text in tokens:
        if text:
            page.say(unescape(text))
        elif closing:
            page.close(tag)
        else:
            page.open(tag, {key: unescape(value) for key, value in _ATTRIBUTE.findall(attributes)})
    return page.text()


@dataclass(slots=True)
class _Page:
    """Plain text as it grows: finished lines, the line being written, and the elements it stands in."""

    lines: list[str] = field(default_factory=list)
    line: str = ""
    quotes: int = 0
    preformatted: int = 0
    lists: list[int] = field(default_factory=list)
    links: list[tuple[str, int]] = field(default_factory=list)

    def say(self, text: str) -> None:
        if not self.preformatted:
            text = _SPACES.sub(" ", text)
            self.line += text.lstrip(" ") if self.line.endswith((" ", "\t")) or not self.line else text
            return
        first, *others = text.split("\n")
        self.line += first
        for other in others:
            self.end_line()
            self.line = other

    def end_line(self) -> None:
        self.lines.append(("> " * min(self.quotes, _DEEPEST_QUOTE) + self.line).rstrip())
        self.line = ""

    def break_line(self) -> None:
        if self.line.strip(" \t"):  # a line of a no-break space is how editors leave one blank
            self.end_line()

    def break_paragraph(self) -> None:
        self.break_line()
        if self.lines and self.lines[-1].strip("> "):
            self.end_line()

    def part(self, tag: str) -> None:
        if tag in _LINES or (tag in ("ul", "ol") and self.lists):
            self.break_line()
        elif tag in _PARAGRAPHS:
            self.break_paragraph()

    def open(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.part(tag)
        if (handler := _OPENERS.get(tag)) is not None:
            handler(self, attributes)

    def close(self, tag: str) -> None:
        if (handler := _CLOSERS.get(tag)) is not None:
            handler(self)
        self.part(tag)

    def text(self) -> str:
        self.break_line()
        return _MANY_BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in self.lines)).strip("\n")


def _open_quote(page: _Page, attributes: Mapping[str, str]) -> None:
    page.quotes += 1


def _open_pre(page: _Page, attributes: Mapping[str, str]) -> None:
    page.preformatted += 1


def _open_list(page: _Page, attributes: Mapping[str, str]) -> None:
    page.lists.append(-1)


def _open_numbers(page: _Page, attributes: Mapping[str, str]) -> None:
    start = attributes.get("start", "1")
    page.lists.append(int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1)


def _open_item(page: _Page, attributes: Mapping[str, str]) -> None:
    indent = "  " * (len(page.lists) - 1)
    if page.lists and page.lists[-1] >= 0:
        page.line = f"{indent}{page.lists[-1]}. "
        page.lists[-1] += 1
    else:
        page.line = f"{indent}- "


def _open_cell(page: _Page, attributes: Mapping[str, str]) -> None:
    if page.line.strip():
        page.line = page.line.rstrip() + "\t"


def _open_link(page: _Page, attributes: Mapping[str, str]) -> None:
    page.links.append((attributes.get("href", ""), len(page.line)))


def _open_image(page: _Page, attributes: Mapping[str, str]) -> None:
    if alt := attributes.get("alt", "").strip():
        page.say(f"[{alt}]")


def _open_break(page: _Page, attributes: Mapping[str, str]) -> None:
    page.end_line()


def _open_rule(page: _Page, attributes: Mapping[str, str]) -> None:
    page.line = "----------"
    page.end_line()


def _close_quote(page: _Page) -> None:
    page.break_line()
    while page.lines and not page.lines[-1].strip("> "):
        page.lines.pop()
    page.quotes = max(0, page.quotes - 1)


def _close_pre(page: _Page) -> None:
    page.preformatted = max(0, page.preformatted - 1)


def _close_list(page: _Page) -> None:
    if page.lists:
        page.lists.pop()


def _close_link(page: _Page) -> None:
    """The address behind the words, unless the words are the address."""
    address, start = page.links.pop() if page.links else ("", 0)
    words = page.line[start:].strip()
    repeated = words.rstrip("/") in (address.rstrip("/"), address.partition("//")[2].rstrip("/"))
    if address and words and not repeated:
        page.line = f"{page.line.rstrip()} ({address})"


_OPENERS: Final[dict[str, Callable[[_Page, Mapping[str, str]], None]]] = {
    "blockquote": _open_quote,
    "pre": _open_pre,
    "ul": _open_list,
    "ol": _open_numbers,
    "li": _open_item,
    "td": _open_cell,
    "th": _open_cell,
    "a": _open_link,
    "img": _open_image,
    "br": _open_break,
    "hr": _open_rule,
}
_CLOSERS: Final[dict[str, Callable[[_Page], None]]] = {
    "blockquote": _close_quote,
    "pre": _close_pre,
    "ul": _close_list,
    "ol": _close_list,
    "a": _close_link,
}
