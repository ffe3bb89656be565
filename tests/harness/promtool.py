"""Prometheus' promtool, out of Debian's package without installing it (that would start a server).

`python -m tests.harness.promtool` fetches it into the cache for all checkouts; `find` says where it is.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cti.prompts.build import default_cache


def kept() -> Path:
    return default_cache().parent / "promtool"


def find() -> Path | None:
    installed = shutil.which("promtool")
    if installed is not None:
        return Path(installed)
    return kept() if kept().exists() else None


def fetch() -> Path:
    """Raises CalledProcessError when it cannot be had; apt says why on stderr."""
    with tempfile.TemporaryDirectory() as folder:
        download = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", "prometheus"]
        if subprocess.run(download, cwd=folder, check=False, stderr=subprocess.DEVNULL).returncode:
            subprocess.run(["apt-get", "update", "-qq"], check=False)
            subprocess.run(download, cwd=folder, check=True)
        package = next(Path(folder).glob("prometheus_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        kept().parent.mkdir(parents=True, exist_ok=True)
        draft = kept().with_suffix(".new")
        shutil.copy2(Path(folder) / "usr" / "bin" / "promtool", draft)
        draft.replace(kept())
    return kept()


if __name__ == "__main__":
    try:
        print(find() or fetch())
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"there is no promtool, so nothing checks the alert rules by it: {error}")
