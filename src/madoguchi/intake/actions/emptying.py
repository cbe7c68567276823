"""Letting go of an arrival's own bytes, or of a part of them, that are not to be kept there."""

from collections.abc import Callable

from madoguchi.intake.models import Arrival, RawArrival


def empty(message: int) -> None:
    """Let the bytes go from which this message was made, and what is told of them; that they came stays."""
    arrivals = Arrival.objects.filter(message_id=message)
    RawArrival.objects.filter(arrival__in=arrivals).update(content=b"")
    arrivals.update(summary="")


def lighten(message: int, without: Callable[[bytes], bytes]) -> int:
    """Keep what `without` makes of the bytes from which this message was made, and no more; returns of how many.

    What is told of them stays, also by which they are known when they come again.
    """
    lightened = 0
    for raw in RawArrival.objects.filter(arrival__message_id=message).select_for_update():
        before = bytes(raw.content)
        if before and (after := without(before)) != before:
            lightened += RawArrival.objects.filter(pk=raw.pk).update(content=after)
    return lightened
