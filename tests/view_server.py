"""A live view in a process of its own, and plain sockets to knock at it."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.children import itcho_environment

SMALL_WORLD = ("--investors", "60", "--importers", "50", "--adopters", "60")
_TELLING = """
import gc, json, os, sys, threading, time, weakref
from itcho.experiments.view import live_world
alive = weakref.WeakSet()
build = live_world.LiveWorld.__init__
def counted(self, *arguments, **named):
    alive.add(self)
    build(self, *arguments, **named)
live_world.LiveWorld.__init__ = counted
def tell(place):
    while True:
        with open(place + ".part", "w") as stream:
            json.dump({"worlds": len(alive)}, stream)
        os.replace(place + ".part", place)
        time.sleep(0.5)
        if len(alive) > 0:  # What nobody holds any more lives on until Python next looks for circles.
            gc.collect()
threading.Thread(target=tell, args=(sys.argv.pop(1),), daemon=True).start()
from itcho.experiments.cli.main import main
main()
"""
"""Runs `itcho` and writes into a file how many worlds are alive."""


@dataclass
class Server:
    """A running view.

    Attributes
    ----------
    address : as it was printed.
    told : file that holds how many worlds are alive; ``None`` where nobody counts.
    """

    process: subprocess.Popen[str]
    address: str
    told: Path | None = None

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]

    @property
    def cookie(self) -> str:
        return f"itcho_view_{self.port}={self.token}"

    @property
    def own_headers(self) -> dict[str, str]:
        """What the browser of the owner sends."""
        return {"Host": self.host, "Cookie": f"{self.cookie}; solara-session-id=tests", "Origin": f"http://{self.host}"}

    def worlds(self) -> int:
        assert self.told is not None
        return int(json.loads(self.told.read_text())["worlds"])

    def megabytes(self) -> float:
        """Memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024.0

    def ask(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, str]:
        """Status and whole answer to a request with exactly these headers (the owner's by default)."""
        given = self.own_headers if headers is None else headers
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
            answer = b"".join(iter(lambda: line.recv(65536), b"")).decode("utf-8", "replace")
        return int(answer.split(" ", 2)[1]), answer

    def socket(self, world: str, headers: dict[str, str] | None = None, path: str | None = None) -> Line:
        """Ask for a websocket."""
        given = self.own_headers if headers is None else headers
        where = path or f"/jupyter/api/kernels/{world}/channels?session_id={world}"
        upgrade = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        }
        lines = [f"GET {where} HTTP/1.1", *(f"{name}: {value}" for name, value in (given | upgrade).items())]
        line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (more := line.recv(1)):
            answer += more
        return Line(line, int(answer.split(b" ", 2)[1]))


@dataclass
class Line:
    """An answered request for a websocket: 101 if it is one."""

    socket: socket.socket
    status: int

    def send(self, payload: bytes, opcode: int = 1, final: bool = True, length: int | None = None) -> None:
        """Send a frame, masked as a client's; ``length`` is what its head claims."""
        size = len(payload) if length is None else length
        head = bytes([opcode | (0x80 if final else 0)])
        if size < 126:
            head += bytes([0x80 | size])
        else:
            head += bytes([0x80 | (126 if size < 65536 else 127)]) + struct.pack("!H" if size < 65536 else "!Q", size)
        self.socket.sendall(head + bytes(4) + payload)

    def closed_with(self) -> int | None:
        """The code of the server's closing frame; ``None`` where it just hung up."""
        with self.socket.makefile("rb") as stream, suppress(OSError):
            while len(head := stream.read(2)) == 2:
                size = head[1] & 0x7F
                if size >= 126:
                    size = int.from_bytes(stream.read(2 if size == 126 else 8), "big")
                payload = stream.read(size)
                if head[0] & 0x0F == 8:
                    return int.from_bytes(payload[:2], "big") if payload else None
        return None

    def close(self) -> None:
        self.socket.close()


@contextmanager
def served(*arguments: str, told: Path | None = None, **environment: str) -> Iterator[Server]:
    """`itcho view` on a free port, ended afterwards; with ``told``, worlds are counted."""
    program = ["-m", "itcho.experiments.cli.main"] if told is None else ["-c", _TELLING, str(told)]
    command = [sys.executable, *program, "view", "--port", "0", "--no-browser", *arguments]
    process = subprocess.Popen(command, env=itcho_environment() | environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
        assert found is not None, f"the server said {line!r}"
        yield Server(process, found.group(0), told)
    finally:
        process.terminate()
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return holds()
