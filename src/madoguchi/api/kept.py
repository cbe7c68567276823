"""What the contract keeps from a token's person leaves in no string of an answer, wherever in it that stands.

The same last line as of the pages (`project/blotting`): the values that are known of those whom an answer shows are
blotted as they stand. What was said is blotted before, loosely, where it is read.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from madoguchi.cases.blotted import blots_of_shown
from madoguchi.customers.blots import keeps_anything
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import DOT, Blotter, blotted
from madoguchi.kernel.errors import Refused

# Ours, not the customer's: words of a fixed list, moments, and by their name numbers and places to go on from.
_WORD_OR_MOMENT = re.compile(r"[a-z_]+|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?")
_OURS = frozenset({"case", "former_number", "next", "number"})


def keep_back(
    answer: HttpResponse, cases: Collection[int], customers: Collection[int], *, actor: Actor
) -> None:
    """Blot the strings of an answer that shows these. No query where nothing is kept from the actor, else four."""
    if not keeps_anything(actor) or not answer.headers.get("Content-Type", "").startswith("application/json"):
        return
    blots = blots_of_shown(cases, customers, actor=actor)
    if blots:
        answer.content = json.dumps(_kept(json.loads(answer.content), blots.values())).encode()


def require_no_dots(request: HttpRequest, *, actor: Actor) -> None:
    """Raises Refused where somebody from whom something is kept writes dots back over what stands behind them."""
    if request.method != "PATCH" or not keeps_anything(actor):
        return
    if DOT in request.body.decode(errors="replace").replace("\\u2022", DOT):
        words = _("Dots (•) stand for what the contract keeps from you. Leave out what you do not change.")
        raise Refused(words, field="body")


def _kept(value: Any, blots: Collection[Blotter]) -> Any:
    if isinstance(value, dict):
        return {name: one if name in _OURS else _kept(one, blots) for name, one in value.items()}
    if isinstance(value, list):
        return [_kept(one, blots) for one in value]
    return blotted(value, blots) if isinstance(value, str) and not _WORD_OR_MOMENT.fullmatch(value) else value
