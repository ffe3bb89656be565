import type { JSX } from "preact";

import { t } from "../i18n/language";
import { system } from "../session";
import { Icon } from "../ui/icons";
import { clockTime } from "../ui/format";

/** From when to when nobody watched today: the day's figures hold of it only what could be found out afterwards. */
export function Gaps(): JSX.Element | null {
  const gaps = system.value?.gaps ?? [];
  const last = gaps[gaps.length - 1];
  if (last === undefined) return null;
  const midnight = new Date().setHours(0, 0, 0, 0) / 1000;
  const all = gaps.map((gap) => t("board.gap", { from: clockTime(Math.max(gap.since, midnight)), to: clockTime(gap.until) }));
  const when = `${all[all.length - 1] ?? ""}${gaps.length > 1 ? ` (+${gaps.length - 1})` : ""}`;
  return (
    <span class="dim ellipsis" role="status" data-testid="gaps" data-count={gaps.length} title={all.join("\n")}>
      <Icon name="alarm" size={14} /> {t("board.incomplete", { when })}
    </span>
  );
}
