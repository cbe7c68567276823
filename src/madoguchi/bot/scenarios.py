"""What is asked of scenarios: which one customers are led by, what of it leads somewhere now, and its versions."""

from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet

from madoguchi.bot.deciding import Decision, Outcome, Step
from madoguchi.bot.models import Reason
from madoguchi.bot.scenario_models import ScenarioVersion
from madoguchi.bot.tree import Kind, Node, Reach, Tree, offered, read
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.languages import ours_for
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import FOR_CUSTOMERS, consistent, published_for
from madoguchi.knowledge.trees import ROOT, node_of


def scenario_of(desk: Desk, *, language: str) -> ScenarioVersion | None:
    """The scenario that is in force at a desk for who writes in a language. One query."""
    shown = Q(language=ours_for(language), begun_at__isnull=False, ended_at=None)
    return ScenarioVersion.objects.filter(shown, desk=desk).first()


def draft_of(desk: Desk, language: str) -> ScenarioVersion | None:
    """The draft of a scenario. One query."""
    return ScenarioVersion.objects.filter(desk=desk, language=language, begun_at=None).first()


def versions_of(desk: Desk, language: str) -> QuerySet[ScenarioVersion]:
    """Every version that ever began, the newest first, with who wrote it."""
    rows = ScenarioVersion.objects.filter(desk=desk, language=language, begun_at__isnull=False)
    return rows.select_related("user").order_by("-number")


def reach_of(desk: Desk, tree: Tree) -> Reach:
    """What of a tree can be said at this moment: articles in force for customers, forms in use. Two queries."""
    articles = {node.article for node in tree if node.article}
    forms = {node.form for node in tree if node.form}
    found = articles_to_choose(desk).filter(article__in=articles).values_list("article_id", "pk")
    return Reach(dict(found), dict(forms_of(desk).filter(pk__in=forms).values_list("pk", "address")))


def articles_to_choose(desk: Desk) -> QuerySet[ArticleVersion]:
    """What a choice can be answered with: the versions in force for customers, in any language."""
    return consistent(published_for(desk).filter(article__audience__in=FOR_CUSTOMERS))


def forms_of(desk: Desk) -> QuerySet[EntryPoint]:
    """The forms of the company that a choice can lead to."""
    forms = EntryPoint.objects.filter(company_id=desk.company_id, kind=Channel.FORM, active=True)
    return forms.select_related("desk").order_by("address")


def first_questions(desk: Desk) -> dict[str, dict[str, Any]]:
    """What a visitor is asked, and can choose, before anything was said, by language. One query, and two more for each
    scenario that is in force.
    """
    shown = ScenarioVersion.objects.filter(desk=desk, begun_at__isnull=False, ended_at=None).order_by(
        "language"
    )
    steps = {scenario: steps_of(desk, scenario, ROOT) for scenario in shown}
    return {
        scenario.language: {"words": question_of(scenario, ROOT), "choices": [one.label for one in found]}
        for scenario, found in steps.items()
        if found
    }


def steps_of(desk: Desk, scenario: ScenarioVersion | None, node: int | None) -> list[Step]:
    """What can be chosen below a question at this moment, and what follows. Two queries where there is a scenario."""
    if scenario is None or node is None:
        return []
    tree = read(scenario.nodes)
    reach = reach_of(desk, tree)
    return [Step(one.label, _decided(scenario, one, reach)) for one in offered(tree, node, reach)]


def start_of(scenario: ScenarioVersion) -> Decision:
    """What shows the first question of a scenario."""
    return Decision(Outcome.MENU, scenario=scenario.pk, node=ROOT)


def form_of(desk: Desk, scenario: ScenarioVersion, node: int) -> tuple[str, str]:
    """What is said beside the form at a place of a scenario, and the form's address; empty once it is gone."""
    found = node_of(read(scenario.nodes), node)
    if found is None or found.form is None:
        return "", ""
    return found.words, forms_of(desk).filter(pk=found.form).values_list("address", flat=True).first() or ""


def _decided(scenario: ScenarioVersion, node: Node, reach: Reach) -> Decision:
    where = Decision(Outcome.PERSON, scenario=scenario.pk, node=node.id, reason=Reason.HUMAN)
    match node.kind:
        case Kind.MENU:
            return replace(where, outcome=Outcome.MENU, reason="")
        case Kind.FORM:
            return replace(where, outcome=Outcome.FORM, reason="")
        case Kind.ANSWER:
            version = reach.articles[node.article or 0]
            return replace(where, outcome=Outcome.ANSWER, versions=(version,), reason="")
        case _:
            return where


def question_of(scenario: ScenarioVersion, node: int) -> str:
    """What is asked at a place of a scenario."""
    found = node_of(read(scenario.nodes), node)
    return found.words if found else ""
