"""The parts of the console's pages that are drawn most: the templates in `parts/`, which Jinja2 compiles to Python.

They take it a fraction of the time that Django's templates take (docs/decisions/0046). Everything else of a page is a
template of Django, which puts one of these where it belongs: `{% part "rows" rows=rows open_row=open_row %}`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.defaultfilters import filesizeformat, linebreaksbr, truncatechars
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext, override, pgettext
from jinja2 import ChainableUndefined, Environment, FileSystemLoader, StrictUndefined, nodes, pass_context
from jinja2.runtime import Context as Given
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from madoguchi.channels.email.html import shows_from_elsewhere
from madoguchi.desk import stamps, worded
from madoguchi.desk.trust import automatic_name
from madoguchi.look.fixed import address
from madoguchi.look.templatetags.look import breakable, face, icon

FOLDER = Path(__file__).parent / "parts"


@pass_context
def csrf_input(given: Given) -> SafeString:
    """The hidden field by which a form shows that it comes from this page, as `{% csrf_token %}` writes it."""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', given["csrf_token"])


@pass_context
def page_part(given: Given, name: str, **more: Any) -> SafeString:
    """A template of Django within a part, which sees what the part sees."""
    return get_template(name).template.render(Context({**given.get_all(), **more}))  # type: ignore[attr-defined]


def draw(name: str, given: Mapping[str, Any]) -> SafeString:
    """A part by its name, from what it is given. Raises UndefinedError for what is asked of it and not given."""
    parts = _in_language(get_language() or settings.LANGUAGE_CODE)
    return mark_safe(parts.get_template(f"{name}.html").render(given))  # noqa: S308 - everything is escaped in it


def load_all() -> None:
    """Compile them all in every language, for a process that is about to be forked."""
    for language, _ in settings.LANGUAGES:
        for path in FOLDER.glob("*.html"):
            _in_language(language).get_template(path.name)


class _NotGiven(StrictUndefined):
    """What a part asks for and was not given is an error; what something that is None would have is nothing."""

    def __new__(cls, hint: str | None = None, obj: Any = missing, *named: Any, **more: Any) -> Any:
        return ChainableUndefined(hint, obj, *named, **more) if obj is None else super().__new__(cls)


class _InOneLanguage(Environment):
    """Parts with the words of a language and the icons written into them: they are the same on every page."""

    def __init__(self, language: str) -> None:
        super().__init__(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=_NotGiven,
            auto_reload=settings.DEBUG,
        )
        self.language = language
        self.globals |= _CALLED
        self.filters |= _FILTERS

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        with override(self.language):
            written: nodes.Template = _WrittenOut().visit(template)
        return written


class _WrittenOut(NodeTransformer):
    """Calls of what gives the same for the same, with arguments that are written out, become what they give."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  the name that Jinja2 looks for
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        named = {each.key: each.value for each in node.kwargs}
        if name not in _THE_SAME or not all(
            isinstance(one, nodes.Const) for one in (*node.args, *named.values())
        ):
            return node
        words = {key: one.as_const() for key, one in named.items()}
        return nodes.Const(_CALLED[name](*(one.as_const() for one in node.args), **words))


_in_language = cache(_InOneLanguage)
_THE_SAME = frozenset({"_", "icon", "pgettext"})
_CALLED: dict[str, Callable[..., Any]] = {
    "_": gettext,
    "csrf_input": csrf_input,
    "face": face,
    "icon": icon,
    "moment": stamps.moment,
    "ngettext": ngettext,
    "now_is": timezone.now,
    "page_part": page_part,
    "pgettext": pgettext,
    "stamp": stamps.stamp,
    "url": address,
}
_FILTERS = {
    "automatic_name": automatic_name,
    "breakable": breakable,
    "day": worded.day,
    "family_name": worded.family_name,
    "filesizeformat": filesizeformat,
    "for_input": worded.for_input,
    "from_elsewhere": shows_from_elsewhere,
    "given_name": worded.given_name,
    "linebreaksbr": linebreaksbr,
    "number": worded.number,
    "picture": worded.picture,
    "priority_name": worded.priority_name,
    "severity_name": worded.severity_name,
    "ruby_of": worded.ruby_of,
    "safe_name": worded.safe_name,
    "sound": worded.sound,
    "status_name": worded.status_name,
    "truncatechars": truncatechars,
}
