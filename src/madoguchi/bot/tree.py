"""A scenario as data: questions with choices, each of which answers, asks on, shows a form or calls a person. Pure.

A tree is a tuple of nodes in the order in which they are read. The first is the question that the bot begins with; each
other one is a choice below a question (`parent`). Nothing here changes a tree: what is done to one makes another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import clean, one_line
from madoguchi.knowledge.likeness import letters_of
from madoguchi.knowledge.trees import ROOT, below, depth_of, node_of

# LINE shows 13 buttons: two are for the way back and for a person, and nobody reads more than ten in a chat.
MOST_CHOICES = 10
MOST_NODES = 200
MOST_DEEP = 6
LONGEST_LABEL, LONGEST_WORDS = 60, 600


class Kind(models.TextChoices):
    """What a choice leads to."""

    MENU = "menu", pgettext_lazy("choice", "A further question")
    ANSWER = "answer", pgettext_lazy("choice", "The answer of an article")
    FORM = "form", pgettext_lazy("choice", "A form")
    PERSON = "person", pgettext_lazy("choice", "A person")


@dataclass(frozen=True, slots=True)
class Node:
    """A choice and what it leads to: `words` are the question of a menu, or what is said beside a form; `article` and
    `form` (an entry point) are ids.
    """

    id: int
    parent: int
    label: str
    kind: Kind
    words: str = ""
    article: int | None = None
    form: int | None = None


Tree = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What can be said at this moment: of these articles the version, of these forms the address."""

    articles: Mapping[int, int]
    forms: Mapping[int, str]


def beginning(words: str) -> Tree:
    """A tree that has nothing but its first question."""
    return (Node(ROOT, 0, "", Kind.MENU, words),)


def read(rows: Sequence[Mapping[str, Any]]) -> Tree:
    """The tree that was kept as `rows`."""
    return tuple(Node(**{**row, "kind": Kind(row["kind"])}) for row in rows)


def written(tree: Tree) -> list[dict[str, Any]]:
    """A tree in words that JSON knows."""
    return [{**asdict(node), "kind": node.kind.value} for node in tree]


def added(tree: Tree, node: Node) -> tuple[Tree, int]:
    """The tree with one choice more, and the id it was given. Raises Refused for one that has no place."""
    above = node_of(tree, node.parent)
    if above is None or above.kind != Kind.MENU:
        raise Refused(_("Choices stand below a question."), field="label")
    if len(tree) >= MOST_NODES or len(below(tree, node.parent)) >= MOST_CHOICES:
        raise Refused(
            _("At most %(n)s choices stand below a question, and %(all)s in a scenario.")
            % {"n": MOST_CHOICES, "all": MOST_NODES},
            field="label",
        )
    if depth_of(tree, node.parent) >= MOST_DEEP:
        raise Refused(
            _("Nobody finds back from so deep. At most %(n)s questions follow one another.")
            % {"n": MOST_DEEP},
            field="label",
        )
    new = replace(_checked(tree, node), id=max(one.id for one in tree) + 1)
    return (*tree, new), new.id


def changed(tree: Tree, node: Node) -> Tree:
    """The tree with a node as it is to be. Raises Refused where it makes no sense."""
    old = node_of(tree, node.id)
    if old is None:
        raise Refused(_("This choice is gone. Please look at the scenario again."), field="label")
    if node.kind != Kind.MENU and below(tree, node.id):
        raise Refused(_("Choices stand below this question. Remove them first."), field="kind")
    new = _checked(tree, replace(node, parent=old.parent))
    return tuple(new if one.id == node.id else one for one in tree)


def offered(tree: Tree, pk: int, reach: Reach) -> list[Node]:
    """The choices of a question that lead somewhere at this moment, in their order."""
    return [node for node in below(tree, pk) if _leads(tree, node, reach)]


def dead_ends(tree: Tree, reach: Reach) -> set[int]:
    """The ids of what customers are not shown, for it leads nowhere at this moment."""
    return {node.id for node in tree if not _leads(tree, node, reach)}


def _leads(tree: Tree, node: Node, reach: Reach) -> bool:
    match node.kind:
        case Kind.ANSWER:
            return node.article in reach.articles
        case Kind.FORM:
            return node.form in reach.forms
        case Kind.MENU:
            return any(_leads(tree, one, reach) for one in below(tree, node.id))
        case _:
            return True


def _checked(tree: Tree, node: Node) -> Node:
    """The node as it is kept. Raises Refused for what customers could not choose or would not understand."""
    label, words = one_line(node.label, most=LONGEST_LABEL), clean(node.words).strip()[:LONGEST_WORDS]
    if node.id != ROOT:
        others: Collection[str] = {
            letters_of(one.label) for one in below(tree, node.parent) if one.id != node.id
        }
        if not letters_of(label):
            raise Refused(_("Write the words that customers choose."), field="label")
        if letters_of(label) in others:
            raise Refused(_("These words stand there already. Choose others."), field="label")
    if node.kind == Kind.MENU and not words:
        raise Refused(_("Write the question that is asked."), field="words")
    if node.kind == Kind.ANSWER and node.article is None:
        raise Refused(_("Choose the article."), field="article")
    if node.kind == Kind.FORM and node.form is None:
        raise Refused(_("Choose the form."), field="form")
    return replace(
        node,
        label=label if node.id != ROOT else "",
        words=words if node.kind in (Kind.MENU, Kind.FORM) else "",
        article=node.article if node.kind == Kind.ANSWER else None,
        form=node.form if node.kind == Kind.FORM else None,
    )
