import { t } from "../i18n/language";
import type { Figures } from "./line_report";

/** The figures of a line in words: "MOS 4.3 · loss 0.2 % · jitter 3 ms · round trip 20 ms". */
export function lineText({ mos, loss, jitter_ms, rtt_ms }: Omit<Figures, "seconds">): string {
  return t("line.figures", {
    mos: mos.toFixed(1),
    loss: (100 * loss).toFixed(1),
    jitter: Math.round(jitter_ms),
    rtt: rtt_ms > 0 ? Math.ceil(rtt_ms) : "–",
  });
}
