"""The chat of the sample world: one shop has one, on a page of ours that anybody can open."""

from collections.abc import Mapping

from madoguchi.bot.actions import set_bot
from madoguchi.bot.models import Bot
from madoguchi.channels.webchat.actions import shape_chat
from madoguchi.channels.webchat.models import Widget
from madoguchi.companies.actions.entry_points import add_entry_point
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel

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
