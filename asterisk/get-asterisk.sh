#!/bin/sh
# Uses the machine's Asterisk >= 20, or fetches a private one into ${LAIDIAN_CACHE:-${XDG_CACHE_HOME:-~/.cache}}/laidian,
# and prints the command that starts it. Exit code 2 and one sentence when neither is possible. Run by `make setup`.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$here/.venv/bin/python}
cd "$here"
exec "$python" -m cti.private_asterisk get
