"""Who uses the installation while it is being killed: customers, an agent's program, an open screen."""

import json
import random
import re
import smtplib
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count

import httpx

from tests.load.installation import ADDRESS, AGENT, Installation

WORDS = (
    "昨日届いた品が動きません。",
    "サイズを交換していただけますか。",
    "領収書の宛名を変えてください。",
    "いつ届きますか。",
)
PAUSE = 0.15
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass
class Customers:
    """They write, and write again until a door has taken it; some answer what was taken before."""

    house: Installation
    seed: int
    taken: list[str] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    refusals: int = 0

    def senders(self, number: int) -> list["_Sender"]:
        """So many who write at once."""
        return [_Sender(self, n) for n in range(number)]


@dataclass
class _Sender:
    crowd: Customers
    number: int

    def work(self, enough: threading.Event) -> None:
        """Until it is enough; the mail that is under way is brought to its end."""
        dice = random.Random(f"{self.crowd.seed} {self.number}")
        mine: list[str] = []
        for which in count():
            if enough.is_set():
                return
            key = f"m{self.number}-{which}-{uuid.uuid4().hex[:8]}@home.example"
            parent = dice.choice(mine) if mine and dice.random() < 0.3 else ""
            self._hand_over(self._mail(key, parent, dice).as_bytes(policy=SMTP))
            self.crowd.taken.append(key)
            if parent:
                self.crowd.parents[key] = parent
            mine.append(key)
            time.sleep(PAUSE * dice.random())

    def _mail(self, key: str, parent: str, dice: random.Random) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = f"高橋 美咲 <customer{self.number}@home.example>"
        mail["To"], mail["Subject"], mail["Message-ID"] = ADDRESS, dice.choice(WORDS), f"<{key}>"
        if parent:
            mail["In-Reply-To"] = f"<{parent}>"
        mail.set_content("\n".join(dice.choices(WORDS, k=dice.randint(2, 30))))
        return mail

    def _hand_over(self, raw: bytes) -> None:
        while True:
            try:
                with smtplib.SMTP("127.0.0.1", self.crowd.house.mail, timeout=10) as door:
                    door.sendmail("customer@home.example", [ADDRESS], raw)
                return
            except (OSError, smtplib.SMTPException) as error:
                if getattr(error, "smtp_code", 0) >= 500:
                    raise
                self.crowd.refusals += 1
                time.sleep(0.3)


@dataclass
class Agent:
    """A program that answers cases for an agent, each answer under a key of its own until it has been taken."""

    house: Installation
    taken: dict[str, int] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    refusals: int = 0

    def work(self, enough: threading.Event) -> None:
        """Until it is enough."""
        headers = {"Authorization": f"Bearer {self.house.token}", "Accept-Language": "en"}
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self.house.web}/api/v1/", headers=headers, timeout=10
        ) as api:
            while not enough.is_set():
                listed = self._asked(lambda: api.get("cases", params={"view": "open", "limit": 20}))
                for case in listed.json()["items"]:
                    if not enough.is_set():
                        self._answer(api, case["number"])
                time.sleep(PAUSE)

    def _answer(self, api: httpx.Client, number: str) -> None:
        """Answer a case once; what the desk wants confirmed is confirmed, what has to wait is left."""
        # No digits: thirteen in a row may look like the number of a card, and are blotted out.
        key = f"answer-{uuid.uuid4().hex.translate(_LETTERS)}"
        body: dict[str, object] = {
            "text": f"確認してご連絡いたします。（{key}）",
            "status": "waiting_customer",
        }
        told = self._sent(api, number, key, body)
        if told.status_code == 422 and (questions := told.json().get("questions")):
            told = self._sent(api, number, key, body | {"confirmed": [q["key"] for q in questions]})
        if told.is_success and told.json()["state"] == "queued":
            self.taken[key] = int(told.json()["message"])
        else:
            self.others[f"{told.status_code} {told.json().get('title') or told.json().get('state')}"] += 1

    def _sent(self, api: httpx.Client, number: str, key: str, body: dict[str, object]) -> httpx.Response:
        named = {"Idempotency-Key": key}
        return self._asked(lambda: api.post(f"cases/{number}/replies", json=body, headers=named))

    def _asked(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """The same again until somebody answers who is not in trouble."""
        while True:
            try:
                if (told := ask()).status_code < 500 and told.status_code != 429:
                    return told
            except httpx.TransportError:
                pass
            self.refusals += 1
            time.sleep(0.3)


@dataclass
class Screen:
    """A screen that is told what happens, and comes back with the last place it knows when it is cut off."""

    house: Installation
    told: set[int] = field(default_factory=set)
    came_back: int = 0
    reloads: int = 0
    place: str = ""
    first: int = 0

    def work(self, enough: threading.Event) -> None:
        """Until the process ends."""
        cookies = self._sign_in()
        while True:
            try:
                self._listen(cookies)
            except httpx.HTTPError:
                time.sleep(0.3)
            self.came_back += 1

    def _listen(self, cookies: httpx.Cookies) -> None:
        address = f"http://127.0.0.1:{self.house.live}/live/stream"
        after = {"Last-Event-ID": self.place} if self.place else {}
        with httpx.stream("GET", address, cookies=cookies, headers=after, timeout=60) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    self._hear(json.loads(line.removeprefix("data: ")))

    def _hear(self, notice: dict[str, object]) -> None:
        self.place = str(notice.get("id") or self.place)
        self.first = self.first or int(self.place.partition("-")[2] or 0)
        if notice["kind"] == "reload":
            self.reloads += 1
            with self.house.database() as database:
                self.told |= {row[0] for row in database.execute("SELECT id FROM infra_event")}
        elif notice["kind"] != "hello" and "id" in notice:
            self.told.add(int(str(notice["id"]).partition("-")[2]))

    def _sign_in(self) -> httpx.Cookies:
        while True:
            try:
                with httpx.Client(
                    base_url=f"http://127.0.0.1:{self.house.web}", follow_redirects=True
                ) as browser:
                    page = browser.get("/account/login/").text
                    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
                    form = {"login": AGENT, "password": self.house.password}
                    browser.post(
                        "/account/login/", data=form | {"csrfmiddlewaretoken": token[1] if token else ""}
                    )
                    if "madoguchi_session" in browser.cookies:
                        return browser.cookies
            except httpx.TransportError:
                pass
            time.sleep(0.5)
