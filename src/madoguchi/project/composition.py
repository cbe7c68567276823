"""The one place that binds channels, reactions, links and what is asked on solving to the parts that use them."""

from importlib import import_module

from django.utils.module_loading import autodiscover_modules

from madoguchi.bot.actions import hand_over_at_once
from madoguchi.bot.archived import go_along
from madoguchi.bot.queries import speaks_in
from madoguchi.cases.actions import ask_also
from madoguchi.channels.email.alphabets import replaced
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.channels.line.channel import LineChannel
from madoguchi.channels.phone.channel import PhoneChannel
from madoguchi.channels.webchat.channel import WebchatChannel
from madoguchi.channels.webchat.queries import address_given_by
from madoguchi.channels.webform.channel import WebformChannel
from madoguchi.delivery import channels as outbound
from madoguchi.delivery import links, old_letters
from madoguchi.delivery.also import also_grave
from madoguchi.escalations.solving import left_to_answer
from madoguchi.intake import channels as inbound
from madoguchi.intake.also import also_heard
from madoguchi.kernel.channel import TALKS, Channel
from madoguchi.portal.links import article_link, case_link, file_link, form_link
from madoguchi.routing.also import also_hard, also_left_alone, also_occupied, also_spared, also_told_off
from madoguchi.shield.load import hard_among, spared_among
from madoguchi.shield.queries import know_addresses_by
from madoguchi.signals.grave import is_grave
from madoguchi.tasks.solving import left_to_do
from madoguchi.voice.phones import put_away
from madoguchi.voice.queries import at_a_call

# Importing a reactions module registers its readers of the event log.
REACTIONS = (
    "madoguchi.commerce.reactions",
    "madoguchi.knowledge.reactions",
    "madoguchi.delivery.reactions",
    "madoguchi.promises.reactions",
    "madoguchi.routing.reactions",
    "madoguchi.search.reactions",
    "madoguchi.voice.reactions",
    "madoguchi.escalations.reactions",
    "madoguchi.signals.reactions",
    "madoguchi.shield.reactions",
    "madoguchi.surveys.reactions",
    "madoguchi.rules.reactions",
    "madoguchi.following.reactions",
    "madoguchi.webhooks.reactions",
    "madoguchi.bot.reactions",
    "madoguchi.channels.line.reactions",
)


def bind() -> None:
    """Tie every adapter and every reader of the log to its place; run once per process."""
    email, chat, line = EmailChannel(), WebchatChannel(), LineChannel()
    inbound.register(Channel.EMAIL, email)
    inbound.register(Channel.FORM, WebformChannel())
    inbound.register(Channel.PHONE, PhoneChannel())
    inbound.register(Channel.CHAT, chat)
    inbound.register(Channel.LINE, line)
    outbound.register(Channel.EMAIL, email)
    outbound.register(Channel.CHAT, chat)
    outbound.register(Channel.LINE, line)
    links.register(case_link)
    links.register_articles(article_link)
    links.register_files(file_link)
    links.register_forms(form_link)
    know_addresses_by(address_given_by)
    ask_also(left_to_do)
    ask_also(left_to_answer)
    also_occupied(at_a_call)
    also_heard(hand_over_at_once, channels=TALKS)
    also_left_alone(speaks_in)
    also_told_off(put_away)
    also_hard(hard_among)
    also_spared(spared_among)
    also_grave(is_grave)
    go_along()
    old_letters.bind(replaced)
    # Every process knows every kind of event, whatever else it has imported.
    autodiscover_modules("events")
    for module in REACTIONS:
        import_module(module)
