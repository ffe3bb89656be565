"""What an ops person does: edit a file, then `laidian reload`, which is a process of its own."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.harness.house import House
from tests.harness.process import Ended, run_laidian


def change_queue(house: House, name: str, **values: Any) -> None:
    """Keys of one queue; None takes a key out, and without any values the whole queue goes."""
    file = house.daemon.settings.root / "config" / "queues.yaml"
    written = yaml.safe_load(file.read_text())
    queue = written["queues"].setdefault(name, {})
    queue.update(values)
    written["queues"][name] = {key: value for key, value in queue.items() if value is not None}
    if not values:
        del written["queues"][name]
    file.write_text(yaml.safe_dump(written, allow_unicode=True))


def change_settings(house: House, key: str, value: Any) -> None:
    """A key of config/laidian.yaml; of a section the keys that are given."""
    file = house.daemon.settings.root / "config" / "laidian.yaml"
    written = yaml.safe_load(file.read_text())
    written[key] = {**written.get(key, {}), **value} if isinstance(value, dict) else value
    file.write_text(yaml.safe_dump(written, allow_unicode=True))


def change_flow(house: House, old: str, new: str) -> None:
    """In the house's own copy of the repository's flow."""
    flows = house.daemon.settings.flows
    text = (flows / "after_sales.yaml").read_text()
    if flows.is_symlink():
        originals = flows.resolve()
        flows.unlink()
        shutil.copytree(originals, flows)
    Path(flows / "after_sales.yaml").write_text(text.replace(old, new))


async def reload(house: House) -> Ended:
    return await run_laidian("reload", "--root", str(house.daemon.settings.root))


async def reloaded(house: House) -> list[str]:
    """The lines that it printed; it must have succeeded."""
    ended = await reload(house)
    assert (ended.code, ended.err) == (0, ""), ended
    return ended.out.splitlines()
