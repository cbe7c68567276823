"""Which channel reads which arrivals; bound in project/composition.py."""

from madoguchi.kernel.channel import Channel, InboundChannel

_channels: dict[str, InboundChannel] = {}


def register(channel: Channel, adapter: InboundChannel) -> None:
    """Let this adapter read the arrivals of a channel."""
    _channels[channel] = adapter


def reader_of(channel: str) -> InboundChannel:
    """The adapter that reads this channel; raises KeyError for a channel nobody bound."""
    return _channels[channel]
