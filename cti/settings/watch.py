"""`metrics` and `logs` of `config/laidian.yaml`."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final, Literal

from cti.config.file import ConfigModel
from cti.config.secret_file import read_secret
from cti.errors import Unusable

LOOPBACK: Final = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
TOKEN_VARIABLE: Final = "LAIDIAN_METRICS_TOKEN"  # noqa: S105 - the name of a variable
SHORTEST_TOKEN: Final = 16


class LogSettings(ConfigModel):
    """Of `laidian daemon` and `laidian up`; `laidian -v` asks for details whatever stands here."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class MetricsSettings(ConfigModel):
    """`allow`: networks whose programs may read `/metrics`. Anybody else needs the token; without one nobody else may.

    Behind a proxy every request comes from the proxy: one that says so (`Forwarded`, `X-Forwarded-For`), and every one
    where `web.public_origin` is set and `allow` is not, needs the token.
    """

    allow: tuple[IPv4Network | IPv6Network, ...] | None = None
    token_file: Path | None = None

    def token(self, root: Path) -> str:
        """From LAIDIAN_METRICS_TOKEN or `token_file`, "" for none; `Unusable` when it cannot be read or is short."""
        file = root / self.token_file if self.token_file is not None else None
        token = read_secret("the metrics' token", variable=TOKEN_VARIABLE, file=file).strip()
        if token and len(token) < SHORTEST_TOKEN:
            raise Unusable(f"the metrics' token is shorter than {SHORTEST_TOKEN} characters: make one by a generator")
        return token
