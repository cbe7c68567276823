"""Everything is tied together in one place, and nothing is left hanging."""

import importlib
from pkgutil import walk_packages

import pytest

import madoguchi
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.channels.line.channel import LineChannel
from madoguchi.channels.phone.channel import PhoneChannel
from madoguchi.channels.webchat.channel import WebchatChannel
from madoguchi.channels.webform.channel import WebformChannel
from madoguchi.delivery import channels as outbound
from madoguchi.delivery import links
from madoguchi.infra import reactions
from madoguchi.intake import channels as inbound
from madoguchi.kernel.channel import Channel
from madoguchi.portal.links import open_link
from madoguchi.project import composition


def test_every_channel_can_be_read() -> None:
    kinds = {channel: type(inbound.reader_of(channel)) for channel in Channel}
    assert kinds == {
        Channel.EMAIL: EmailChannel,
        Channel.FORM: WebformChannel,
        Channel.PHONE: PhoneChannel,
        Channel.CHAT: WebchatChannel,
        Channel.LINE: LineChannel,
    }


def test_mail_can_be_sent_and_forms_only_come_in() -> None:
    assert isinstance(outbound.sender_of(Channel.EMAIL), EmailChannel)
    with pytest.raises(KeyError):
        outbound.sender_of(Channel.FORM)


def test_a_channel_nobody_bound_is_unknown() -> None:
    with pytest.raises(KeyError):
        inbound.reader_of("fax")


def test_links_to_the_customers_page_open_there() -> None:
    address = links.case_page(7, 3)
    assert address.startswith("http")
    assert open_link(address.rstrip("/").rpartition("/")[2]) == (3, 7, 1)


def test_without_a_portal_there_is_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_link", None)
    assert links.case_page(7, 3) == ""


def test_every_module_of_reactions_is_loaded() -> None:
    modules = {m.name for m in walk_packages(madoguchi.__path__, "madoguchi.") if _reacts(m.name)}
    assert modules == set(composition.REACTIONS)
    assert [r.name for r in reactions.registered() if r.name == "delivery.acknowledge"] == [
        "delivery.acknowledge"
    ]


def _reacts(name: str) -> bool:
    return name.endswith(".reactions") and name != "madoguchi.infra.reactions"


def test_binding_twice_is_harmless() -> None:
    before = [r.name for r in reactions.registered()]
    composition.bind()
    assert [r.name for r in reactions.registered()] == before


@pytest.mark.parametrize("name", sorted(composition.REACTIONS))
def test_reactions_are_named_after_their_package(name: str) -> None:
    package = importlib.import_module(name).__name__.split(".")[1]
    mine = [r for r in reactions.registered() if r.handle.__module__ == name]
    assert mine != []
    assert [r.name for r in mine if not r.name.startswith(f"{package}.")] == []
