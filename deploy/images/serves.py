"""Run in the image of the services: starts the bff with settings that lead nowhere, and asks whether it serves."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

_NOWHERE = "http://127.0.0.1:1"


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "BFF_HTTP_PORT": str(port),
        "BFF_PUBLIC_URL": f"http://localhost:{port}",
        "BFF_ROUTER_URL": f"{_NOWHERE}/graphql",
        "BFF_TOKEN_ISSUER": _NOWHERE,
        "BFF_TOKEN_JWKS_URL": f"{_NOWHERE}/certs",
        "BFF_CLIENT_SECRET_FILE": "/nowhere",
    }
    bff = subprocess.Popen([sys.executable, "-m", "bff"], env={**os.environ, **settings})
    try:
        while bff.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                    print(f"/healthz answers {answer.status}")
                    return
            except urllib.error.URLError:
                time.sleep(0.1)
    finally:
        bff.kill()
        bff.wait()


if __name__ == "__main__":
    main()
