"""Chats, as those who show them ask for them."""

from urllib.parse import urlsplit

from madoguchi.channels.webchat.models import Visit, Widget


def widget_of(entry_point: int) -> Widget:
    """The chat configured for an entry point; a plain one, on none but our own pages, where nobody configured any."""
    return Widget.objects.filter(entry_point_id=entry_point).first() or Widget(entry_point_id=entry_point)


def address_given_by(visitor: str) -> str:
    """The mail address that a visitor typed, which proves nothing; empty where they gave none. One query."""
    return Visit.objects.filter(visitor=visitor).values_list("address", flat=True).first() or ""


def may_stand_on(widget: Widget, origin: str, *, own: str) -> bool:
    """Whether pages of this origin (as browsers name it) may show the chat: its sites, and our own address."""
    return origin in widget.sites or origin == origin_of(own)


def origin_of(address: str) -> str:
    """The origin of a web address as browsers name it: https://shop.example. Empty for what is none."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.netloc.lower()}"
