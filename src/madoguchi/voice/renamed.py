"""Flows name desks as people do; when a desk is called otherwise, what callers meet names it by its new name."""

from typing import Any

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.voice.actions import write_version
from madoguchi.voice.models import FlowVersion


def follow_name(company: int, before: str, now: str, *, by: Actor) -> None:
    """Give every number of a company whose flow names the desk by the name that it had a version that names it anew."""
    for point in EntryPoint.objects.filter(company=company, kind=Channel.PHONE).order_by("pk"):
        one_at_a_time(f"phone flow {point.pk}")
        last = FlowVersion.objects.filter(entry_point=point).order_by("-number").first()
        document = _named_anew(last.document, before, now) if last else None
        if last and document != last.document:
            write_version(point, document, last.number + 1, by=by)


def _named_anew(document: Any, before: str, now: str) -> Any:
    steps = {
        name: {**step, "desk": now} if step.get("desk") == before else step
        for name, step in document["steps"].items()
    }
    return {**document, "steps": steps}
