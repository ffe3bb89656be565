import type { JSX } from "preact";

import type { CallView } from "../gen/messages";
import { t, word } from "../i18n/language";
import { agents } from "../session";
import { initials, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Avatar } from "../ui/parts";
import { toneOf } from "../ui/states";

/** Who is at the other end of a call between colleagues, which has no customer. */
export function ColleagueCard({ current }: { current: CallView }): JSX.Element {
  const colleague = Object.values(agents.value).find((agent) => agent.extension === current.number);
  const name = colleague?.name || current.caller_name || phoneNumber(current.number);
  const { tone, icon } = toneOf(colleague?.state ?? "", colleague?.reason ?? "");
  return (
    <article
      class={`pop colleague phase-${current.phase}`}
      data-testid="colleague"
      data-interaction={current.interaction_id}
      data-phase={current.phase}
    >
      <Avatar text={initials(name)} tone="busy" size={96} />
      <h1 data-testid="colleague-name">{name}</h1>
      <p class="num">{t("colleague.extension", { extension: current.number })}</p>
      {colleague !== undefined && (
        <p class={`state-text tone-${tone}`}>
          <Icon name={icon} size={14} /> {word("state", colleague.state)}
        </p>
      )}
      <p class="meta">{t("call.internal")}</p>
    </article>
  );
}
