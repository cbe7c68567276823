"""A call that is over as the product's channel contract sees it. Calls only come in; answers leave by mail."""

import hashlib
from collections.abc import Sequence

from madoguchi.channels.phone.record import CallRecord, decode
from madoguchi.kernel.channel import Channel, Clue, Inbound, Party
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import clean, one_line
from madoguchi.voice.queries import external_id


class PhoneChannel:
    """Reads calls."""

    def read(self, raw: bytes, *, own_addresses: Sequence[str]) -> Inbound:
        """The call as an arrival; raises `Unreadable` for bytes that are none."""
        call = decode(raw)
        text = blot_secrets(clean(call.text).strip())
        return Inbound(
            channel=Channel.PHONE,
            external_id=external_id(call.uid),
            sender=Party(address="", name=blot_secrets(one_line(call.name, most=200))),
            subject=blot_secrets(one_line(call.subject)),
            text=text,
            new_text=text,
            fingerprint=hashlib.sha256(raw).digest(),
            language=call.language,
            phone=one_line(call.caller, most=50),
            files=call.files,
            clues=_clues(call),
        )


def _clues(call: CallRecord) -> tuple[Clue, ...]:
    """What is known of its case; else that of the same call, if it was handed over before, or of an earlier one."""
    token = (Clue("token", call.token),) if call.token else ()
    uids = filter(None, (call.uid, call.follows))
    return (*token, *(Clue("message_id", external_id(uid)) for uid in uids))
