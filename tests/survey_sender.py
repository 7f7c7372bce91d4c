"""Somebody who fills and sends forms over HTTP as our script does: in order, again and again, once.

Each sender comes from a loopback address of their own, as people do from phones. Now and then they
hang up before the answer comes: the server did what was asked, and nobody heard of it.
"""

from __future__ import annotations

import json
import random
import re
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie

FIRST_RETRY_S = 0.05
LONGEST_RETRY_S = 2.0
GIVEN_UP_AFTER_S = 120
LATER = frozenset({429, 503})


@dataclass
class Reply:
    """What the server answered."""

    status: int
    text: str
    retry_after_s: float | None


def answers_of(number: int) -> dict[str, str]:
    """What one person answers: no two people answer the same."""
    answers = {
        "/data/usaha/owner": f"Ibu {number}",
        "/data/usaha/workers": str(number % 90),
        "/data/usaha/licensed": "no" if number % 2 else "yes",
        "/data/produk/product": f"Emping <melinjo> & {number % 7}",
    }
    return answers if number % 2 else {**answers, "/data/usaha/number": f"NIB-{number}"}


def batches_of(number: int) -> list[list[dict[str, object]]]:
    """The operations of a filling as they are sent: a slip of the finger first, put right at once."""
    typed = [("/data/usaha/owner", "Ibu s"), *answers_of(number).items()]
    ops = [{"n": n, "op": "answer", "path": path, "value": value} for n, (path, value) in enumerate(typed, 1)]
    return [ops[:3], ops[3:]]


@dataclass
class Sender:
    """One client: its connection, its cookies, and what it went through."""

    port: int
    token: str
    address: str
    dice: random.Random
    hangs_up: float = 0.0
    retries: int = 0
    told_to_wait: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    connection: HTTPConnection | None = None

    def enter(self) -> None:
        """Open the invitation link."""
        self._insist("GET", f"/i/{self.token}", expected=303)

    def fill_and_send(self, number: int) -> str:
        """Fill the form of one person and send it; return the receipt code."""
        draft = self._api("open", form="usaha")["draft"]
        for ops in batches_of(number):
            patch = self._api("sync", draft=draft, client="phone", ops=ops)
            assert patch["saved"]
            assert patch["applied"]["phone"] == ops[-1]["n"]
        code: str = self._api("submit", draft=draft, client="phone", ops=[])["receipt"]["code"]
        return code

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _api(self, what: str, **body: object) -> dict:
        return json.loads(self._insist("POST", f"/survey/api/{what}", json.dumps(body), expected=200).text)

    def _insist(self, method: str, path: str, body: str | None = None, *, expected: int) -> Reply:
        """Ask until the server says what became of it, more and more slowly."""
        deadline, failures = time.monotonic() + GIVEN_UP_AFTER_S, 0
        while True:
            try:
                reply = self._ask(method, path, body)
            except (OSError, HTTPException):
                self.close()
                wait_s = None
            else:
                assert "Traceback" not in reply.text
                if reply.status == expected:
                    return reply
                assert reply.status in LATER, (path, reply)
                wait_s = self._told(reply)
            assert time.monotonic() < deadline, f"{path}: the server does not come back"
            self.retries += 1
            time.sleep(self._pause_s(failures) if wait_s is None else wait_s)
            failures += 1

    def _told(self, reply: Reply) -> float | None:
        """Return how long the server asks to wait, if it is too much for it."""
        if reply.status != 429:
            return None
        assert reply.retry_after_s is not None, "it says when to come back"
        self.told_to_wait += 1
        return reply.retry_after_s

    def _pause_s(self, failures: int) -> float:
        return min(LONGEST_RETRY_S, FIRST_RETRY_S * 2**failures) * self.dice.uniform(0.8, 1.2)

    def _ask(self, method: str, path: str, body: str | None) -> Reply:
        if self.connection is None:
            self.connection = HTTPConnection(
                "127.0.0.1", self.port, timeout=30, source_address=(self.address, 0)
            )
        headers = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "X-PK-Form": "1",
            "Content-Type": "application/json",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        self.connection.request(method, path, body, headers)
        if self.dice.random() < self.hangs_up:
            time.sleep(self.dice.uniform(0, 0.05))
            raise ConnectionAbortedError
        response = self.connection.getresponse()
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.coded_value for name, morsel in SimpleCookie(line).items()}
        wait = response.headers.get("Retry-After")
        text = response.read().decode()
        return Reply(response.status, text, None if wait is None else float(wait))


def answers_in(xml: str) -> dict[str, str]:
    """Return the answers of a filling that is kept, those of its questions that have one."""
    groups = {name: re.search(f"<{name}>(.*?)</{name}>", xml, re.DOTALL) for name in ("usaha", "produk")}
    return {
        f"/data/{group}/{name}": value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        for group, found in groups.items()
        if found is not None
        for name, value in re.findall(r"<(\w+)>([^<]+)</\1>", found[1])
    }
