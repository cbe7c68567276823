"""Everybody connected to this process. Publishing never waits: who cannot keep up is let go and comes back."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from madoguchi.cases.actions.together import TOGETHER
from madoguchi.cases.events import CaseContinued, MessageReceived, MessageWritten, StatusChanged
from madoguchi.delivery.events import MessageTakenBack
from madoguchi.infra import fleeting
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.facts import is_among_colleagues
from madoguchi.people.sessions import digest_of
from madoguchi.people.sight import Sight
from madoguchi.project.live.sight import Viewer

# More than a person's screen is told in minutes; a connection that far behind is as good as dead.
MOST_WAITING = 256

# WebSocket close codes of ours, besides 1013 (try again later).
SIGNED_OUT = 4401
TOO_SLOW = 1013
GOING_AWAY = 1001


class Notice:
    """One thing to tell, made ready once however many it goes to."""

    __slots__ = ("for_socket", "for_stream")

    def __init__(self, content: dict[str, Any]) -> None:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        place = f"id: {content['id']}\n" if "id" in content else ""
        self.for_socket = {"type": "websocket.send", "text": text}
        self.for_stream = f"{place}data: {text}\n\n".encode()


# What of an event's own data is told beside where it happened: ids and numbers, no words.
_TOLD = ("number", "customer")

PING = Notice({"kind": "ping"})
RELOAD = Notice({"kind": "reload"})
NEWS = Notice({"kind": "news"})
# What a visitor's page asks anew after: words of ours or theirs, one that was taken back, and who begins to write.
TOLD_TO_GUESTS = {
    fact.kind for fact in (CaseContinued, MessageReceived, MessageWritten, MessageTakenBack, StatusChanged)
} | {TOGETHER}


def notice_of(event: Recorded) -> Notice:
    """What is told of an event: that it happened and where, of which customer's case, never what was said."""
    content: dict[str, Any] = {
        "id": written(event.cursor),
        "kind": event.kind,
        "case": event.case,
        "company": event.company,
        "desk": event.desk,
        "actor": event.actor_id,
        "at": event.at.isoformat(),
    }
    data = json.loads(event.data_text)
    return Notice(content | {key: data[key] for key in _TOLD if data.get(key) is not None})


def written(place: Cursor) -> str:
    """A place in the log as clients keep it."""
    return f"{place.tx}-{place.event_id}"


def place_of(text: str) -> Cursor | None:
    """The place a client names; None when it names none or nonsense."""
    tx, _, event_id = text.partition("-")
    known = tx.isascii() and tx.isdigit() and event_id.isascii() and event_id.isdigit()
    return Cursor(int(tx), int(event_id)) if known and len(text) <= 40 else None


class Connection:
    """What waits to be sent to somebody, and why it ends."""

    __slots__ = ("_news", "_waiting", "ended")

    def __init__(self) -> None:
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting: deque[Notice] = deque()
        self._news: asyncio.Future[None] | None = None

    def offer(self, notice: Notice) -> None:
        """Give it something to send; ends the connection that has too much unsent."""
        if len(self._waiting) >= MOST_WAITING:
            self.end(TOO_SLOW)
            return
        self._waiting.append(notice)
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def next(self) -> list[Notice]:
        """What waits, once something does."""
        if not self._waiting:
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def end(self, code: int) -> None:
        """The connection is to be closed, with this code."""
        if not self.ended.done():
            self.ended.set_result(code)


class Client(Connection):
    """The connection of somebody who is signed in."""

    __slots__ = ("session", "sight", "user")

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.session, self.user = viewer.session, viewer.user
        self.sight = viewer.sight


class Hub:
    """The connections of this process by what they may see. `guests` are those who have but a chat."""

    def __init__(self) -> None:
        self.guests = Guests()
        self.clients: set[Client] = set()
        self.place: Cursor | None = None
        self._of_company: dict[int, set[Client]] = {}
        self._of_desk: dict[int, set[Client]] = {}

    def connect(self, viewer: Viewer) -> Client:
        """From now on a connection is told of what its viewer may see."""
        client = Client(viewer)
        self.clients.add(client)
        self._place(client)
        return client

    def disconnect(self, client: Client) -> None:
        """The connection is gone."""
        self.clients.discard(client)
        self._take_out(client)

    def see(self, client: Client, sight: Sight) -> None:
        """The viewer may see other things from now on."""
        if sight != client.sight:
            self._take_out(client)
            client.sight = sight
            self._place(client)

    def publish(self, events: Iterable[Recorded]) -> None:
        """Tell each event to all who may see it."""
        for event in events:
            self.place = event.cursor
            self.guests.hear(event.kind, case=event.case)
            told = self._seeing(event.company, event.desk)
            if is_among_colleagues(event.kind):
                told = self._working(told, event.company, event.desk)
            if told:
                notice = notice_of(event)
                for client in told:
                    client.offer(notice)

    def pass_on(self, words: Iterable[str]) -> None:
        """Tell fleeting news to the one whom it is for or, being of colleagues, to those who work there.

        It has no place in the log: who misses it asks anew.
        """
        for news in fleeting.news_in(words):
            notice = Notice(fleeting.said_of(news))
            self.guests.hear(news.kind, case=news.case)
            told = self._seeing(news.company, news.desk)
            if news.person is None:
                told = self._working(told, news.company, news.desk)
            for client in told:
                if news.person in (None, client.user):
                    client.offer(notice)

    def tell_all(self, notice: Notice) -> None:
        """Tell every connection."""
        for connection in (*self.clients, *self.guests):
            connection.offer(notice)

    def end_sessions(self, digests: Iterable[str]) -> None:
        """Close the connections of sessions that were ended; they are known by their digests."""
        gone = set(digests)
        for client in [c for c in self.clients if gone and digest_of(c.session) in gone]:
            client.end(SIGNED_OUT)

    def end_all(self, code: int) -> None:
        """Close every connection."""
        for connection in (*self.clients, *self.guests):
            connection.end(code)

    def _seeing(self, company: int, desk: int | None) -> set[Client]:
        told = self._of_company.get(company, set())
        return told if desk is None else told | self._of_desk.get(desk, set())

    def _working(self, clients: set[Client], company: int, desk: int | None) -> set[Client]:
        return {client for client in clients if client.sight.works_at(company=company, desk=desk)}

    def _place(self, client: Client) -> None:
        for company in client.sight.companies:
            self._of_company.setdefault(company, set()).add(client)
        for desk in client.sight.desks:
            self._of_desk.setdefault(desk, set()).add(client)

    def _take_out(self, client: Client) -> None:
        for company in client.sight.companies:
            _leave(self._of_company, company, client)
        for desk in client.sight.desks:
            _leave(self._of_desk, desk, client)


class Guests:
    """Visitors of chats by the case in which they talk. They are told no more than that it is time to ask."""

    def __init__(self) -> None:
        self._of_case: dict[int, set[Connection]] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter([guest for guests in self._of_case.values() for guest in guests])

    def connect(self, case: int) -> Connection:
        """From now on a connection is told when something is said in a case."""
        guest = Connection()
        self._of_case.setdefault(case, set()).add(guest)
        return guest

    def disconnect(self, guest: Connection, case: int) -> None:
        """The connection is gone."""
        guests = self._of_case.get(case, set())
        guests.discard(guest)
        if not guests:
            self._of_case.pop(case, None)

    def hear(self, kind: str, *, case: int | None) -> None:
        """Something happened in a case."""
        if case is not None and kind in TOLD_TO_GUESTS:
            for guest in self._of_case.get(case, ()):
                guest.offer(NEWS)


def _leave(groups: dict[int, set[Client]], key: int, client: Client) -> None:
    group = groups.get(key, set())
    group.discard(client)
    if not group:
        groups.pop(key, None)
