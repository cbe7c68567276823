"""Letting go of an arrival's own bytes, where whoever wrote it took it back."""

from madoguchi.intake.models import Arrival, RawArrival


def empty(message: int) -> None:
    """Let the bytes go from which this message was made, and what is told of them; that they came stays."""
    arrivals = Arrival.objects.filter(message_id=message)
    RawArrival.objects.filter(arrival__in=arrivals).update(content=b"")
    arrivals.update(summary="")
