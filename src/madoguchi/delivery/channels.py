"""Which channel sends which messages; bound in project/composition.py."""

from madoguchi.kernel.channel import Channel, OutboundChannel

_channels: dict[str, OutboundChannel] = {}


def register(channel: Channel, adapter: OutboundChannel) -> None:
    """Let this adapter send what leaves by a channel."""
    _channels[channel] = adapter


def sender_of(channel: str) -> OutboundChannel:
    """The adapter that sends this channel; raises KeyError for a channel nobody bound."""
    return _channels[channel]
