"""The end of a caller's stay that we bring about: a last word, and the dialplan hangs up."""

from cti.floor.conversation import Conversation
from cti.floor.session import Session, pass_on
from cti.ivr.line import AgiLine


async def say_goodbye(session: Session, line: AgiLine, conversation: Conversation, *prompts: str) -> None:
    """Whoever hangs up before the last word has ended the call; after it, we have."""
    await line.play((*prompts, "goodbye"), "")
    conversation.ended_by = "system"
    await pass_on(session, "hangup")
