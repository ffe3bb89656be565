import { signal } from "@preact/signals";

import type { SpyMode } from "../gen/messages";
import { forgetSupervision, prepareToSupervise } from "../phone/control";
import { order } from "../session";
import type { IconName } from "../ui/icons";

export const MODES: readonly SpyMode[] = ["listen", "whisper", "barge", "take_over"];

export const MODE_ICON: Readonly<Record<SpyMode, IconName>> = {
  listen: "ear",
  whisper: "whisper",
  barge: "people",
  take_over: "hand",
};

/** The mode that was asked for and is not there yet, with the agent; null when nothing is on the way. */
export const asked = signal<{ readonly agentId: string; readonly mode: SpyMode } | null>(null);

export async function supervise(agentId: string, mode: SpyMode): Promise<void> {
  asked.value = { agentId, mode };
  await prepareToSupervise();
  const done = await order({ cmd: "supervise.start", agent_id: agentId, mode });
  if (!done) forgetSupervision();
  asked.value = null;
}

export async function stopSupervising(): Promise<void> {
  forgetSupervision();
  await order({ cmd: "supervise.stop" });
}
