"""What administration offers, and to whom."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.kernel.actor import Actor, Permission

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing that is set up or looked after here."""

    name: str
    label: Words
    purpose: Words
    icon: str
    permission: Permission

    @property
    def url_name(self) -> str:
        """The name of its list among the addresses."""
        return f"administration:{self.name}"


@dataclass(frozen=True, slots=True)
class Group:
    """Sections that belong together in the menu."""

    label: Words
    sections: tuple[Section, ...]


GROUPS = (
    Group(
        _("Organisation"),
        (
            Section(
                "companies",
                _("Companies"),
                _("Who owns the brand, the customers and their data."),
                "building-office-2",
                Permission.ORGANISATIONS,
            ),
            Section(
                "operators",
                _("Operators"),
                _("Who employs the people who answer."),
                "building-storefront",
                Permission.ORGANISATIONS,
            ),
            Section(
                "engagements",
                _("Engagements"),
                _("Who answers at which desk, under which model, seeing what."),
                "document-check",
                Permission.DESKS,
            ),
        ),
    ),
    Group(
        _("Ways in"),
        (
            Section(
                "desks",
                _("Desks"),
                _("What customers turn to: name, hours, signature, acknowledgement."),
                "inbox-stack",
                Permission.DESKS,
            ),
            Section(
                "desks_levels",
                _("Times that are kept"),
                _("By when customers of each desk hear from us."),
                "clock",
                Permission.LEVELS_READ,
            ),
            Section(
                "entry_points",
                _("Entry points"),
                _("The mail addresses and forms that lead to a desk."),
                "at-symbol",
                Permission.DESKS,
            ),
            Section(
                "mail_servers",
                _("Mail servers"),
                _("Where mail is read and by which server it leaves."),
                "server-stack",
                Permission.MAIL_SERVERS,
            ),
        ),
    ),
    Group(
        _("People and words"),
        (
            Section(
                "people",
                _("People"),
                _("Who works here, in which role, at which desks."),
                "users",
                Permission.PEOPLE,
            ),
            Section(
                "templates",
                _("Reply templates"),
                _("Texts to answer with."),
                "document-text",
                Permission.TEMPLATES,
            ),
            Section(
                "watches",
                _("Grave words and signals"),
                _("Which words make a case urgent, and how many signals raise themselves."),
                "bell-alert",
                Permission.DESKS,
            ),
            Section(
                "shields",
                _("Against harassment"),
                _("Where suspicion begins, and in which words customers are warned."),
                "shield-check",
                Permission.DESKS,
            ),
            Section(
                "duties",
                _("Duties against harassment"),
                _("What the employer and the company do until when, side by side."),
                "scale",
                Permission.AUDIT,
            ),
            Section(
                "help_centres",
                _("Help centres"),
                _("What customers read before they ask."),
                "book-open",
                Permission.ARTICLES_APPROVE,
            ),
            Section(
                "contacts",
                _("Contacts outside"),
                _("Whom operators ask on a call, and put customers through to."),
                "phone-arrow-up-right",
                Permission.DESKS,
            ),
            Section(
                "announcements",
                _("Recordings for callers"),
                _("What callers hear: greetings, menus, music."),
                "speaker-wave",
                Permission.DESKS,
            ),
            Section(
                "bots",
                _("Bots"),
                _("Where approved articles answer by themselves, and when a person takes over."),
                "sparkles",
                Permission.DESKS,
            ),
            Section(
                "plans",
                _("Plans of tasks"),
                _("What a case needs again and again, in order and by when."),
                "queue-list",
                Permission.TEMPLATES,
            ),
            Section(
                "macros",
                _("Macros"),
                _("Several acts on a case in one key."),
                "bolt",
                Permission.MACROS,
            ),
            Section(
                "macro_words",
                _("Words of macros"),
                _("What macros put into answers, for the company to approve."),
                "check-badge",
                Permission.ARTICLES_APPROVE,
            ),
            Section(
                "rules",
                _("Rules"),
                _("What happens to cases by itself, when something happens or time goes by."),
                "arrow-path-rounded-square",
                Permission.RULES,
            ),
            Section(
                "fields",
                _("Fields of cases"),
                _("What a desk wants to know of each case."),
                "list-bullet",
                Permission.DESKS,
            ),
            Section(
                "matters",
                _("Kinds of matter"),
                _("Which kinds a desk tells apart, and what it asks in each."),
                "squares-2x2",
                Permission.DESKS,
            ),
        ),
    ),
    Group(
        _("Selling"),
        (
            Section(
                "shops",
                _("Shops"),
                _("What a company sells, and on which terms."),
                "shopping-bag",
                Permission.SHOP,
            ),
            Section(
                "stores",
                _("Stores and reservations"),
                _("Which stores there are, when they are open, and what is reserved there."),
                "calendar-days",
                Permission.SHOP,
            ),
        ),
    ),
    Group(
        _("Mail on its way"),
        (
            Section(
                "quarantine",
                _("Quarantine"),
                _("What arrived and could not be handled."),
                "shield-exclamation",
                Permission.QUARANTINE,
            ),
            Section(
                "spam",
                _("Spam"),
                _("What was kept out, and can be taken in."),
                "no-symbol",
                Permission.SPAM,
            ),
            Section(
                "senders",
                _("Senders"),
                _("Whose mail is always taken in, and whose is kept out."),
                "funnel",
                Permission.SPAM,
            ),
            Section(
                "outbox",
                _("Outbox"),
                _("Mail kept in the built-in outbox instead of being sent."),
                "paper-airplane",
                Permission.OUTBOX,
            ),
            Section(
                "troubled",
                pgettext_lazy("list", "Not delivered"),
                _("Answers that did not reach the customer."),
                "exclamation-triangle",
                Permission.OUTBOX,
            ),
        ),
    ),
    Group(
        _("Other systems"),
        (
            Section(
                "tokens",
                _("API tokens"),
                _("By which programs act for a person."),
                "key",
                Permission.SELF,
            ),
            Section(
                "webhooks",
                _("Webhooks"),
                _("Which of a company's own systems are told of what happens."),
                "megaphone",
                Permission.WEBHOOKS,
            ),
            Section(
                "imports",
                _("Taking over from elsewhere"),
                _("Cases and customers of other systems come in."),
                "arrow-down-tray",
                Permission.IMPORTS,
            ),
        ),
    ),
    Group(
        _("Records"),
        (
            Section(
                "rights",
                _("Rights of customers"),
                _("Who asked for their data, or that it goes."),
                "identification",
                Permission.RIGHTS,
            ),
            Section(
                "recordings",
                _("Recordings of calls"),
                _("For how many days they are kept."),
                "microphone",
                Permission.RIGHTS,
            ),
            Section(
                "identities",
                _("Checks of identity"),
                _("Before which act it is checked how far who asks is the customer."),
                "identification",
                Permission.RIGHTS,
            ),
            Section(
                "reading",
                _("Reading of customers"),
                _("Who read very many of them, and what was shown for a reason."),
                "eye",
                Permission.RIGHTS,
            ),
            Section(
                "audit",
                _("Audit log"),
                _("Who did what and when, sealed against later change."),
                "clipboard-document-list",
                Permission.AUDIT,
            ),
        ),
    ),
)


def menu_for(actor: Actor) -> list[Group]:
    """The sections that the actor may open, in their groups; empty groups are left out."""
    offered = [
        Group(group.label, tuple(s for s in group.sections if actor.may_anywhere(s.permission)))
        for group in GROUPS
    ]
    return [group for group in offered if group.sections]
