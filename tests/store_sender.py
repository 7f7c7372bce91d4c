"""Sends prepared fillings to a store from several threads, and says which were acknowledged.

Run as a process of its own, to be killed at any moment:
``python store_sender.py URL FOLDER FILLINGS THREADS``, with ``-`` for no folder. Fillings are JSON:
number to XML. Each acknowledged one is a line ``NUMBER CODE`` on standard output.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from pathlib import Path

from pk_research.errors import NotReady
from pk_research.store import Store, open_store
from pk_research.store.actors import Actor, Role

SENDER = Actor("account", "a-sender", Role.ENUMERATOR)


def photo_of(number: str) -> bytes:
    """The photo of a filling: some are shared by several."""
    return f"photo {int(number) % 7}".encode()


def send(store: Store, number: str, xml: str) -> str:
    """Send until it is acknowledged, as a client does."""
    while True:
        try:
            receipt = store.submissions.receive(
                xml, by=SENDER, via="test", attachments={"photo.jpg": photo_of(number)}
            )
        except NotReady:
            time.sleep(0.05)
        else:
            return receipt.code


def main(url: str, folder: str, fillings: str, threads: str) -> None:
    store = open_store(url, attachments=None if folder == "-" else Path(folder), key=b"k" * 32)
    waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    for entry in json.loads(Path(fillings).read_text(encoding="utf-8")).items():
        waiting.put(entry)
    saying = threading.Lock()

    def work() -> None:
        while True:
            try:
                number, xml = waiting.get_nowait()
            except queue.Empty:
                return
            code = send(store, number, xml)
            with saying:
                sys.stdout.write(f"{number} {code}\n")
                sys.stdout.flush()

    workers = [threading.Thread(target=work) for _ in range(int(threads))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
