import type { JSX } from "preact";

import type { AgentView } from "../gen/messages";
import { t } from "../i18n/language";
import { Icon } from "../ui/icons";

/** Why no call can be offered to somebody who is signed in, in words: a sign alone would be guessed at. */
export function PhoneTrouble({ agent }: { agent: AgentView }): JSX.Element | null {
  if (agent.trouble === "") return null;
  return (
    <span class="unreachable" data-testid="phone-trouble" data-trouble={agent.trouble} title={t(`agent.trouble_${agent.trouble}`)}>
      <Icon name="alarm" size={12} /> <span class="ellipsis">{t(`agent.trouble_short_${agent.trouble}`)}</span>
    </span>
  );
}
