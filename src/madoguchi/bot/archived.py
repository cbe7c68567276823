"""Scenarios and limit words in an archive of what a company knows: out with the keys of articles and the addresses of
forms in the place of ids. Scenarios come in as drafts, words of limits beside the usual ones; never over what is there.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.bot.actions.scenario import change_scenario
from madoguchi.bot.actions.setting import set_limit_words
from madoguchi.bot.limits import Kind as Limit
from madoguchi.bot.limits import tidied, usual
from madoguchi.bot.policies import may_set_bot
from madoguchi.bot.queries import limit_words
from madoguchi.bot.scenario_models import ScenarioVersion
from madoguchi.bot.scenarios import forms_of
from madoguchi.bot.tree import Kind, Node, Tree, added, beginning, read, written
from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers
from madoguchi.knowledge.actions.archive import articles_keyed, key_of
from madoguchi.knowledge.actions.archive_beside import Beside, also_in_archive
from madoguchi.knowledge.archive import LIMITS, SCENARIO, KeptArticle, KeptVersion
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.trees import ROOT, below, node_of

Fate = tuple[str, str]
_APPROVED, _DRAFT = "approved", "draft"
# More than any scenario has.
_LONGEST = 1_000_000


def go_along() -> None:
    """Have both taken along with articles."""
    also_in_archive(SCENARIO, Beside(_kept_scenarios, _place_of_scenario, _fate_of_scenario, _write_scenario))
    also_in_archive(LIMITS, Beside(_kept_limits, _place_of_limits, _fate_of_limits, _write_limits))


def _kept_scenarios(company: Company) -> Iterator[KeptArticle]:
    """Of each desk and language the scenario that is in force, and its draft. Three queries."""
    shown = Q(begun_at__isnull=True) | Q(ended_at__isnull=True)
    rows = ScenarioVersion.objects.filter(shown, company=company).select_related("desk", "user")
    versions: dict[tuple[Desk, str], list[ScenarioVersion]] = {}
    for row in rows.order_by("desk", "language", "number"):
        versions.setdefault((row.desk, row.language), []).append(row)
    told = {node.article for row in rows for node in read(row.nodes) if node.article}
    keys = {
        one.pk: key_of(one)
        for one in Article.objects.filter(company=company, pk__in=told).select_related("company")
    }
    forms = dict(EntryPoint.objects.filter(company=company, kind="form").values_list("pk", "address"))
    for (desk, language), kept in versions.items():
        yield KeptArticle(
            key=f"{company.slug}-scenario-{desk.pk}-{language}",
            kind=SCENARIO,
            versions=tuple(_kept(desk, one, keys, forms) for one in kept),
            audience="operator",
            language=language,
            desk=desk.name,
        )


def _kept(desk: Desk, row: ScenarioVersion, keys: Mapping[int, str], forms: Mapping[int, str]) -> KeptVersion:
    nodes = [
        {**node, "article": keys.get(node["article"] or 0), "form": forms.get(node["form"] or 0)}
        for node in written(read(row.nodes))
    ]
    return KeptVersion(
        number=row.number,
        state=_APPROVED if row.begun_at else _DRAFT,
        title=f"{desk.name} ({row.language})",
        body=json.dumps(nodes, ensure_ascii=False, indent=1),
        at=row.at,
        writer=row.user.name if row.user else "",
        valid_from=row.begun_at,
    )


def _place_of_scenario(kept: KeptArticle) -> tuple[str, str]:
    return kept.desk, kept.language


def _fate_of_scenario(company: Company, kept: KeptArticle, by: Actor) -> Fate:
    desk = Desk.objects.filter(company=company, name=kept.desk).first()
    if desk is None:
        return "refused", _("There is no desk called “%s” here.") % kept.desk
    if not may_set_bot(by, company=company.pk, desk=desk.pk):
        return "refused", _("Only who sets up the desk brings this in.")
    if kept.language not in Article.Language.values:
        return "refused", _("Nobody here knows its readers or its language.")
    try:
        tree = _tree(desk, kept)
    except Refused as error:
        return "refused", str(error)
    here = ScenarioVersion.objects.filter(desk=desk, language=kept.language)
    rows = list(here.filter(Q(begun_at=None) | Q(ended_at=None)))
    if any(_told(read(row.nodes)) == _told(tree) for row in rows):
        return "same", ""
    if any(row.begun_at is None for row in rows):
        return "refused", _("There is a draft here that says something else.")
    return "new", _("It comes in as a draft: look at it before customers are led by it.")


def _write_scenario(company: Company, kept: KeptArticle, by: Actor) -> None:
    desk = Desk.objects.get(company=company, name=kept.desk)
    tree = _tree(desk, kept)
    change_scenario(desk, kept.language, lambda _before: tree, seen=0, by=by)


def _tree(desk: Desk, kept: KeptArticle) -> Tree:
    """The scenario as it would be here: what leads to an article or a form that is not here leads to a person. Raises
    Refused.
    """
    begun = [one for one in kept.versions if one.state == _APPROVED]
    body = (begun or kept.versions)[-1].body
    try:
        nodes = json.loads(body[:_LONGEST])
        keys = {str(row["article"]) for row in nodes if row["article"]}
        articles = {key: one.pk for key, one in articles_keyed(desk.company, keys).items()}
        forms = {form.address: form.pk for form in forms_of(desk)}
        there = read([{**row, "article": None, "form": None} for row in nodes])
        leads = {row["id"]: (articles.get(row["article"]), forms.get(row["form"])) for row in nodes}
        tree = _grown(there, leads)
        # Half a pair of surrogates is a letter to JSON, and none to the database.
        "".join(node.label + node.words for node in tree).encode()
        return tree
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused(_("This is no scenario as we write it.")) from error


def _grown(there: Tree, leads: Mapping[int, tuple[int | None, int | None]]) -> Tree:
    """The same tree made choice by choice, as a person would, so that all that holds for theirs holds for it."""
    first = node_of(there, ROOT)
    if first is None or first.kind != Kind.MENU:
        raise ValueError("it begins with no question")
    tree, ids = beginning(blot_card_numbers(first.words)), {ROOT: ROOT}
    waiting = list(below(there, ROOT))
    while waiting:
        node = waiting.pop(0)
        article, form = leads[node.id]
        new = replace(_here(node, article, form), parent=ids[node.parent])
        tree, ids[node.id] = added(tree, new)
        waiting += below(there, node.id)
    return tree


def _here(node: Node, article: int | None, form: int | None) -> Node:
    kind = node.kind
    if (kind is Kind.ANSWER and article is None) or (kind is Kind.FORM and form is None):
        kind = Kind.PERSON
    return replace(
        node,
        label=blot_card_numbers(node.label),
        words=blot_card_numbers(node.words),
        kind=kind,
        article=article if kind is Kind.ANSWER else None,
        form=form if kind is Kind.FORM else None,
    )


def _told(tree: Tree) -> list[tuple[Any, ...]]:
    """What a tree says, whatever the ids of its places."""
    found: list[tuple[Any, ...]] = [("", 0, node.words) for node in tree if node.id == ROOT]
    waiting = [(one, 0) for one in below(tree, ROOT)]
    while waiting:
        node, place = waiting.pop(0)
        found.append((place, node.label, node.kind, node.words, node.article, node.form))
        here = len(found)
        waiting += [(one, here) for one in below(tree, node.id)]
    return found


def _kept_limits(company: Company) -> Iterator[KeptArticle]:
    """The words of each kind that stand in the place of the usual ones. One query."""
    now = clock.now()
    for kind, words in sorted(limit_words(company.pk).items()):
        said = KeptVersion(
            number=1, state=_APPROVED, title=str(kind.label), body=words, at=now, valid_from=now
        )
        key = f"{company.slug}-limits-{kind.value}"
        yield KeptArticle(key=key, kind=LIMITS, versions=(said,), folder=kind.value, audience="operator")


def _place_of_limits(kept: KeptArticle) -> str:
    return kept.folder


def _fate_of_limits(company: Company, kept: KeptArticle, by: Actor) -> Fate:
    if not may_set_bot(by, company=company.pk, desk=None):
        return "refused", _("Only who sets up the desk brings this in.")
    if kept.folder not in Limit.values:
        return "refused", _("Limits of this kind are not known here.")
    kind, lines = Limit(kept.folder), tidied(_words(kept))
    if all(line.startswith("-") for line in lines):
        return "refused", _("Only exceptions are left. Name at least one word.")
    here = limit_words(company.pk).get(kind, "")
    stands, wanted = here or "\n".join(tidied(usual(kind))), _beside_usual(kept)
    if stands in ("\n".join(lines), wanted):
        return "same", ""
    if here:
        return "refused", _("Other words stand here, and are not written over.")
    told = _("%(kind)s: added to the usual words, which all stay: %(words)s")
    reason = told % {"kind": kind.label, "words": "、".join(_more(kept))}
    if any(line.startswith("-") for line in lines):
        reason += " " + _("Exceptions are left out: write them under Bots yourself.")
    return "new", reason


def _write_limits(company: Company, kept: KeptArticle, by: Actor) -> None:
    set_limit_words(company, {Limit(kept.folder): _beside_usual(kept)}, by=by)


def _beside_usual(kept: KeptArticle) -> str:
    """The words as they come in. They are in force at once, and no file may keep a bot from handing over what it would
    have handed over: the usual ones stay, and none of its exceptions comes in.
    """
    return "\n".join(tidied("\n".join((usual(Limit(kept.folder)), *_more(kept)))))


def _more(kept: KeptArticle) -> list[str]:
    """What comes in beside the usual words."""
    known = set(tidied(usual(Limit(kept.folder))))
    return [line for line in tidied(_words(kept)) if not line.startswith("-") and line not in known]


def _words(kept: KeptArticle) -> str:
    return blot_card_numbers(kept.versions[-1].body)
