"""How letters look: the customer's in their manner, the desk's in its own."""

from dataclasses import dataclass

from madoguchi.sample.corpus import Topic, phrases
from madoguchi.sample.facts import Facts
from madoguchi.sample.grammar import Chance, Pool, pick, say

# How people write, by how often they do; firms and angry topics have manners of their own.
MANNERS = ("polite",) * 7 + ("plain",) * 6 + ("brief",) * 4 + ("warm",) * 2 + ("hurry",) * 2
CONTENT = ("polite", "plain", "brief", "warm", "warm")
TROUBLED = (*MANNERS, "angry", "angry")
_GENERIC = (
    "お問い合わせ",
    "質問です",
    "教えてください",
    "{item}について",
    "はじめまして",
    "{shop}様",
    "お願い",
)

# How a text of ours ends when it wants an answer.
_REQUESTS = ("でしょうか。", "ください。", "お知らせ", "ご希望", "いただければ")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a customer wrote first."""

    subject: str
    text: str
    quotable: str


def manner_of(chance: Chance, topic: Topic, *, firm: bool, language: str) -> str:
    """In which manner this customer writes about this."""
    if language == "en":
        return "en"
    if firm:
        return "firm"
    if topic.priority == 1:
        return pick(chance, CONTENT)
    if topic.angry and chance() < 0.7:
        return "angry"
    return pick(chance, TROUBLED if topic.trouble else MANNERS)


def first_letter(chance: Chance, topic: Topic, manner: str, facts: Facts, *, form: bool) -> Letter:
    """The customer's first words on the matter."""
    if manner == "brief":
        text, quotable = say(chance, topic.brief), ""
        sign = "" if form else say(chance, phrases().customer["sign_phone"])
        text = f"{text}\n\n{sign}" if sign else text
    else:
        text, quotable = _told(chance, topic, manner, form=form)
    if form:
        text += _form_answers(chance, topic)
    return Letter(
        subject=_subject(chance, topic, manner, form=form).format_map(facts),
        text=text.format_map(facts),
        quotable=quotable.format_map(facts),
    )


def _form_answers(chance: Chance, topic: Topic) -> str:
    """What the form asked besides, below the words, as the form puts it."""
    order = "\n\n【ご注文番号】 {order}" if chance() < 0.6 and topic.lag[1] > 0 else ""
    return f"\n\n【お問い合わせの種類】 {topic.category}{order}"


def _told(chance: Chance, topic: Topic, manner: str, *, form: bool) -> tuple[str, str]:
    words = phrases().customer
    opening, quotable = say(chance, topic.opening)
    story = opening
    if chance() < 0.72:
        story = _then(chance, story, say(chance, topic.detail), manner)
    wish = say(chance, topic.ask)
    plea = words.get(f"plea_{manner}")
    if plea is not None and chance() < 0.8:
        wish = _then(chance, wish, say(chance, plea), manner)
    closing = say(chance, words[f"closing_{manner}"])
    if "お願い" in wish[-16:] and "お願い" in closing:
        closing = ""
    sign = "" if form else _signature(chance, manner)
    return _laid_out(chance, (say(chance, words[f"greeting_{manner}"]), story, wish, closing, sign)), quotable


def _then(chance: Chance, first: str, second: str, manner: str) -> str:
    return f"{first} {second}" if manner == "en" else first + pick(chance, ("", "", "\n")) + second


def _laid_out(chance: Chance, parts: tuple[str, ...]) -> str:
    """Some leave a line between thoughts, some break after every sentence, some write in one go."""
    how = chance()
    text = ("\n\n" if how < 0.6 else "\n").join(part for part in parts if part)
    return text.replace("。", "。\n").replace("\n\n\n", "\n\n").rstrip() if how > 0.9 else text


def _signature(chance: Chance, manner: str) -> str:
    words = phrases().customer
    if manner == "firm":
        return say(chance, words["sign_firm"])
    if manner == "en":
        return "{fullname}"
    return say(chance, words["sign_home"]) if chance() < 0.55 else ""


def _subject(chance: Chance, topic: Topic, manner: str, *, form: bool) -> str:
    if form and chance() < 0.22:
        return topic.category
    if manner == "brief" and not form and topic.priority > 1 and chance() < 0.5:
        return pick(chance, _GENERIC)
    subject = say(chance, topic.subject)
    return f"【至急】{subject}" if manner == "hurry" and chance() < 0.4 and "至急" not in subject else subject


def further_letter(chance: Chance, texts: Pool, manner: str, facts: Facts, *, follows: bool) -> str:
    """What the customer writes later; `follows` when it answers words of ours."""
    words, body = phrases().customer, say(chance, texts)
    greeting = ""
    if manner == "en":
        greeting = say(chance, words["again_en"])
    elif follows:
        greeting = say(chance, words["again_brief" if manner == "brief" else "again_opening"])
    closing = "" if manner in ("brief", "en") or _is_closed(body) else say(chance, words["again_closing"])
    closing = closing if chance() < 0.6 else ""
    sign = say(chance, words["sign_firm"]) if manner == "firm" else ""
    text = "\n\n".join(part for part in (greeting, body, closing, sign) if part)
    return text.format_map(facts)


def _is_closed(text: str) -> bool:
    """Whether a text ends in thanks or a request of its own."""
    return any(word in text[-24:] for word in ("ありがと", "お願い", "助かり", "お騒がせ", "しました。"))


def thanks_letter(chance: Chance, manner: str, facts: Facts) -> str:
    """The customer's thanks."""
    words = phrases().customer
    kind = {"brief": "thanks_brief", "angry": "thanks_angry", "en": "thanks_en"}.get(manner, "thanks")
    text = say(chance, words[kind])
    if manner in ("polite", "firm", "warm") and chance() < 0.5:
        text = "{agent}様\n\n" + text + ("\n\n{org}\n{surname}" if manner == "firm" else "\n{surname}")
    return text.format_map(facts)


def answer(
    chance: Chance,
    texts: Pool,
    manner: str,
    facts: Facts,
    *,
    greeting: str,
    lead: str,
    closing: str,
    sign: str,
) -> str:
    """A letter of ours: whom it is for, who writes, a word of feeling, the matter, the close, the signature.

    Neither regret nor thanks are said twice: what the matter itself begins with is left out of the frame.
    """
    words, body = phrases().agent, say(chance, texts)
    if manner == "en":
        head = say(chance, words["greeting_en" if greeting == "greeting" else "again_en"])
        parts = ["Dear {fullname},", head, body, "Kind regards,\n{agent_en}", sign]
        return "\n\n".join(parts).format_map(facts)
    if "ありがとう" in body[:40] or body.startswith("おめでとう"):
        greeting = "greeting_self" if greeting == "greeting" else "greeting_plain"
        lead = "" if (lead,) in words["kind"] else lead
    if lead and _regrets(lead) and _regrets(body):
        lead = ""
    if lead:
        body = lead + ("\n\n" if chance() < 0.5 else "\n") + body
    if closing == "closing_ask" and not any(word in body[-48:] for word in _REQUESTS):
        closing = "closing"
    close = (say(chance, words[closing]),) if closing else ()
    return "\n\n".join(("{name} 様", say(chance, words[greeting]), body, *close, sign)).format_map(facts)


def _regrets(text: str) -> bool:
    return "申し訳" in text or "お詫び" in text or "おかけし" in text


def lead_of(chance: Chance, topic: Topic, manner: str, quotable: str, *, late: bool) -> str:
    """The first words on the matter itself: regret or kindness, at times with the customer's own words."""
    words = phrases().agent
    if late:
        return say(chance, words["sorry_late"])
    if manner == "angry":
        return say(chance, words["sorry_angry"])
    if quotable and chance() < 0.3:
        quote = say(chance, words["quote_sorry" if topic.trouble else "quote_kind"])
        return quote.replace("{quote}", quotable)
    if topic.trouble:
        return say(chance, words["sorry"])
    return say(chance, words["kind_hurry" if manner == "hurry" else "kind"])


def quoting(head: str, text: str, new: str) -> str:
    """The customer's mail program puts what they answer below what they wrote."""
    lines = text.split("\n", 14)[:14]
    return f"{new}\n\n{head}:\n> " + "\n> ".join(lines)
