"""What a reader's data scope keeps from them, on pages about mail: `{% load kept_back %}`."""

from collections.abc import Iterable

from django import template
from django.template import Context

from madoguchi.administration.queries import may_see_all_of, without_addresses
from madoguchi.customers.queries import show
from madoguchi.kernel.actor import Actor

register = template.Library()


@register.simple_tag(takes_context=True)
def addresses(context: Context, company: int, written: Iterable[str | dict[str, str]]) -> str:
    """Customers' mail addresses, bare or of parties, as the reader may see them."""
    scope = _reader(context).data_scope(company=company)
    bare = (each if isinstance(each, str) else each.get("address", "") for each in written)
    return ", ".join(filter(None, (show(address, "email", scope) for address in bare)))


@register.simple_tag(takes_context=True)
def servers_words(context: Context, company: int, said: str) -> str:
    """What a mail server said; it often repeats the address."""
    return without_addresses(said, company=company, reader=_reader(context))


@register.simple_tag(takes_context=True)
def sees_all(context: Context, company: int) -> bool:
    """Whether nothing of this company's customers is kept from the reader."""
    return may_see_all_of(company, actor=_reader(context))


def _reader(context: Context) -> Actor:
    return context["request"].actor  # type: ignore[no-any-return]
