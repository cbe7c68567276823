"""Whether a message is from whom it says, in words that need no knowledge of mail. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases.models import Message
from madoguchi.delivery.addressing import is_authentic, is_foreign
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.identity import IdentityKind, canonical

AUTOMATIC_NAMES = {
    "": gettext_lazy("Written by a machine"),
    "auto-reply": gettext_lazy("Automatic reply"),
    "bounce": gettext_lazy("Report of a mail server"),
    "receipt": gettext_lazy("Receipt of a mail program"),
    "list": gettext_lazy("Through a mailing list"),
    "bot": gettext_lazy("Bot"),
    "orders": gettext_lazy("The taking of orders"),
    "invitation": gettext_lazy("To connect LINE"),
    "survey": gettext_lazy("How they were helped"),
    "loop": gettext_lazy("From another support desk's machine"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to know about the sender: how bad it is, what it is, and what to make of it."""

    tone: str
    words: str
    meaning: str


def automatic_name(kind: str) -> str:
    """Which machine wrote a message that came in."""
    return str(AUTOMATIC_NAMES.get(kind, AUTOMATIC_NAMES[""]))


def machine_called(name: str) -> str:
    """What does something by itself, in the words of the reader where it has a name there."""
    return str(AUTOMATIC_NAMES.get(name, name))


def poses_as_us(message: Message | None) -> bool:
    """Whether a message bears one of our own addresses and was not sent by us."""
    return bool(message and message.trust and message.trust.get("poses_as_us"))


def only_typed(message: Message, mailed: Mapping[str, datetime]) -> bool:
    """Whether the sender's address was but typed into a form: neither on the customer's own page, whose link leaves
    by mail alone, nor has mail come from it since (`mailed`, the newest by address).
    """
    if message.channel != Channel.FORM or (message.trust or {}).get("own_page"):
        return False
    newest = mailed.get(canonical(IdentityKind.EMAIL, message.sender_address))
    return newest is None or newest < message.at


def marks_of(message: Message | None, *, typed: bool = False) -> list[Mark]:
    """What is known of a message's sender, the worst first; `typed` as `only_typed` has it."""
    if message is None:
        return []
    elsewhere = [_elsewhere(message)] if message.reply_to and is_foreign(message) else []
    return [*elsewhere, *_marks(message.trust or {}, typed)]


def _elsewhere(message: Message) -> Mark:
    return Mark(
        "" if is_authentic(message) else "warn",
        _("It asks for answers at another address"),
        _(
            "Anybody can ask for that in the name of another. Make sure whose address it is before you answer there."
        ),
    )


def _marks(trust: dict[str, str], typed: bool) -> Iterator[Mark]:
    if typed:
        yield Mark(
            "",
            _("The address was typed into a form and is not proven"),
            _(
                "Anybody can type any address there. What you answer goes to that address; before you change or tell"
                " anything of the customer's, wait for a mail from it."
            ),
        )
    if trust.get("poses_as_us"):
        yield Mark(
            "bad",
            _("This bears one of our own addresses and was not sent by us"),
            _("Open no link and no file, and do what it asks only after asking the person some other way."),
        )
    if trust.get("name_claims"):
        yield Mark(
            "bad",
            _("The name holds another mail address than the sender's"),
            _(
                "That is often done to pass for somebody else. Look at whom the answer goes to before you send it."
            ),
        )
    if trust.get("lookalike"):
        yield Mark(
            "bad",
            _("The sender's domain is written in letters that look like others"),
            _("To mail servers it is %(domain)s. Open no link and no file before you know who that is.")
            % {"domain": trust["lookalike"]},
        )
    match trust.get("authentication"):
        case "pass":
            yield Mark("", _("Authentication: passed"), _("The mail comes from where its address says."))
        case "fail":
            yield Mark(
                "warn",
                _("Authentication: failed"),
                _(
                    "Somebody else may have written under this address. Confirm before you tell or change anything."
                )
                + _technical(trust),
            )
        case "none":
            yield Mark(
                "",
                _("Authentication: none"),
                _("The sender's domain offers no proof, so nobody can say whether it is the true one."),
            )


def _technical(trust: dict[str, str]) -> str:
    told = [f"{name.upper()} {trust[name]}" for name in ("spf", "dkim", "dmarc") if trust.get(name)]
    return f" ({', '.join(told)})" if told else ""
