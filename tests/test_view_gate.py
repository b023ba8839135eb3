"""The live view answers its own page and nobody else, and takes no more than it can hold."""

from __future__ import annotations

import importlib.util
import json
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from itcho.agents.errors import InputError
from itcho.experiments.view.choices import fields, offered
from itcho.experiments.view.gate import MOST_MESSAGE_BYTES, MOST_SOCKETS, MOST_WORLDS
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.server import _listener, host_name
from itcho.experiments.view.settings import ViewSettings
from itcho.model.sizes import LARGEST, LARGEST_SEED, LONGEST_WATCHED_YEARS, MOST_IN_VIEW, SMALLEST, checked_sizes
from tests.view_server import SMALL_WORLD, Line, Server, served, wait_until

MISSING = [name for name in ("solara", "solara_assets") if importlib.util.find_spec(name) is None]
serving = pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}: pip install 'itcho[view]'")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(*SMALL_WORLD, SOLARA_KERNEL_CULL_TIMEOUT="1s") as running:
        yield running


@serving
def test_the_printed_address_gives_a_cookie_and_the_page(server: Server) -> None:
    status, answer = server.ask(f"/?token={server.token}", {"Host": server.host})
    assert status == 200
    (cookie,) = [line for line in answer.splitlines() if line.lower().startswith("set-cookie")]
    assert cookie.split(": ", 1)[1].split("; ") == [server.cookie, "Path=/", "HttpOnly", "SameSite=Strict"]
    assert "solara" not in answer.lower()
    status, page = server.ask("/")
    assert status == 200
    assert "solara" in page.lower()
    assert server.token not in page.split("\r\n\r\n", 1)[1]
    for guard in ("cross-origin-resource-policy: same-origin", "x-frame-options: DENY", "frame-ancestors 'none'"):
        assert guard in page
    assert len(server.token) >= 32


@serving
@pytest.mark.parametrize(
    "changes",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1.evil.example:{port}"},
        {"Host": "localhost.evil.example"},
        {"Host": ""},
        {"Host": None},
        {"Cookie": None},
        {"Cookie": "itcho_view_{port}=wrong"},
        {"Cookie": "itcho_view_1={token}"},
        {"Cookie": "itcho_view_{port}={token}x"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_one_wrong_header_shuts_every_door(server: Server, changes: dict[str, str | None]) -> None:
    headers: dict[str, str] = dict(server.own_headers)
    for name, value in changes.items():
        headers.pop(name, None)
        if value is not None:
            headers[name] = value.format(port=server.port, token=server.token)
    for path in ("/", "/static/assets/favicon.png"):
        status, answer = server.ask(path, headers)
        assert status in (400, 403, 421), path
        assert "solara" not in answer.lower()
        assert "PNG" not in answer
    assert server.ask("/_solara/api/close/w?session_id=w", headers, "POST")[0] in (400, 403, 421)
    if not any(name.startswith("Sec-") for name in changes):
        line = server.socket("w", headers)
        assert line.status in (400, 403)
        line.close()


@serving
@pytest.mark.parametrize("origin", [None, "http://evil.example", "null", "http://localhost:{port}", "file://"])
def test_a_websocket_needs_the_origin_of_its_own_page(server: Server, origin: str | None) -> None:
    headers = {"Host": server.host, "Cookie": server.cookie}
    if origin is not None:
        headers["Origin"] = origin.format(port=server.port)
    line = server.socket("w", headers)
    assert line.status == 403
    line.close()


@serving
@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_names_of_this_machine_are_let_in(server: Server, name: str) -> None:
    for port in (f":{server.port}", ":9000", ""):
        headers = {"Host": name + port, "Cookie": server.cookie, "Origin": f"http://{name}{port}"}
        assert server.ask("/", headers)[0] == 200


@serving
@pytest.mark.parametrize("token", ["", "wrong", "{token}x", "{token}&token={token}"])
def test_a_wrong_token_sets_no_cookie(server: Server, token: str) -> None:
    status, answer = server.ask(f"/?token={token.format(token=server.token)}", {"Host": server.host})
    assert status == 403
    assert "set-cookie" not in answer.lower()


@serving
@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/resourcez", "GET"),
        ("/resourcez?verbose", "GET"),
        ("/readyz", "GET"),
        ("/jupyter/api/kernels/w", "GET"),
        ("/jupyter/lab", "GET"),
        ("/api/contents", "GET"),
        ("/api/kernels", "POST"),
        ("/_solara/api/evict/w", "POST"),
        ("/static/assets/favicon.png", "POST"),
        ("/", "PUT"),
        ("/", "OPTIONS"),
        ("/static/../resourcez", "GET"),
        ("/static/%2e%2e/resourcez", "GET"),
        ("/static/%2e%2e/%2e%2e/server.py", "GET"),
        ("/_solara/cdn/%2e%2e/%2e%2e/%2e%2e/pyvenv.cfg", "GET"),
        ("/jupyter/nbextensions/%2e%2e/%2e%2e/etc/passwd", "GET"),
    ],
)
def test_other_ways_into_solara_and_jupyter_are_shut(server: Server, path: str, method: str) -> None:
    status, answer = server.ask(path, method=method)
    assert status == 404
    assert "kernels" not in answer
    assert "home =" not in answer


@serving
def test_other_websockets_are_shut(server: Server) -> None:
    for path in ("/jupyter/api/kernels/w/other", "/jupyter/api/kernels//channels", "/ws", "/"):
        line = server.socket("w", path=path)
        assert line.status == 403, path
        line.close()


@serving
def test_24_bytes_take_no_memory(server: Server) -> None:
    """A binary frame that claims hundreds of millions of parts: reading its head filled the memory."""
    before = server.megabytes()
    for claimed in (0x20000000, 0x7FFFFFFF, 3):
        line = server.socket(f"binary-{claimed}")
        assert line.status == 101
        line.send(struct.pack("!i", claimed) + bytes(20), opcode=2)
        assert line.closed_with() == 1003
        line.close()
    assert server.megabytes() < before + 60
    assert server.ask("/")[0] == 200


@serving
def test_long_messages_end_the_connection_and_take_no_memory(server: Server) -> None:
    before = server.megabytes()
    line = server.socket("long")
    line.send(b"x" * (MOST_MESSAGE_BYTES + 1))
    assert line.closed_with() == 1009
    line = server.socket("claimed")
    line.send(b"", length=2**62)
    assert line.closed_with() == 1009
    line = server.socket("pieces")
    sent = 0
    with suppress(OSError):
        while sent < 5000:
            line.send(b"x" * 1000, opcode=0 if sent else 1, final=False)
            sent += 1
    assert sent < 5000
    line.close()
    assert server.megabytes() < before + 60
    assert server.ask("/")[0] == 200


@serving
def test_no_code_of_a_browser_is_run(server: Server, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    line = server.socket("code")
    message = {
        "header": {"msg_type": "execute_request", "msg_id": "1", "session": "s", "username": "", "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "content": {"code": f"open({str(proof)!r}, 'w').close()", "silent": False},
        "channel": "shell",
        "buffers": [],
    }
    line.send(json.dumps(message).encode())
    line.closed_with()
    line.close()
    assert not proof.exists()


@serving
def test_so_many_worlds_and_connections_and_no_more() -> None:
    with served(*SMALL_WORLD, SOLARA_KERNEL_CULL_TIMEOUT="1s") as server:
        lines: list[Line] = [server.socket(f"world-{number}") for number in range(MOST_WORLDS)]
        assert [line.status for line in lines] == [101] * MOST_WORLDS
        assert server.socket("one-more").status == 403
        status, answer = server.ask("/")
        assert status == 503
        assert "close a tab" in answer
        again = [server.socket(f"world-{number}") for number in range(MOST_SOCKETS - MOST_WORLDS)]
        assert {line.status for line in again} == {101}
        assert server.socket("world-0").status == 403
        for line in [*lines, *again]:
            line.close()
        assert wait_until(lambda: server.ask("/")[0] == 200, 20), "worlds of lost connections are not freed"
        assert server.socket("one-more").status == 101


NUMBERS = {"investors": "9" * 6000, "importers": str(10**12), "adopters": "1_000_000_000", "rng": str(2**70)}


def test_a_huge_number_in_a_field_gets_a_message_and_no_memory() -> None:
    world = LiveWorld(ViewSettings(investors=60, importers=50, adopters=60), **NUMBERS)  # type: ignore[arg-type]
    assert len(world.economy.investors) == 60
    for name in ("investors", "importers", "adopters", "seed"):
        assert f"{name} = " in world.problem, world.problem
        assert "at most" in world.problem
    assert len(world.problem) < 500


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("investors", str(SMALLEST["investors"] - 1), f"at least {SMALLEST['investors']}"),
        ("importers", str(SMALLEST["importers"] - 1), f"at least {SMALLEST['importers']}"),
        ("adopters", str(SMALLEST["adopters"] - 1), f"at least {SMALLEST['adopters']}"),
        ("investors", str(MOST_IN_VIEW["investors"] + 1), "at most 5000000"),
        ("adopters", "1e3", "whole number"),
        ("adopters", "", "whole number"),
        ("adopters", "²", "whole number"),
        ("rng", "-1", "at least 0"),
        ("rng", "-" + "9" * 50, "at least 0"),
        ("rng", str(LARGEST_SEED + 1), "at most"),
        ("rng", "1.5", "whole number"),
    ],
)
def test_fields_are_checked_as_the_command_line_is(field: str, text: str, said: str) -> None:
    problem = LiveWorld(ViewSettings(investors=60, importers=50, adopters=60), **{field: text}).problem  # type: ignore[arg-type]
    assert said in problem
    if text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal() and len(text) < 30:
        name = "seed" if field == "rng" else field
        with pytest.raises(InputError, match=said):
            ViewSettings.of(None, {name: int(text)})


def test_limits_hold_everywhere() -> None:
    with pytest.raises(InputError, match="at most 360"):
        ViewSettings.of(None, {"months": 12 * LONGEST_WATCHED_YEARS + 1})
    with pytest.raises(InputError, match="investors = 1000000000000 is beyond"):
        checked_sizes(10**12, 300, 1000, 10, (), ())
    assert checked_sizes(LARGEST["investors"], 300, 1000, 10, (), ())["investors"] == LARGEST["investors"]


@pytest.mark.slow
def test_a_world_stops_at_the_longest_run() -> None:
    world = LiveWorld(
        ViewSettings(investors=60, importers=50, adopters=60, policy="none", months=12 * LONGEST_WATCHED_YEARS)
    )
    assert not world.running
    world.step()
    assert world.months == 12 * LONGEST_WATCHED_YEARS


def test_a_browser_chooses_from_the_lists_and_names_no_files() -> None:
    offers = fields(ViewSettings(policy="mine.toml"))
    assert offered(offers, "policy", "mine.toml")
    assert offered(offers, "rng", "12")
    for name, value in (
        ("policy", "/etc/passwd"),
        ("outside", "/dev/zero"),
        ("subsidy", "../rule"),
        ("start", "2024-03-31"),
        ("rng", 7),
        ("rng", "7" * 1001),
    ):
        assert not offered(offers, name, value), (name, value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_every_address_is_no_address(host: str) -> None:
    with pytest.raises(InputError, match="every address"):
        _listener(host, 0)


def test_hosts_stand_in_addresses_as_browsers_write_them() -> None:
    assert host_name("::1") == "[::1]"
    assert host_name("Teacher.local") == "teacher.local"
    listener = _listener("localhost", 0)
    assert listener.getsockname()[0] in ("127.0.0.1", "::1")
    listener.close()
