"""`python -m cti.private_asterisk get` fetches it if need be; `start RUN_DIR` runs it until Ctrl-C."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from cti.errors import Unusable
from cti.private_asterisk import AsteriskSettings, find_or_build, private_asterisk


async def _start(settings: AsteriskSettings) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with private_asterisk(settings) as asterisk:
        print(f"SIP {settings.bind}:{asterisk.sip_port}, websocket {asterisk.ws_port}, AMI {asterisk.ami_port}")  # noqa: T201
        print(f"FastAGI expected on {asterisk.agi_port}; log {asterisk.log_file}; Ctrl-C stops", flush=True)  # noqa: T201
        await stop.wait()


def main() -> int:
    """The exit code: 0, or 2 with one sentence on stderr when Asterisk cannot be had or started."""
    parser = argparse.ArgumentParser(prog="python -m cti.private_asterisk")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("get", help="find or fetch Asterisk and print how it is started")
    start = commands.add_parser("start", help="run one until Ctrl-C")
    start.add_argument("run_dir", type=Path)
    for what in ("sip", "ws", "ami", "agi"):
        start.add_argument(f"--{what}-port", type=int, default=0)
    given = vars(parser.parse_args())
    try:
        if given.pop("command") == "get":
            print(" ".join(find_or_build().command))  # noqa: T201 - this is the command's result
        else:
            asyncio.run(_start(AsteriskSettings(**given)))
    except Unusable as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is the command's result
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
