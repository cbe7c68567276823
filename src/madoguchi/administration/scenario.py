"""What the editor of a scenario shows: the tree with what is chosen in it, and what customers would see there."""

from dataclasses import dataclass, field
from typing import Any

from madoguchi.bot.models import ScenarioVersion
from madoguchi.bot.scenarios import draft_of, reach_of, scenario_of
from madoguchi.bot.tree import Kind, Node, Reach, Tree, beginning, dead_ends, offered, read
from madoguchi.companies.models import Desk
from madoguchi.delivery.links import article_page, form_page
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.reading import as_words
from madoguchi.knowledge.trees import ROOT, node_of, walked


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the tree: how deep it stands, and whether customers are not shown it for it leads nowhere."""

    node: Node
    depth: int
    dead: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What the bot would say at a place, and what could be chosen beneath."""

    words: str = ""
    source: str = ""
    link: str = ""
    choices: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The scenario of a desk as it is being written: its draft, or what is in force where there is none."""

    desk: Desk
    language: str
    draft: ScenarioVersion | None
    shown: ScenarioVersion | None
    tree: Tree
    at: Node

    @property
    def seen(self) -> int:
        """The revision that a change starts from."""
        return self.draft.revision if self.draft else 0

    def context(self) -> dict[str, Any]:
        """What the page draws. Three queries, one more where an answer is looked at."""
        reach = reach_of(self.desk, self.tree)
        dead = dead_ends(self.tree, reach)
        lines = [Line(node, depth, node.id in dead) for node, depth in walked(self.tree)]
        return {
            "sheet": self,
            "lines": lines,
            "dead": len(dead),
            "asks": self.at.kind == Kind.MENU,
            "is_root": self.at.id == ROOT,
            "preview": _preview(self, reach),
        }


def sheet_of(desk: Desk, language: str, *, at: int, first_question: str) -> Sheet:
    """The sheet with what is chosen in it; the first question where there is no such node (any more). Two queries."""
    draft, shown = draft_of(desk, language), scenario_of(desk, language=language)
    version = draft or shown
    tree = read(version.nodes) if version else beginning(first_question)
    return Sheet(desk, language, draft, shown, tree, node_of(tree, at) or tree[0])


def _preview(sheet: Sheet, reach: Reach) -> Preview:
    node = sheet.at
    match node.kind:
        case Kind.MENU:
            return Preview(node.words, choices=offered(sheet.tree, node.id, reach))
        case Kind.FORM:
            address = reach.forms.get(node.form or 0)
            return Preview(node.words, link=form_page(address) if address else "")
        case Kind.ANSWER:
            version = ArticleVersion.objects.filter(pk=reach.articles.get(node.article or 0)).first()
            if version is None:
                return Preview()
            link = article_page(sheet.desk.company_id, version.article_id)
            return Preview(as_words(version.body), version.title, link)
        case _:
            return Preview()
