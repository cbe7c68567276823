"""What is said of sound (SDP): where it goes, by which codec, whether the call is held, and what we say of ours."""

from collections.abc import Iterator
from ipaddress import ip_address

from aiosipua.sdp import SdpMessage, parse_sdp, serialize_sdp
from aiosipua.sdp_negotiate import build_sdp, negotiate_sdp

from madoguchi.channels.phone.media import Leg
from madoguchi.channels.phone.sip import Address

PCMU, PCMA, KEYS = 0, 8, 101
# Nothing is sent there: it is where a line has its sound until the other side says where it wants it.
NOWHERE = 9
PLAIN = ("RTP/AVP", "RTP/AVPF")  # the latter only promises to tell of loss sooner (RFC 4585)
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


def our_offer(host: str, port: int) -> str:
    """An offer of sound by µ-law."""
    return serialize_sdp(build_sdp(host, port, PCMU, "PCMU", dtmf_payload_type=KEYS))


def answered(sdp: str) -> SdpMessage:
    """What is answered to such an offer. Raises what is wrong with it."""
    answer = parse_sdp(sdp)
    if PCMU not in [codec.payload_type for codec in answer.audio.codecs]:  # type: ignore[union-attr]
        raise ValueError("no sound that we know")
    return answer


def answer_anew(leg: Leg, offer: SdpMessage, *, here: Address, there: Address) -> str:
    """The answer to a new offer within a call, as when it is held: the same sound, perhaps to another place. Raises
    what is wrong with the offer.
    """
    held = is_held(offer)  # first, for the answer goes by what that finds out
    answer, _pt = negotiate_sdp(offer, *here, [leg.payload_type], keys_of(offer))
    lead(leg, there, held=held)
    return serialize_sdp(answer)


def lead(leg: Leg, there: Address, *, held: bool) -> None:
    """Have our sound go there, unless the other side holds the call."""
    # A place that is nowhere is how older phones say that they hold the call.
    if not ip_address(there[0]).is_unspecified:
        leg.session.update_remote(there)
    leg.hold(held)


def place_of(offer: SdpMessage) -> Address:
    """Where the caller wants our sound. Raises ValueError where that is nowhere, or where they want it encrypted in a
    way that is not ours: they would hear nothing.
    """
    if offer.audio and offer.audio.proto not in PLAIN:
        raise ValueError(f"sound by {offer.audio.proto[:20]}")
    place = offer.rtp_address
    if place is None or not 0 < place[1] < 65536:
        raise ValueError("no place for sound")
    return str(ip_address(place[0])), place[1]


def is_held(offer: SdpMessage) -> bool:
    """Whether whoever offers this will hear nothing of us (RFC 3264 8.4). What is said of the whole session is said of
    its sound.
    """
    audio, place = offer.audio, offer.rtp_address
    if audio is None or place is None:
        return False
    if not any(way in audio.attributes for way in DIRECTIONS):
        audio.attributes.update({way: [] for way in DIRECTIONS if way in offer.attributes})
    return audio.direction in ("sendonly", "inactive") or ip_address(place[0]).is_unspecified


def keys_of(offer: SdpMessage) -> int:
    """The payload type by which the caller sends keys."""
    return next(_ways_of_keys(offer), KEYS)


def sends_keys(offer: SdpMessage) -> bool:
    """Whether the caller sends keys beside the sound; else they are tones in it."""
    return next(_ways_of_keys(offer), None) is not None


def _ways_of_keys(offer: SdpMessage) -> Iterator[int]:
    codecs = offer.audio.codecs if offer.audio else []
    return (c.payload_type for c in codecs if c.encoding_name.lower() == "telephone-event")
