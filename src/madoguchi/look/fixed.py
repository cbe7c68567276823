"""What a page says again and again without a change: `{% translate %}` of fixed words, addresses, icons.

Django looks them up anew for every mention, three hundred times on a page of the console.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.base import FilterExpression, Node, Parser, TextNode, Token, Variable
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.template.library import SimpleNode
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape
from django.utils.translation import get_language

_ADDRESSES_KEPT, _FILES_KEPT = 8192, 512


def translate(parser: Parser, token: Token) -> Node:
    """`{% translate %}` as Django has it; fixed words are looked up once per language."""
    node = do_translate(parser, token)
    return FixedWords(node) if _is_fixed(node) else node


def url(parser: Parser, token: Token) -> Node:
    """`{% url %}` as Django has it, for an installation with one set of addresses: each is worked out once."""
    node = parse_url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)


def drawn_once(parse: Callable[[Parser, Token], Node]) -> Callable[[Parser, Token], Node]:
    """A simple tag that gives the same for the same arguments: where those are written out, it is text."""

    def parsed(parser: Parser, token: Token) -> Node:
        node = parse(parser, token)
        if not isinstance(node, SimpleNode) or node.target_var or node.takes_context:
            return node
        written_out = all(map(_is_literal, (*node.args, *node.kwargs.values())))
        return TextNode(node.render(Context())) if written_out else node

    return parsed


class FixedWords(Node):
    """Words that depend on nothing but the language, which is the same for the whole of a page."""

    def __init__(self, node: TranslateNode) -> None:
        self.node, self.name = node, node.asvar
        node.asvar = None
        self.words: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = _language_of(context)
        words = self.words.get(language)
        if words is None:
            words = self.words[language] = self.node.render(context)
        if self.name:
            context[self.name] = words
            return ""
        return words


class Address(URLNode):
    """An address by its name and values."""

    child_nodelists = ()

    def render(self, context: Context) -> str:
        name = self.view_name.resolve(context)
        values = tuple(value.resolve(context) for value in self.args)
        named = tuple((key, value.resolve(context)) for key, value in self.kwargs.items())
        try:
            found = _reversed(settings.ROOT_URLCONF, name, values, named)
        except NoReverseMatch:
            if not self.asvar:
                raise
            found = ""
        if self.asvar:
            context[self.asvar] = found
            return ""
        return _escaped(found) if context.autoescape else found


class StaticAddress(StaticNode):
    """`{% static %}` as Django has it; files stay where they are as long as the process runs."""

    handle_simple = staticmethod(lru_cache(maxsize=_FILES_KEPT)(StaticNode.handle_simple))


def address(name: str, *values: Any) -> str:
    """An address by its name and values, as `{% url %}` gives it. Raises NoReverseMatch."""
    return _reversed(settings.ROOT_URLCONF, name, values, ())


@lru_cache(maxsize=_ADDRESSES_KEPT)
def _reversed(urlconf: str, name: str, values: tuple[Any, ...], named: tuple[tuple[str, Any], ...]) -> str:
    return reverse(name, urlconf, args=values, kwargs=dict(named))


_escaped = lru_cache(maxsize=_ADDRESSES_KEPT)(conditional_escape)


def _language_of(context: Context) -> str | None:
    """Asked for once a page: no template changes the language in its midst (`tests/house`)."""
    page = vars(context)
    if "language" not in page:
        page["language"] = get_language()
    language: str | None = page["language"]
    return language


def _is_fixed(node: TranslateNode) -> bool:
    words, context = node.filter_expression, node.message_context
    return _is_literal(words) and (context is None or _is_constant(context))


def _is_literal(expression: FilterExpression) -> bool:
    """Whether it is a word or a number written out in the template."""
    if expression.filters:
        return False
    return _is_constant(expression) or (
        isinstance(expression.var, Variable) and expression.var.literal is not None
    )


def _is_constant(expression: FilterExpression) -> bool:
    return not isinstance(expression.var, Variable) and not expression.filters
