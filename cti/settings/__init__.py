"""`config/*.yaml` as one frozen `Settings`. What is wrong is a `ConfigError` with file:line and what was expected."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, field_validator

from cti.calendars.spans import Days, Spans, Zone
from cti.config.file import ConfigModel, load
from cti.config.label import Text
from cti.config.secret_file import read_secret
from cti.errors import ConfigError, Problem, Unusable
from cti.recording.keys import Keyring, KeySource, read_keys
from cti.settings.customers import CustomerFieldSettings, LinkSettings
from cti.settings.dispositions import Tree
from cti.settings.guards import AdmissionSettings, CertificateSettings, TollSettings
from cti.settings.keeping import AuditSettings, RecordingSettings, RetentionSettings
from cti.settings.login import LoginSettings
from cti.settings.queues import QueueSettings, QueuesFile
from cti.settings.store import StoreSettings
from cti.settings.watch import LogSettings, MetricsSettings

Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class WebSettings(ConfigModel):
    host: str = "127.0.0.1"
    port: Port = 8080
    public_origin: str | None = None
    """What browsers call us by when a proxy stands before us, for example "https://desk.example.com"."""
    secure_cookie: bool = False
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose X-Forwarded-For tells where a browser really is."""
    tls: CertificateSettings | None = None
    """The daemon speaks HTTPS itself; the files are read again at a reload."""

    @property
    def secure(self) -> bool:
        """Whether browsers come over HTTPS, to us or to a proxy before us."""
        return self.secure_cookie or self.tls is not None


class AgiSettings(ConfigModel):
    host: str = "127.0.0.1"
    port: Port = 4573
    peers: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"),)

    @field_validator("peers")
    @classmethod
    def _not_everybody(cls, peers: tuple[IPv4Network | IPv6Network, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
        """FastAGI knows no password: whoever may connect is taken for Asterisk."""
        for peer in peers:
            if peer.prefixlen == 0:
                raise ValueError(f"{peer} lets the whole world in: name the networks of your Asterisks")
        return peers


class AmiSettings(ConfigModel):
    host: str = "127.0.0.1"
    port: Port = 5038
    username: str = "laidian"
    secret_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    """Who has signed Asterisk's certificate; None: a CA that the system trusts."""
    server_name: str | None = None
    """The name in Asterisk's certificate, when it is not `host`."""
    ping_every_s: Seconds = 1
    ping_deadline_s: Seconds = 1.5
    """An Asterisk that is gone without a word is noticed within both together."""
    lost_after_s: Seconds = 120
    """After so long without an Asterisk its calls count as ended; before, they are in doubt."""


class SipSettings(ConfigModel):
    host: str = "127.0.0.1"
    port: Port = 5060
    websocket_port: Port = 8088
    trunk_host: str = "127.0.0.2"
    rtp_ports: tuple[Port, Port] = (10000, 10999)
    tls: CertificateSettings | None = None
    """The private Asterisk speaks SIP over TLS and secure websockets besides, with this certificate."""
    tls_port: Port = 5061
    secure_websocket_port: Port = 8089
    srtp: bool = False
    """Hard phones must encrypt what is said (SDES): one that does not is refused."""
    asterisk_dir: Path = Path("var/asterisk")
    """Asterisk's run directory: the agents' endpoints are written to its `etc`."""
    websocket_url: str | None = None
    """What the browser's softphone connects to; by default ws://<host>:<websocket_port>/ws."""

    @property
    def ws_url(self) -> str:
        if self.tls is not None and self.websocket_url is None:
            return f"wss://{self.host}:{self.secure_websocket_port}/ws"
        return self.websocket_url or f"ws://{self.host}:{self.websocket_port}/ws"


class NodeSettings(ConfigModel):
    """One of several Asterisks; `name` is its `systemname`, with which the unique ids of its channels begin."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
    ami: AmiSettings = AmiSettings()
    sip: SipSettings = SipSettings()

    @field_validator("name")
    @classmethod
    def _not_ours(cls, name: str) -> str:
        if name.startswith("ld"):
            raise ValueError("the names of our own channels begin with ld: take another name")
        return name


class MqttSettings(ConfigModel):
    host: str = "127.0.0.1"
    port: Port = 1883
    username: str | None = None
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    """What we show a broker that wants to see a certificate of ours."""


class QueueingSettings(ConfigModel):
    first_announcement_s: Seconds = 15
    announcement_every_s: Seconds = 45


class OutboundSettings(ConfigModel):
    """Calls that agents make. The customer sees `caller_id`; None: the first of `hotlines` that is a number.

    A number must begin with one of `allow`; without any, with the country code of the site's region. Premium-rate and
    emergency numbers are dialled only where that is said. `wrap_up_s` comes after such a talk.
    """

    caller_id: Annotated[str, Field(pattern=r"^\+?[0-9]+$")] | None = None
    allow: tuple[Annotated[str, Field(pattern=r"^\+?[0-9]+$")], ...] = ()
    premium: bool = False
    emergency: bool = False
    limits: TollSettings = TollSettings()
    prices: dict[Annotated[str, Field(pattern=r"^\+?[0-9]*$")], Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict
    )
    """How a number begins -> what a minute costs, in the money of `limits`."""
    hours: dict[Days, Spans] | None = None
    """When calls are made at all (the site's time zone); None: at any time."""
    ring_s: Annotated[float, Field(ge=5, le=120)] = 45
    wrap_up_s: Annotated[float, Field(ge=0, le=3600)] = 30


class SoftphoneSettings(ConfigModel):
    page_patience_s: Seconds = 20
    """How long a customer, and an agent's state, wait for a page with a phone that was reloaded, closed, or sleeps."""


class Reason(ConfigModel):
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Text


class AgentFlow(ConfigModel):
    """`flow` is a name in config/flows; every way through it ends with a step `return`."""

    flow: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Text


class SettingsFile(ConfigModel):
    """`config/laidian.yaml`."""

    site: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "demo"
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    default_language: Literal["zh", "en"] = "zh"
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "CN"
    time_zone: Zone = "Asia/Shanghai"
    web: WebSettings = WebSettings()
    login: LoginSettings = LoginSettings()
    agi: AgiSettings = AgiSettings()
    ami: AmiSettings = AmiSettings()
    sip: SipSettings = SipSettings()
    nodes: tuple[NodeSettings, ...] = ()
    """Several Asterisks, each with what `ami` and `sip` say of the only one."""
    mqtt: MqttSettings | None = None
    metrics: MetricsSettings = MetricsSettings()
    logs: LogSettings = LogSettings()
    database: str = "sqlite+aiosqlite:///var/laidian.db"
    database_password_file: Path | None = None
    """Instead of a password in `database`; or the environment variable LAIDIAN_DATABASE_PASSWORD."""
    store: StoreSettings = StoreSettings()
    recordings: Path = Path("var/recordings")
    spool: Path = Path("var/spool")
    control_socket: Path = Path("var/laidian.sock")
    """Where `laidian reload` and other commands reach the daemon, see `cti.daemon.control`."""
    hotlines: Annotated[dict[str, str], Field(min_length=1)] = Field(default_factory=lambda: {"*": "after_sales"})
    """Dialled number -> name of the flow; "*" is any other number."""
    fallback_patience_s: Seconds = 120
    drain_s: Annotated[float, Field(ge=0, le=3600)] = 30
    """How long a daemon that is to stop lets callers finish who are in a menu."""
    realtime: bool = True
    """Whether the event loop takes a real-time priority where it may, see `cti.daemon.precedence`."""
    queueing: QueueingSettings = QueueingSettings()
    outbound: OutboundSettings = OutboundSettings()
    admission: AdmissionSettings = AdmissionSettings()
    softphone: SoftphoneSettings = SoftphoneSettings()
    agent_flows: tuple[AgentFlow, ...] = ()
    """The flows that agents may send a caller through, and that come back."""
    not_ready_reasons: tuple[Reason, ...] = ()
    dispositions: Tree = ()
    disposition_trees: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Tree] = Field(default_factory=dict)
    """Trees that queues name instead of `dispositions`."""
    customer_fields: tuple[CustomerFieldSettings, ...] = ()
    links: tuple[LinkSettings, ...] = ()
    audit: AuditSettings = AuditSettings()
    recording: RecordingSettings = RecordingSettings()
    retention: RetentionSettings = RetentionSettings()

    @field_validator("nodes")
    @classmethod
    def _told_apart(cls, nodes: tuple[NodeSettings, ...]) -> tuple[NodeSettings, ...]:
        for what, found in (
            ("name", [node.name for node in nodes]),
            ("ami.host and ami.port", [(node.ami.host, node.ami.port) for node in nodes]),
            ("sip.asterisk_dir", [node.sip.asterisk_dir for node in nodes]),
        ):
            if len(set(found)) != len(found):
                raise ValueError(f"two nodes have the same {what}")
        return nodes


class Settings(SettingsFile):
    """Both files together. `root` is the folder that holds `config/`; relative paths start there."""

    queues: dict[str, QueueSettings]
    root: Path

    def path(self, relative: Path) -> Path:
        return relative if relative.is_absolute() else self.root / relative

    @property
    def flows(self) -> Path:
        return self.root / "config" / "flows"

    @property
    def prompts(self) -> Path:
        return self.root / "ivr_prompts"

    @property
    def database_url(self) -> str:
        """SQLite's relative path made absolute, so that the daemon may be started from anywhere."""
        scheme, found, path = self.database.partition(":///")
        if not found or not scheme.startswith("sqlite"):
            return self._with_password(self.database)
        if path.startswith("/"):
            return self.database
        return f"{scheme}:///{self.root / path}"

    def recording_keys(self) -> Keyring:
        """Reads files and runs commands: it blocks. `Unusable` for a key that cannot be had."""
        return read_keys(
            KeySource(id=key.id, file=key.key_file and self.path(key.key_file), command=key.key_command)
            for key in self.recording.encryption.keys
        )

    def _with_password(self, url: str) -> str:
        file = self.path(self.database_password_file) if self.database_password_file else None
        password = read_secret("the database's password", variable="LAIDIAN_DATABASE_PASSWORD", file=file)
        parts = urlsplit(url)
        if not password or not parts.username or parts.password:
            return url
        return url.replace(f"//{parts.username}@", f"//{parts.username}:{quote(password, safe='')}@", 1)

    @property
    def all_nodes(self) -> tuple[NodeSettings, ...]:
        """`nodes`, or the only one, which has no name."""
        return self.nodes or (NodeSettings.model_construct(name="", ami=self.ami, sip=self.sip),)

    def ami_secret(self, node: NodeSettings | None = None) -> str:
        """From LAIDIAN_AMI_SECRET (of a named node LAIDIAN_AMI_SECRET_NORTH) or `ami.secret_file`; else `Unusable`."""
        ami, variable, whose = self.ami, "LAIDIAN_AMI_SECRET", "the AMI secret"
        if node is not None and node.name:
            ami, variable, whose = node.ami, f"{variable}_{node.name.upper()}", f"the AMI secret of {node.name}"
        file = self.path(ami.secret_file) if ami.secret_file else None
        if secret := read_secret(whose, variable=variable, file=file):
            return secret
        raise Unusable(f"there is no AMI secret: set ami.secret_file in config/laidian.yaml or {variable}")

    def mqtt_password(self) -> str | None:
        """From LAIDIAN_MQTT_PASSWORD or `mqtt.password_file`, None for none; `Unusable` when it cannot be read."""
        file = self.mqtt.password_file if self.mqtt else None
        path = self.path(file) if file else None
        return read_secret("the MQTT password", variable="LAIDIAN_MQTT_PASSWORD", file=path) or None


def read(root: Path) -> Settings:
    """Read `root/config/laidian.yaml` and `root/config/queues.yaml`; all problems of both come in one `ConfigError`."""
    problems: list[Problem] = []
    file = queues = None
    try:
        file = load(root / "config" / "laidian.yaml", SettingsFile)
    except ConfigError as error:
        problems += error.problems
    try:
        queues = load(root / "config" / "queues.yaml", QueuesFile)
    except ConfigError as error:
        problems += error.problems
    if file is None or queues is None:
        raise ConfigError(*problems)
    return Settings.model_construct(**dict(file), queues=queues.queues, root=root.absolute())
