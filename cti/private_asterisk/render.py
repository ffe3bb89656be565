"""Renders the templates of `asterisk/` for one run directory. Pure apart from the files it reads and writes."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from cti.errors import Unusable
from cti.private_asterisk.allow_list import lacking, templates
from cti.private_asterisk.installation import Installation
from cti.private_asterisk.model import AgentEndpoint, AsteriskSettings

AGENT_FILES = ("pjsip_agents.conf", "queues_agents.conf")
NAMED_FILTERS = {20: 11, 21: 6, 22: 1}  # eventfilter(action(..),name(..)) exists since these minor versions


def render_all(settings: AsteriskSettings, installation: Installation) -> None:
    """Writes `<run_dir>/etc/*.conf`, readable by this user only. Raises Unusable when a needed module is missing."""
    if missing := lacking(settings.templates_dir, installation.modules):
        raise Unusable(f"this Asterisk lacks {', '.join(missing)} (looked in {installation.module_dir})")
    etc = settings.run_dir / "etc"
    etc.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = _facts(settings, installation)
    for name in sorted(path.name for path in settings.templates_dir.glob("*.conf")):
        _write(etc / name, _render(settings, name, facts))
    write_agents(settings)


def write_agents(settings: AsteriskSettings, agents: tuple[AgentEndpoint, ...] | None = None) -> None:
    """Rewrites the files that hold the agents' endpoints; Asterisk takes them over when asked to reload."""
    facts = {"agents": settings.agents if agents is None else agents}
    for name in AGENT_FILES:
        _write(settings.run_dir / "etc" / name, _render(settings, name, facts))


def _facts(settings: AsteriskSettings, installation: Installation) -> dict[str, object]:
    major, minor = installation.version
    newest = max(NAMED_FILTERS)
    return {
        **{key: value for key, value in asdict(settings).items() if key != "agents"},
        "agents": settings.agents,
        "module_dir": installation.module_dir,
        "data_dir": installation.data_dir,
        "music": settings.music_dir or installation.music_dir,
        "modules": installation.modules,
        "dialplans": sorted(settings.dialplan_dir.glob("*.conf")),
        "named_filters": major > newest or minor >= NAMED_FILTERS.get(major, 0),
        "loopback": settings.bind.startswith("127.") or settings.bind == "::1",
    }


def _render(settings: AsteriskSettings, name: str, facts: Mapping[str, object]) -> str:
    return templates(settings.templates_dir).get_template(name).render(facts)


def _write(path: Path, text: str) -> None:
    """By rename, so that an Asterisk that reloads meanwhile never reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)
