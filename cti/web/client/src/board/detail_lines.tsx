import type { JSX } from "preact";

import type { InteractionCard } from "../gen/messages";
import { t } from "../i18n/language";
import { lineText } from "../phone/line_text";
import { verdict } from "../phone/quality";
import { agents } from "../session";
import { duration } from "../ui/format";

/** How well each agent's page heard the other side. */
export function DetailLines({ lines }: { lines: InteractionCard["lines"] }): JSX.Element {
  return (
    <>
      {lines.map((line) => (
        <p key={line.agent_id} class="meta num" data-testid="detail-line" data-agent={line.agent_id} data-mos={line.mos.toFixed(2)}>
          {t(`line.${verdict(line.mos)}`)}: {agents.value[line.agent_id]?.name ?? line.agent_id} {duration(line.seconds)} · {lineText(line)} ·{" "}
          {t("line.worst", { mos: line.worst.toFixed(1) })}
        </p>
      ))}
    </>
  );
}
