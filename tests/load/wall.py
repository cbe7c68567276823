"""The supervisors' wall in a browser while customers write: how far behind it is, and whether it ever stands still.

Run by hand: `.venv/bin/python -m tests.load.wall [--rate 20] [--seconds 60]`. It starts an installation of its own as
`madoguchi up` does, with sample data, opens the wall of one desk in Chromium, and sends mail through the SMTP door, so
many a second by a clock, to all desks by turns. Each mail to that desk is a change that its wall has to show.

*Task*: whatever kept the page from answering for more than 50 ms, as the browser itself tells. *Lag*: from the moment
at which the door had taken a mail to the one at which the figure counted it; what of it went by until the case was
there is said beside it. It ends with 1 where a task took more than 200 ms, where one mail in twenty was shown later
than after two seconds, or where one was refused or never shown, where they came slower than asked, and where the page
was loaded again.
"""

import argparse
import smtplib
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from playwright.sync_api import Page, sync_playwright

from tests.load.installation import ADDRESS, AGENT, Installation
from tests.load.sink import Sink
from tests.servers.chromium import FLAGS, program

MOST_TASK_MS, MOST_LAG_S, SHARE = 200.0, 2.0, 0.95
SENDERS, SETTLES = 8, 30.0
# Slower than that it was another load than the one asked for.
NEARLY = 0.95
_DESKS = """
    SELECT address, desk_id FROM companies_entrypoint WHERE kind = 'email' AND address <> '' ORDER BY address
"""
_OPENED = """
    SELECT extract(epoch FROM at)::float8 FROM infra_event WHERE kind = 'case.opened' AND desk_id = %s AND at >= %s
    ORDER BY at
"""
# What the browser notes by itself: tasks as they end, and each number of the wall from the moment it stands there.
_NOTE = """() => {
  const sum = () => [...document.querySelectorAll("#wall-queues td.big")]
    .reduce((all, one) => all + Number(one.textContent.replace(/[^0-9]/g, "")), 0);
  window.noted = { tasks: [], asked: [], news: [], shown: [[Date.now(), sum()]] };
  new PerformanceObserver((list) => list.getEntries().forEach((one) => noted.tasks.push(one.duration)))
    .observe({ type: "longtask" });
  new PerformanceObserver((list) => list.getEntries().forEach((one) => noted.asked.push(one.duration / 1000)))
    .observe({ type: "resource" });
  document.addEventListener("live", ({ detail }) => detail.kind === "case.opened" && noted.news.push(Date.now()));
  new MutationObserver(() => {
    if (sum() !== noted.shown.at(-1)[1]) noted.shown.push([Date.now(), sum()]);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


@dataclass
class Feed:
    """Mail at a rate, by a clock, whatever the one before took; `taken` are the moments at which the door had one."""

    port: int
    addresses: Sequence[str]
    rate: float
    seconds: float
    taken: dict[str, list[float]] = field(default_factory=dict)
    refused: int = 0
    took: float = 0

    def run(self) -> None:
        """Until all of them are sent."""
        self.taken = {address: [] for address in self.addresses}
        begun = time.monotonic()
        crowd = [threading.Thread(target=self._work, args=[n, begun]) for n in range(SENDERS)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        self.took = time.monotonic() - begun

    def _work(self, first: int, begun: float) -> None:
        for number in range(first, round(self.rate * self.seconds), SENDERS):
            time.sleep(max(0.0, begun + number / self.rate - time.monotonic()))
            self._send(number, self.addresses[number % len(self.addresses)])

    def _send(self, number: int, to: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = f"wall{number}@home.example", to
        mail["Subject"], mail["Message-ID"] = f"届きません {number}", f"<wall{number}@home.example>"
        mail.set_content("昨日届くはずの品が届いていません。")
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as door:
                door.sendmail(f"wall{number}@home.example", [to], mail.as_bytes(policy=SMTP))
                self.taken[to].append(time.time())
        except (OSError, smtplib.SMTPException):
            self.refused += 1


def lags(taken: Sequence[float], shown: Sequence[tuple[float, int]]) -> list[float]:
    """How many seconds after it was taken each mail stood in the figure, of those that ever did; the first of `shown`
    (moment in ms, number) is how it stood before.
    """
    before = shown[0][1]
    found = []
    for count, moment in enumerate(sorted(taken), 1):
        at = next((at for at, number in shown if number >= before + count), None)
        if at is not None:
            found.append(max(0.0, at / 1000 - moment))
    return sorted(found)


def wall_of(page: Page, house: Installation, desk: int) -> None:
    """Sign in and open the wall of a desk, live."""
    page.goto(f"http://127.0.0.1:{house.web}/account/login/")
    page.locator("input[name=login]").fill(AGENT)
    page.locator("input[name=password]").fill(house.password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"http://127.0.0.1:{house.web}/wall/?desk={desk}")
    page.wait_for_selector(":root[data-live=on]")
    page.evaluate(_NOTE)


def wait_until_shown(page: Page, count: int) -> None:
    """Until the figure has counted so many, or for as long as it may take."""
    wanted = f"() => window.noted?.shown.at(-1)[1] - window.noted.shown[0][1] >= {count}"
    deadline = time.monotonic() + SETTLES
    while time.monotonic() < deadline and not page.evaluate(wanted):
        page.wait_for_timeout(200)


def until_opened(house: Installation, desk: int, taken: Sequence[float]) -> list[float]:
    """How many seconds after it was taken each mail was a case of the desk."""
    with house.database() as database:
        rows = database.execute(_OPENED, [desk, datetime.fromtimestamp(min(taken) - 1, UTC)]).fetchall()
    return lags(taken, [(0.0, 0), *((at * 1000, count) for count, (at,) in enumerate(rows, 1))])


def at_share(seconds: Sequence[float], share: float) -> float:
    """The one of these, in order, below which such a share lies."""
    return seconds[int(len(seconds) * share)] if seconds else SETTLES


def told(
    feed: Feed, taken: Sequence[float], opened: Sequence[float], noted: dict[str, list[float]] | None
) -> list[str]:
    """Print what was seen; what of it is not as it has to be."""
    if noted is None:
        return ["the page was loaded again"]
    late = lags(taken, noted["shown"])  # type: ignore[arg-type]
    p50, p95 = (at_share(late, share) for share in (0.5, SHARE))
    task, sent = max(noted["tasks"], default=0.0), sum(map(len, feed.taken.values()))
    rate = sent / feed.took
    print(
        f"{sent} mails taken, {rate:.1f} a second, {feed.refused} refused; {len(taken)} are of the wall shown"
    )
    print(f"longest task {task:.0f} ms, {len(noted['tasks'])} over 50 ms; drawn {len(noted['shown'])} times")
    print(f"lag p50 {p50:.2f} s, p95 {p95:.2f} s, at most {max(late, default=SETTLES):.2f} s")
    heard = lags(taken, [(0.0, 0), *((at, count) for count, at in enumerate(noted["news"], 1))])
    for what, seconds in (
        ("of it until the case was there", opened),
        ("until the browser heard of it", heard),
        ("one drawing, until its answer", sorted(noted["asked"])),
    ):
        print(f"{what} p50 {at_share(seconds, 0.5):.2f} s, p95 {at_share(seconds, SHARE):.2f} s")
    found = {
        f"a task took {task:.0f} ms": task > MOST_TASK_MS,
        f"one in twenty was shown after {p95:.2f} s": p95 > MOST_LAG_S,
        f"{feed.refused} mails were refused": feed.refused > 0,
        f"{len(taken) - len(late)} were never shown": len(late) < len(taken),
        f"only {rate:.1f} a second came": rate < NEARLY * feed.rate,
    }
    return [words for words, holds in found.items() if holds]


def main() -> None:
    """One run."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=20)
    options.add_argument("--seconds", type=float, default=60)
    asked = options.parse_args()
    with Sink() as sink, Installation(sink.port) as house, sync_playwright() as play:
        with house.database() as database:
            desks: dict[str, int] = dict(database.execute(_DESKS).fetchall())
        page = play.chromium.launch(executable_path=program(), args=FLAGS).new_page()
        wall_of(page, house, desks[ADDRESS])
        feed = Feed(house.mail, sorted(desks), asked.rate, asked.seconds)
        sending = threading.Thread(target=feed.run)
        sending.start()
        while sending.is_alive():
            page.wait_for_timeout(200)
        taken = [at for to, moments in feed.taken.items() if desks[to] == desks[ADDRESS] for at in moments]
        wait_until_shown(page, len(taken))
        opened = until_opened(house, desks[ADDRESS], taken)
        wrong = told(feed, taken, opened, page.evaluate("() => window.noted ?? null"))
    for words in wrong:
        print(f"WRONG: {words}")
    sys.exit(int(bool(wrong)))


if __name__ == "__main__":
    main()
