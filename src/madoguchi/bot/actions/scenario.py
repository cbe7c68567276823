"""Writing the scenario of a desk's bot: a draft is changed, and begins; what was in force is kept, and can be again."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.bot.events import ScenarioBegan, ScenarioChanged, ScenarioEnded
from madoguchi.bot.policies import may_set_bot
from madoguchi.bot.scenario_models import ScenarioVersion
from madoguchi.bot.tree import Tree, beginning, read, written
from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.trees import ROOT, below

FIRST_QUESTION = {"ja": "どのようなご用件でしょうか。", "en": "What is it about?"}


@transaction.atomic
def change_scenario(
    desk: Desk, language: str, change: Callable[[Tree], Tree], *, seen: int, by: Actor
) -> ScenarioVersion:
    """Change the draft; where there is none, one is made of what is in force. `seen` is the revision that the writer
    looked at, 0 for none. Raises NotAllowed, Conflict where another has changed it since, and what `change` raises.
    """
    _hold(desk, language, by)
    draft = _draft(desk, language)
    if seen != (draft.revision if draft else 0):
        raise Conflict(
            _("Somebody else has changed this scenario. Please look at it again, and then change it.")
        )
    return _written(desk, language, draft, change, by)


@transaction.atomic
def take_change_back(desk: Desk, language: str, *, by: Actor) -> None:
    """Let the draft be as it stood before the last change; once more, and that change is there again."""
    _hold(desk, language, by)
    draft = _draft(desk, language)
    if draft is None or draft.before is None:
        raise Conflict(_("There is nothing to undo."))
    before = read(draft.before)
    _written(desk, language, draft, lambda _tree: before, by)


@transaction.atomic
def scenario_again(desk: Desk, language: str, number: int, *, by: Actor) -> None:
    """Let the draft say what a former version said. Raises NotFound for one that never was."""
    _hold(desk, language, by)
    former = _versions(desk, language).filter(number=number).first()
    if former is None:
        raise NotFound(number)
    nodes = read(former.nodes)
    _written(desk, language, _draft(desk, language), lambda _tree: nodes, by)


@transaction.atomic
def begin_scenario(desk: Desk, language: str, *, seen: int, by: Actor) -> ScenarioVersion:
    """Show customers the draft from now on. Raises Conflict where it is another than was seen, and Refused where it
    offers nothing to choose.
    """
    _hold(desk, language, by)
    draft = _draft(desk, language)
    if draft is None or draft.revision != seen:
        raise Conflict(
            _("Somebody else has changed this scenario. Please look at it again before it begins.")
        )
    if not below(read(draft.nodes), ROOT):
        raise Refused(_("The first question has no choices yet. Add at least one."))
    now = clock.now()
    _in_force(desk, language).update(ended_at=now)
    draft.begun_at, draft.before = now, None
    draft.save(update_fields=["begun_at", "before"])
    record(ScenarioBegan(**_where(desk), language=language, number=draft.number), by=by)
    return draft


@transaction.atomic
def end_scenario(desk: Desk, language: str, *, by: Actor) -> None:
    """Show customers none from now on. Raises Conflict where none is shown."""
    _hold(desk, language, by)
    shown = _in_force(desk, language).first()
    if shown is None:
        raise Conflict(_("No scenario is in use."))
    shown.ended_at = clock.now()
    shown.save(update_fields=["ended_at"])
    record(ScenarioEnded(**_where(desk), language=language, number=shown.number), by=by)


def _hold(desk: Desk, language: str, by: Actor) -> None:
    if not may_set_bot(by, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)
    if language not in Article.Language.values:
        raise NotFound(language)
    one_at_a_time(f"scenario {desk.pk} {language}")


def _written(
    desk: Desk, language: str, draft: ScenarioVersion | None, change: Callable[[Tree], Tree], by: Actor
) -> ScenarioVersion:
    before = read(draft.nodes) if draft else _begun_with(desk, language)
    after = change(before)
    kept: dict[str, Any] = {
        "nodes": written(after),
        "before": written(before),
        "revision": draft.revision + 1 if draft else 1,
        "user_id": by.id,
        "at": clock.now(),
    }
    number = draft.number if draft else _versions(desk, language).count() + 1
    row, _new = ScenarioVersion.objects.update_or_create(
        company_id=desk.company_id, desk=desk, language=language, number=number, defaults=kept
    )
    record(ScenarioChanged(**_where(desk), language=language, number=number, choices=len(after) - 1), by=by)
    return row


def _begun_with(desk: Desk, language: str) -> Tree:
    shown = _in_force(desk, language).first()
    return read(shown.nodes) if shown else beginning(FIRST_QUESTION[language])


def _versions(desk: Desk, language: str) -> Any:
    return ScenarioVersion.objects.filter(desk=desk, language=language)


def _draft(desk: Desk, language: str) -> ScenarioVersion | None:
    draft: ScenarioVersion | None = _versions(desk, language).filter(begun_at=None).first()
    return draft


def _in_force(desk: Desk, language: str) -> Any:
    return _versions(desk, language).filter(begun_at__isnull=False, ended_at=None)


def _where(desk: Desk) -> dict[str, int]:
    return {"company": desk.company_id, "desk": desk.pk}
