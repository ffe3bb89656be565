"""The hotline's settings, as the floor needs them."""

from collections.abc import Mapping

import msgspec

from cti.ivr.flow import Flow


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The hotline's settings. `hotlines`: dialled number -> flow, "*" any other. `base`: queue -> its own priority."""

    flows: Mapping[str, Flow]
    hotlines: Mapping[str, str]
    base: Mapping[str, int]
    sounds: str
    region: str
    first_announcement_s: float
    announcement_every_s: float

    def hotline(self, dialled: str) -> str:
        """The name of the flow that a dialled number leads to."""
        return self.hotlines.get(dialled) or self.hotlines["*"]

    def flow(self, dialled: str) -> Flow:
        return self.flows[self.hotline(dialled)]
