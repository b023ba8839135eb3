"""Serving a live view to one browser, without a request to anywhere else; ``experiments.view.gate`` says to whom."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import secrets
import socket
import threading
import time
import warnings
import webbrowser

from itcho.agents.errors import InputError
from itcho.experiments.view.gate import LOCAL_NAMES, MOST_MESSAGE_BYTES, TOKEN, Gate
from itcho.experiments.view.settings import VARIABLE, ViewSettings

HOST = "127.0.0.1"
MOST_CONNECTIONS = 128
"""Connections at once; a browser opens six to a server, and one for each tab's websocket."""
KEPT_AFTER_CLOSING = "3m"
"""How long the world of a tab is kept that is gone without a word, so that a page can connect again."""
_NEEDED = ("solara", "solara_assets", "ipyvuetify", "ipyvue", "uvicorn")
_ENVIRONMENT = {
    "SOLARA_APP": "itcho.experiments.view.live",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_SESSION_HTTP_ONLY": "True",
    # Assets come from the package solara-assets; what it should lack is asked for at a closed port, never outside.
    "SOLARA_ASSETS_PROXY": "True",
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",
}


def serve(settings: ViewSettings, port: int = 8765, open_browser: bool = True, host: str = HOST) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    settings : the world that the page opens with.
    port : 0 takes a free one.
    host : address or name to listen on, which the browser may then use beside those of localhost.

    Raises
    ------
    InputError : the extra is not installed, in versions that work, or host and port cannot be used.
    """
    check_extra()
    listener = _listener(host, port)
    os.environ.update(_ENVIRONMENT | {VARIABLE: settings.to_text()})
    os.environ.setdefault("SOLARA_KERNEL_CULL_TIMEOUT", KEPT_AFTER_CLOSING)
    # No page of localhost is embedded elsewhere.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    import uvicorn
    from solara.server import kernel_context
    from solara.server.starlette import app

    token, taken, name = secrets.token_urlsafe(24), listener.getsockname()[1], host_name(host)
    gate = Gate(app, token, f"itcho_view_{taken}", (*LOCAL_NAMES, name), lambda: list(kernel_context.contexts))
    server = uvicorn.Server(
        uvicorn.Config(
            gate,
            log_level="warning",
            # What a proxy is said to have forwarded would replace what the gate looks at.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            ws_max_size=MOST_MESSAGE_BYTES,
            # Short messages that grow when they are unpacked.
            ws_per_message_deflate=False,
        )
    )
    address = f"http://{name}:{taken}/?{TOKEN}={token}"
    print(f"itcho view: {address} (Ctrl-C stops it)", flush=True)
    if not _is_local(listener):
        print("Whoever has this address can use the view from other machines; it is not encrypted.", flush=True)
    if open_browser:
        threading.Thread(target=_open_when_ready, args=(server, address), daemon=True).start()
    server.run(sockets=[listener])


def host_name(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host.lower()


def check_extra() -> None:
    """Refuse to start without what the page needs.

    Raises
    ------
    InputError : a package is missing, or ipyvuetify is one that the page cannot use.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(f"itcho view needs {', '.join(missing)}: pip install 'itcho[view]'")
    from importlib.metadata import version

    if int(version("ipyvuetify").split(".")[0]) >= 2:
        raise InputError(
            f"itcho view needs ipyvuetify below 2, not {version('ipyvuetify')}: pip install 'ipyvuetify<2' 'ipyvue<2'"
        )


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, OverflowError, UnicodeError) as error:
        raise InputError(f"--host = {host}, --port = {port} cannot be used ({error})") from None
    if ipaddress.ip_address(str(place[0]).partition("%")[0]).is_unspecified:
        raise InputError(f"--host = {host} means every address of this machine: name the one that browsers will use")
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        # Browsers may knock before the page is ready: they wait instead of being refused.
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        at = "" if host == HOST else f"--host = {host}, "
        raise InputError(
            f"{at}--port = {port} cannot be used ({error}): name another one, or 0 for a free one"
        ) from None
    return listener


def _is_local(listener: socket.socket) -> bool:
    return ipaddress.ip_address(str(listener.getsockname()[0]).partition("%")[0]).is_loopback


def _open_when_ready(server: object, address: str) -> None:
    while not getattr(server, "started", False):
        time.sleep(0.05)
    webbrowser.open(address)
