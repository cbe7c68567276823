"""The facts that one conversation keeps to: who, what was bought and when, what is promised for which day."""

from functools import lru_cache

from madoguchi.sample.arrivals import DAY, weekday
from madoguchi.sample.corpus import Item, Topic
from madoguchi.sample.customers import SampleCustomer, names, unlisted_phone
from madoguchi.sample.grammar import Chance, pick
from madoguchi.sample.world import Company, Desk, Person

Facts = dict[str, str]

_CODES = ("E03", "E11", "H04", "U12", "C06", "F21")
_SLOTS = ("午前中", "14時から16時", "16時から18時", "18時から20時", "19時から21時")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_HEIGHTS = ("152", "155", "158", "160", "163", "167", "170", "174", "178")
_CORPS = ("さつき", "若葉", "ひばり", "栄", "緑", "朝日", "花園")


@lru_cache(maxsize=4096)
def day_name(day: int) -> str:
    """A day as people write it: 11月3日."""
    _, month, date = _calendar(day)
    return f"{month}月{date}日"


@lru_cache(maxsize=1024)
def day_with_weekday(day: int) -> str:
    """A day with its weekday: 11月3日（火）."""
    return f"{day_name(day)}（{'月火水木金土日'[weekday(day)]}）"


def quoted_moment(wall: int) -> str:
    """A moment as mail programs head a quotation: 2026年11月3日(火) 12:31."""
    day, second = divmod(wall, DAY)
    year, month, date = _calendar(day)
    clock = f"{second // 3600}:{second // 60 % 60:02}"
    return f"{year}年{month}月{date}日({'月火水木金土日'[weekday(day)]}) {clock}"


@lru_cache(maxsize=4096)
def _calendar(day: int) -> tuple[int, int, int]:
    """Year, month and date of a day counted from 1970-01-01 (after Howard Hinnant's civil_from_days)."""
    era, of_era = divmod(day + 719_468, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    part = (5 * of_year + 2) // 153
    month = part + 3 if part < 10 else part - 9
    return year + era * 400 + (month <= 2), month, of_year - (153 * part + 2) // 5 + 1


def facts_of(
    chance: Chance, topic: Topic, customer: SampleCustomer, company: Company, desk: Desk, opened: int
) -> Facts:
    """Everything that the texts of one case may name, consistent in itself."""
    today = opened // DAY
    low, high = topic.lag
    lag = low + int(chance() * (high - low + 1))
    item = pick(chance, topic.items)
    facts = _person_facts(chance, customer)
    facts |= _item_facts(chance, item, topic, company.trade)
    facts |= _day_facts(chance, today, lag)
    facts |= _number_facts(chance, company.trade, today - lag)
    facts["shop"] = company.brand
    facts["shop_en"] = company.brand_en
    facts["domain"] = company.domain
    facts["desk"] = desk.public_name.rpartition(" ")[2]
    return facts


def promise_days(facts: Facts, ship: int) -> None:
    """Name this day as the day of shipping, and the day of arrival after it."""
    facts["ship"] = day_with_weekday(ship)
    facts["eta"] = day_with_weekday(ship + 1 + ship % 2)


def name_agent(facts: Facts, person: Person) -> None:
    """From here on this person speaks for the desk."""
    facts["agent"] = person.family
    facts["agent_en"] = person.key.partition(".")[0].capitalize()


def _person_facts(chance: Chance, customer: SampleCustomer) -> Facts:
    full = customer.full
    phone = customer.phone or unlisted_phone(customer.index)
    return {
        "name": f"{customer.organisation}\n{customer.family}" if customer.organisation else customer.family,
        "self": full if chance() < 0.45 else customer.family,
        "fullname": full,
        "surname": customer.family,
        "kana": customer.kana,
        "org": customer.organisation,
        "receipt_name": customer.organisation or full,
        "email": customer.email,
        "phone": phone,
        "last4": phone[-4:],
        "pref": customer.prefecture,
    }


def _item_facts(chance: Chance, item: Item, topic: Topic, trade: str) -> Facts:
    colours = item.colours or ("",)
    colour = int(chance() * len(colours))
    size, other = _sizes(chance, item, topic)
    facts = {
        "item": item.short,
        "item2": pick(chance, topic.items).short,
        "model": item.model,
        "part": item.part,
        "core": item.core,
        "price": f"{item.price:,}",
        "fee": f"{_fee(chance, item.price):,}",
        "colour": colours[colour],
        "colour2": colours[(colour + 1) % len(colours)],
        "size": size,
        "size2": other,
    }
    facts["product"] = _product(chance, facts, trade)
    if facts["item2"] == item.short:
        facts["item2"] = "乳液" if item.short != "乳液" else "化粧水"
    return facts


def _sizes(chance: Chance, item: Item, topic: Topic) -> tuple[str, str]:
    """The size that was bought and the one it should have been: a larger one, unless the topic is too large."""
    if len(item.sizes) < 2:
        return item.sizes * 2 or ("", "")  # type: ignore[return-value]
    at = int(chance() * (len(item.sizes) - 1))
    pair = item.sizes[at : at + 2]
    return (pair[1], pair[0]) if topic.down else (pair[0], pair[1])


def _fee(chance: Chance, price: int) -> int:
    return max(550, int(price * (0.15 + chance() * 0.3)) // 110 * 110)


def _product(chance: Chance, facts: Facts, trade: str) -> str:
    if trade == "cosmetics":
        return f"「{facts['model']}」" if chance() < 0.6 else facts["item"]
    how = chance()
    if how < 0.25:
        return facts["item"]
    if trade == "apparel":
        return f"{facts['item']}（{facts['colour']}・{facts['size']}）"
    if how < 0.6:
        return f"{facts['item']}（{facts['model']}、{facts['colour']}）"
    return f"{facts['item']} {facts['model']}"


def _day_facts(chance: Chance, today: int, lag: int) -> Facts:
    bought = today - lag
    arrived = min(bought + 2 + int(chance() * 2), today)
    ship = today + 1 + int(chance() * 2)
    due = min(bought + 3, today - 1) if lag < 20 else today + 6 + lag % 5
    return {
        "bought": day_name(bought) if lag < 200 else f"{_calendar(bought)[0]}年{_calendar(bought)[1]}月",
        "arrived": day_name(arrived),
        "ago": _ago(today - arrived, arrived),
        "due": day_name(due),
        "later": day_with_weekday(due + 7),
        "ship": day_with_weekday(ship),
        "eta": day_with_weekday(ship + 2),
    }


def _ago(days: int, day: int) -> str:
    if days == 0:
        return "今日"
    if days <= 2:
        return ("昨日", "おととい")[days - 1]
    if days <= 5:
        return "数日前に"
    return "先週" if days <= 12 else f"{day_name(day)}に"


def _number_facts(chance: Chance, trade: str, bought: int) -> Facts:
    number = int(chance() * 1_000_000)
    n, rest = number % 8 + 2, number // 7
    digits = f"{4000 + rest % 900}-{1000 + rest % 8999}-{1000 + number % 8999}"
    return {
        "order": _order(trade, number, bought),
        "track": digits,
        "carrier": pick(chance, names().carriers),
        "city": pick(chance, names().places),
        "slot": pick(chance, _SLOTS),
        "repair": f"R{rest % 90000 + 10000}",
        "lot": f"{_LETTERS[rest % 24]}{2400 + rest % 12}",
        "member": f"{10_000_000 + number * 7 % 89_999_999}",
        "coupon": f"{_LETTERS[number % 24]}{_LETTERS[rest % 24]}{100_000 + number % 899_999}",
        "paycode": f"{number % 90_000 + 10_000}-{rest % 900_000 + 100_000}",
        "code": _CODES[number % 6],
        "height": _HEIGHTS[number % 9],
        "room": f"{rest % 9 + 1}0{number % 6 + 1}",
        "corp": _CORPS[number % 7],
        "img": f"{number % 9000 + 1000}",
        "n": str(n),
        "stock": str(rest % 37 + 3),
    }


def _order(trade: str, number: int, bought: int) -> str:
    year, month, date = _calendar(bought)
    if trade == "electronics":
        return f"{year % 100}-{number:06}"
    if trade == "apparel":
        return f"{month:02}{date:02}-{number % 9000 + 1000}"
    return f"T{number // 1000:04}-{number % 9000 + 1000}"
