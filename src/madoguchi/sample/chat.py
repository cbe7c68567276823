"""The chat of the sample world: one shop has one, on a page of ours that anybody can open."""

import tomllib
from collections.abc import Mapping

from madoguchi.bot.actions import begin_scenario, change_scenario, set_bot
from madoguchi.bot.models import Bot
from madoguchi.bot.scenarios import articles_to_choose, forms_of
from madoguchi.bot.tree import Kind, Node, Tree, added
from madoguchi.channels.webchat.actions import shape_chat
from madoguchi.channels.webchat.models import Widget
from madoguchi.companies.actions.entry_points import add_entry_point
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.trees import ROOT
from madoguchi.sample.world import TEXTS

DESK = "asagiri-order"
ADDRESS = "asagiri-chat"
TITLE = "あさぎり服飾店 チャット窓口"
GREETING = "いらっしゃいませ。ご注文・お届け・サイズのことなど、お気軽にお書きください。"


def open_chat(desks: Mapping[str, Desk], *, by: Actor) -> None:
    """Give the shop its chat, by the actions that people use."""
    point = add_entry_point(desks[DESK], kind=Channel.CHAT, address=ADDRESS, medium="通販サイトの右下", by=by)
    shape_chat(
        point,
        title=TITLE,
        greeting=GREETING,
        hue=None,
        sites=[],
        ask=Widget.Ask.OPTIONAL,
        mail_after=5,
        by=by,
    )
    set_bot(
        desks[DESK],
        is_on=True,
        name="あさぎり案内係",
        greeting="",
        hours=Bot.Hours.ALWAYS,
        answer_from=75,
        suggest_from=35,
        yen_a_month=30_000,
        yen_a_talk=5,
        by=by,
    )


def lead_chat(desks: Mapping[str, Desk], *, by: Actor) -> None:
    """Give the chat's bot its scenario (`texts/scenario.toml`), once the articles and forms that it names are there."""
    desk = desks[DESK]
    articles = dict(articles_to_choose(desk).values_list("title", "article_id"))
    forms = dict(forms_of(desk).values_list("address", "pk"))

    def written(tree: Tree) -> Tree:
        ids = {"": ROOT}
        for row in tomllib.loads((TEXTS / "scenario.toml").read_text("utf-8"))["choice"]:
            tree, ids[row["label"]] = added(tree, _choice(row, ids[row.get("under", "")], articles, forms))
        return tree

    draft = change_scenario(desk, "ja", written, seen=0, by=by)
    begin_scenario(desk, "ja", seen=draft.revision, by=by)


def _choice(
    row: Mapping[str, str], parent: int, articles: Mapping[str, int], forms: Mapping[str, int]
) -> Node:
    label = row["label"]
    if "asks" in row:
        return Node(0, parent, label, Kind.MENU, row["asks"])
    if "article" in row:
        return Node(0, parent, label, Kind.ANSWER, article=articles[row["article"]])
    if "form" in row:
        return Node(0, parent, label, Kind.FORM, row["says"], form=forms[row["form"]])
    return Node(0, parent, label, Kind.PERSON)
