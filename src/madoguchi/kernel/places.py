"""Postal addresses of Japan in a form in which those of one place compare equal, however they were written down.

Not a register of what exists: nothing is looked up, only ways of writing are made one. 1丁目2番3号, 一丁目2番地3,
１−２−３ and 1ー2の3 are one; a building that only one of two writers names makes them two.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from madoguchi.kernel.folding import fold

_POSTCODE = re.compile(r"^(?:〒|郵便番号:?)?([0-9]{3})-?([0-9]{4})(?![0-9-])")
_NUMBER = "[0-9〇一二三四五六七八九十百]+"
_APART = re.compile(r"(?<=[0-9])\s+(?=[0-9])")
# A floor or a room that stands apart is none of the house's numbers: 1-2 3階, 1丁目2番 301号室, 1-2 301.
_HOME_APART = (
    re.compile(r"([0-9番号目地])\s+(?=[0-9]+(?:階|[Ff](?![A-Za-z])|号[室棟]))"),
    re.compile(
        rf"({_NUMBER}(?:[‐‑‒–—―−ー-]|丁目|番地?の?|の)[0-9]+(?:番地?|号)?)\s+(?=[0-9]{{3,4}}(?![0-9-]))"
    ),
)
# Behind three numbers there is a room whether or not it stands apart.
_ROOM = re.compile(r"(?<![0-9-])([0-9]+(?:-[0-9]+){2,})/(?=[0-9])")
_SIGNS = re.compile(r"[,、。()]|大字")
# 北一条西二丁目, 五番3号: numbers where numbers of places stand, and nowhere else (一番町 and 八番館 are names).
_COUNTED = re.compile(r"[〇一二三四五六七八九十百]+(?=丁目|番(?![町館])|号|条)")
_AFTER_DIGITS = re.compile(r"(?<=[0-9])(?:丁目|番地の?|番(?![町館])|号[室棟]?|[のー~](?=[0-9]))")
_LOOSE = re.compile(r"-+(?![0-9])|(?<![0-9])-+")
_DIGITS: Final = {sign: at for at, sign in enumerate("〇一二三四五六七八九")}
# 150-0001; 1丁目, 12番地, 3番5号; and behind a town a number with others: 三条通12-3.
_A_PLACE = re.compile(
    rf"〒|(?<![0-9-])[0-9]{{3}}-[0-9]{{4}}(?![0-9-])|{_NUMBER}(?:丁目|番地|番{_NUMBER}号)"
    rf"|[都道府県市区町村郡][^0-9、。]{{0,20}}[0-9]+(?:-[0-9]+)+(?![0-9日週月年時分枚個円%])"
)
_TENS: Final = {"十": 10, "百": 100}
# As far as the house: three numbers at most, for a fourth is a room; 北1条西2-3 and 1番町2-3 go on behind the first.
_HOUSE = re.compile(r"(?:[^0-9]*[0-9]+(?:条|線|番町|番館))*[^0-9]*[0-9]+(?:-[0-9]+){0,2}")


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts, folded: the postcode (empty where none is written), the town with the numbers of the
    house, and the building with the room; `whole` is both as they stand together.
    """

    code: str
    street: str
    building: str
    whole: str


def place_in_parts(written: str) -> Place:
    """An address with its building apart. Without any number all of it is the street."""
    code, place = _parted(written)
    found = _HOUSE.match(place)
    street = found[0] if found else place
    return Place(code, street, place[len(street) :].strip("-/"), place)


def house_of(written: str) -> str:
    """The town with the numbers of the house, as all who live in it have it; empty where no number is written."""
    street = place_in_parts(written).street
    return street if any(sign.isdigit() for sign in street) else ""


def is_same_house(one: Place, other: Place) -> bool:
    """Whether two addresses are of one house, and of one home in it as far as both name that: 1-2-3 ハイツ101, 1-2-3
    and 1-2-3-101 are, 1-2-3-102 is another.
    """
    codes = {one.code, other.code} - {""}
    if one.street != other.street or len(codes) > 1 or not any(sign.isdigit() for sign in one.street):
        return False
    homes = one.building, other.building
    rooms = tuple("-".join(re.findall("[0-9]+", home)) for home in homes)
    if "" in homes or homes[0] == homes[1]:
        return True
    return (
        rooms[0] == rooms[1] if all(rooms) else homes[0].startswith(homes[1]) or homes[1].startswith(homes[0])
    )


def place_of(written: str) -> str:
    """An address without its postcode, folded; empty for nothing."""
    return _parted(written)[1]


def is_same_place(one: str, other: str) -> bool:
    """Whether two addresses are of one place: the same words once folded, and no two postcodes."""
    return are_same(place_in_parts(one), place_in_parts(other))


def are_same(one: Place, other: Place) -> bool:
    """`is_same_place` of addresses in their parts."""
    return bool(one.whole) and one.whole == other.whole and len({one.code, other.code} - {""}) < 2


def names_a_place(text: str) -> bool:
    """Whether there is in a text what looks like a postal address, or part of one: rather once too often."""
    wide = re.sub("[‐‑‒–—―−ー]", "-", unicodedata.normalize("NFKC", text))
    return _A_PLACE.search(re.sub(r"\s", "", wide)) is not None


def _parted(written: str) -> tuple[str, str]:
    """The postcode, and the rest folded."""
    apart = unicodedata.normalize("NFKC", written).strip()
    for home in _HOME_APART:
        apart = home.sub(r"\1/", apart)
    folded = _SIGNS.sub("", fold(_APART.sub("-", apart)))
    found = _POSTCODE.match(folded)
    code = found[1] + found[2] if found else ""
    rest = folded[found.end() :] if found else folded
    rest = _COUNTED.sub(lambda number: str(_number(number[0])), rest)
    rest = re.sub("-+", "-", _AFTER_DIGITS.sub("-", rest))
    return code, _ROOM.sub(r"\1-", _LOOSE.sub("", rest)).strip("/")


def _number(written: str) -> int:
    """二十三 as 23, and 二三 as well."""
    if not set(written) & set(_TENS):
        return int("".join(str(_DIGITS[sign]) for sign in written))
    total, last = 0, 0
    for sign in written:
        if sign in _TENS:
            total, last = total + (last or 1) * _TENS[sign], 0
        else:
            last = _DIGITS[sign]
    return total + last
