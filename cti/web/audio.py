"""The one way from a published recording to whoever may hear it: opened, if need be decrypted, audited, sent in ranges.

What is sent was authenticated piece by piece (`cti.recording.sealed`). Damage that shows before the first byte is an
error with a sentence; later the connection is cut, so that nobody takes a part for the whole.
"""

import asyncio
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from cti.errors import CtiError, NotConnected, NotFound
from cti.recording.sealed import Audio, RecordingDamaged, RecordingLocked, open_audio
from cti.web.ports import StoredRecording
from cti.web.registry import Call

log = structlog.get_logger(__name__)

_SENT: Final = 256 * 1024
_AUDIT_S: Final = 5.0


def below(folder: Path, relative: str) -> Path | None:
    """The file, if there is one and it really lies below the folder."""
    file = (folder / relative).resolve()
    return file if file.is_relative_to(folder.resolve()) and file.is_file() else None


def file_of(call: Call, stored: StoredRecording) -> Path:
    """Raises NotFound."""
    file = below(call.site.config.recordings, stored.path)
    if file is None:
        raise NotFound("recording", stored.view.interaction_id)
    return file


async def send(call: Call, stored: StoredRecording, *, command: str, once: bool) -> web.StreamResponse:
    """Audited as `command` before a byte goes out. `once`: a listening (`cti.web.listening`), else a file to keep."""
    file, view = file_of(call, stored), stored.view
    try:
        audio = await asyncio.to_thread(open_audio, file, view.interaction_id, call.site.config.keys)
    except (RecordingDamaged, RecordingLocked) as error:
        log.error("a recording cannot be opened", interaction=view.interaction_id, reason=str(error))  # noqa: TRY400 - the sentence says it
        raise
    except FileNotFoundError:
        raise NotFound("recording", view.interaction_id) from None
    with audio:
        asked = _asked(call.request, audio.size)
        if asked is None:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{audio.size}"})
        first = await asyncio.to_thread(audio.read, asked.start, min(_SENT, len(asked)))
        if not once or call.site.listening.begins(call.actor.agent_id, view.interaction_id, call.site.clock()):
            await _audit(call, stored, command)
        return await _stream(call, audio, asked, first, _headers(view.interaction_id, attached=not once))


async def _audit(call: Call, stored: StoredRecording, command: str) -> None:
    view = stored.view
    call.site.audited(call.actor, command, view.customer_number, allowed=True, interaction_id=view.interaction_id)
    try:
        async with asyncio.timeout(_AUDIT_S):
            await call.site.kept()
    except TimeoutError:
        call.site.listening.failed(call.actor.agent_id, view.interaction_id)
        raise NotConnected("nothing is played while it cannot be written down who listens") from None


def _headers(interaction_id: str, *, attached: bool) -> dict[str, str]:
    return {
        "Content-Type": "audio/wav",
        "Content-Disposition": f'{"attachment" if attached else "inline"}; filename="{interaction_id}.wav"',
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
    }


def _asked(request: web.Request, size: int) -> range | None:
    """RFC 9110, 14.1.2. All of it without `Range`; None when nothing of what is asked for is there."""
    try:
        wanted = request.http_range
    except ValueError:
        return None
    start = wanted.start or 0
    if start < 0:
        start = max(0, size + start)
    stop = size if wanted.stop is None else min(wanted.stop, size)
    if start >= stop and (size or "Range" in request.headers):
        return None
    return range(start, stop)


async def _stream(call: Call, audio: Audio, asked: range, first: bytes, headers: dict[str, str]) -> web.StreamResponse:
    part = "Range" in call.request.headers
    response = web.StreamResponse(status=206 if part else 200, headers=headers)
    if part:
        response.headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{audio.size}"
    response.content_length = len(asked)
    await response.prepare(call.request)
    await response.write(first)
    offset = asked.start + len(first)
    try:
        while offset < asked.stop:
            piece = await asyncio.to_thread(audio.read, offset, min(_SENT, asked.stop - offset))
            if not piece:
                raise RecordingDamaged("the file became shorter while it was read")
            await response.write(piece)
            offset += len(piece)
    except (CtiError, OSError) as error:
        log.error("a recording was cut off while it was sent", path=call.request.path, reason=str(error))  # noqa: TRY400 - as above
        if call.request.transport is not None:
            call.request.transport.abort()
    return response
