"""Files and folders that hold voices: for their owner alone, and overwritten when a plain one is no longer needed."""

import contextlib
import os
from pathlib import Path
from typing import BinaryIO, Final

_PIECE: Final = 1024 * 1024


def private_file(path: Path) -> BinaryIO:
    """To write; what was in it is gone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def wipe(file: BinaryIO) -> None:
    """Zeros over all of an open file, on the disk when this returns.

    That holds for disks and file systems that write in place. Flash and copy-on-write keep old blocks for a while:
    where that matters, the folder belongs on an encrypted disk or in memory.
    """
    left = os.fstat(file.fileno()).st_size
    file.seek(0)
    while left > 0:
        left -= file.write(bytes(min(left, _PIECE)))
    file.flush()
    os.fsync(file.fileno())


def wipe_and_remove(path: Path) -> None:
    """Nothing happens when there is no such file."""
    try:
        with path.open("r+b") as file:
            wipe(file)
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


def private_folder(path: Path) -> None:
    """Made for its owner alone; of one that is there, others lose their rights (a group that was let in keeps them)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777
    if mode & 0o007:
        with contextlib.suppress(PermissionError):  # somebody else's folder: that is how they want it
            path.chmod(mode & 0o770)
