import type { IconName } from "./icons";

export type Tone = "ready" | "offered" | "busy" | "wrap" | "away" | "alarm" | "out";

/** A state is shown by colour, icon and word together, never by colour alone. */
export function toneOf(state: string, reason: string): { readonly tone: Tone; readonly icon: IconName } {
  switch (state) {
    case "ready":
      return { tone: "ready", icon: "check" };
    case "offered":
      return { tone: "offered", icon: "bell" };
    case "busy":
      return { tone: "busy", icon: "phone" };
    case "wrap_up":
      return { tone: "wrap", icon: "pen" };
    case "not_ready":
      return reason === "rona" ? { tone: "alarm", icon: "alarm" } : { tone: "away", icon: "pause" };
    default:
      return { tone: "out", icon: "off" };
  }
}
