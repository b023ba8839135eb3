"""Serving a live view on localhost, without a request to anywhere else."""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
import time
import warnings
import webbrowser

from itcho.agents.errors import InputError
from itcho.experiments.view.settings import VARIABLE, ViewSettings

HOST = "127.0.0.1"
_NEEDED = ("solara", "solara_assets", "ipyvuetify", "ipyvue", "uvicorn", "altair")
_ENVIRONMENT = {
    "SOLARA_APP": "itcho.experiments.view.live",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    # Assets come from the package solara-assets; what it should lack is asked for at a closed port, never outside.
    "SOLARA_ASSETS_PROXY": "True",
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",
}


def serve(settings: ViewSettings, port: int = 8765, open_browser: bool = True) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    settings : the world that the page opens with.
    port : on localhost; 0 takes a free one.

    Raises
    ------
    InputError : the extra is not installed, in versions that work, or the port is taken.
    """
    check_extra()
    listener = _listener(port)
    os.environ.update(_ENVIRONMENT | {VARIABLE: settings.to_text()})
    # Mesa 3.3 calls a hook after an early return, and Solara says so at every start.
    warnings.filterwarnings("ignore", message="(?s).*rules-of-hooks")
    # Nor is a page of localhost embedded elsewhere.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    import uvicorn

    address = f"http://{HOST}:{listener.getsockname()[1]}/"
    server = uvicorn.Server(uvicorn.Config("solara.server.starlette:app", log_level="warning"))
    print(f"itcho view: {address} (Ctrl-C stops it)", flush=True)
    if open_browser:
        threading.Thread(target=_open_when_ready, args=(server, address), daemon=True).start()
    server.run(sockets=[listener])


def check_extra() -> None:
    """Refuse to start without what the page needs.

    Raises
    ------
    InputError : a package is missing, or ipyvuetify is one that Mesa's page cannot use.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(f"itcho view needs {', '.join(missing)}: pip install 'itcho[view]'")
    from importlib.metadata import version

    if int(version("ipyvuetify").split(".")[0]) >= 2:
        raise InputError(
            f"itcho view needs ipyvuetify below 2, not {version('ipyvuetify')}: pip install 'ipyvuetify<2' 'ipyvue<2'"
        )


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Browsers may knock before the page is ready: they wait instead of being refused.
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError(f"--port = {port} cannot be used ({error}): name another one, or 0 for a free one") from None
    return listener


def _open_when_ready(server: object, address: str) -> None:
    while not getattr(server, "started", False):
        time.sleep(0.05)
    webbrowser.open(address)
