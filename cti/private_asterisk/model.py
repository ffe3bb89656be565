"""What the private Asterisk is told: addresses, ports, the trunk, the agents' endpoints."""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cti.errors import Unusable

REPOSITORY = Path(__file__).resolve().parents[2]
PLAIN = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
URI = re.compile(r"sips?:[A-Za-z0-9_.+;:=@\[\]-]{1,200}")
SPOKEN = re.compile(r'[\x00-\x1f\x7f";\\<>\[\]]')


def new_secret() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEndpoint:
    """The phones of one agent: `d<extension>` for a hard phone (UDP), `w<extension>` for the browser (WebRTC).

    An endpoint exists only if it has a secret. `contact` ("sip:127.0.0.1:5090") binds the hard phone to a fixed
    address instead of waiting for a registration; such a contact is never qualified. Raises Unusable when a value
    could break out of its line in the configuration.
    """

    extension: str
    phone_secret: str = field(default="", repr=False)
    browser_secret: str = field(default="", repr=False)
    contact: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        for value in filter(None, (self.extension, self.phone_secret, self.browser_secret)):
            if not PLAIN.fullmatch(value):
                raise Unusable(f"agent {self.extension!r}: extension and secrets consist of A-Z a-z 0-9 _ . + -")
        if not self.extension or (self.contact and not URI.fullmatch(self.contact)):
            raise Unusable(f"agent {self.extension!r}: an extension is needed, and {self.contact!r} must be a SIP URI")

    @property
    def label(self) -> str:
        """The name as it may stand in a configuration file: no quotes, brackets or line breaks."""
        return SPOKEN.sub(" ", self.name).strip() or self.extension


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """Everything that the templates in `asterisk/` and `dialplan/` are filled with. A port of 0 means "any free one".

    `agi_host:agi_port` is where the daemon's FastAGI server will listen; with 0 a free port is picked for it.
    `trunk_hosts` are the addresses that calls of the trunk come from; calls to numbers go to the first of them at
    `trunk_port`. `patience_s` is how long a caller hears music while the daemon is away before the fallback queue.
    With a `certificate` (and its `key`) Asterisk speaks SIP over TLS, secure websockets and AMI over TLS besides, at
    ports of their own. `srtp`: hard phones must encrypt what is said.
    `rtp_first` 0 picks a range of `rtp_ports` ports. `site_agi` is what the site's example number runs with AGI().
    `system_name` is what one of several Asterisks is called (`nodes` in config/laidian.yaml), "" for the only one.
    `control_dir` holds the control socket, whose path must be short: a temporary folder where `run_dir` is not.
    """

    run_dir: Path
    system_name: str = ""
    bind: str = "127.0.0.1"
    sip_port: int = 0
    ws_port: int = 0
    ami_port: int = 0
    ami_user: str = "laidian"
    ami_secret: str = field(default_factory=new_secret, repr=False)
    witness: bool = False
    witness_secret: str = field(default_factory=new_secret, repr=False)
    agi_host: str = "127.0.0.1"
    agi_port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    sip_tls_port: int = 0
    wss_port: int = 0
    ami_tls_port: int = 0
    srtp: bool = False
    rtp_first: int = 0
    rtp_ports: int = 1000
    trunk_hosts: tuple[str, ...] = ("127.0.0.2",)
    trunk_port: int = 5060
    patience_s: int = 120
    hold_s: int = 3600
    recordings_dir: Path | None = None
    control_dir: Path | None = None
    music_dir: Path | None = None
    goodbye: str = ""
    site_agi: str = ""
    templates_dir: Path = REPOSITORY / "asterisk"
    dialplan_dir: Path = REPOSITORY / "dialplan"
    agents: tuple[AgentEndpoint, ...] = ()
