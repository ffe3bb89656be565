import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { AlarmView, PastAlarms, PastAlarmView } from "../gen/messages";
import { t } from "../i18n/language";
import { get } from "../net/rest";
import { agents, order, socketState } from "../session";
import { clockTime } from "../ui/format";
import { Icon } from "../ui/icons";
import { Elapsed, Empty, Failure, Skeleton } from "../ui/parts";
import { active, figure, ofWhat } from "./alarm_list";
import { Sheet } from "./sheet";

/** Alarms that go on, to be acknowledged, and those of today that are over. */
export function AlarmsPage({ onClose }: { onClose: () => void }): JSX.Element {
  const past = useSignal<readonly PastAlarmView[] | null>(null);
  const failed = useSignal(false);
  const load = async (): Promise<void> => {
    failed.value = false;
    try {
      past.value = (await get<PastAlarms>("/board/alarms")).items;
    } catch {
      failed.value = true;
    }
  };
  const count = active.value.length;
  useEffect(() => {
    const timer = setTimeout(() => void load(), past.peek() === null ? 0 : 400); // the store is a moment behind
    return () => clearTimeout(timer);
  }, [count]);
  const over = past.value?.filter((each) => each.cleared_at !== null) ?? [];
  return (
    <Sheet icon="alarm" title={t("alarm.title")} testId="alarms-page" onClose={onClose}>
      {active.value.length === 0 && <Empty icon="check" text={t("alarm.none")} hint={t("alarm.none_hint")} />}
      <ul class="rows alarm-rows">
        {active.value.map((alarm) => (
          <ActiveAlarm key={alarm.alarm_id} alarm={alarm} />
        ))}
      </ul>
      <h3 class="sheet-heading">{t("alarm.today")}</h3>
      {failed.value && <Failure text={t("alarm.failed")} retry={() => void load()} />}
      {past.value === null && !failed.value && <Skeleton rows={3} />}
      {past.value !== null && over.length === 0 && <p class="meta">{t("alarm.today_none")}</p>}
      <ul class="rows alarm-rows" data-testid="past-alarms">
        {over.map((alarm) => (
          <PastAlarm key={alarm.alarm_id} alarm={alarm} />
        ))}
      </ul>
    </Sheet>
  );
}

const nameOf = (agentId: string): string => agents.value[agentId]?.name ?? agentId;

function ActiveAlarm({ alarm }: { alarm: AlarmView }): JSX.Element {
  const seen = alarm.acknowledged_by !== "";
  return (
    <li class={`alarm-row ${alarm.level}`} data-testid="active-alarm" data-queue={alarm.queue} data-kind={alarm.kind} data-level={alarm.level}>
      <span class={`trouble ${alarm.level}`}>
        <Icon name="alarm" size={18} /> {t(`alarm.${alarm.level}`)}
      </span>
      <div class="grow">
        <p>
          <b>{ofWhat(alarm)}</b> · {t(`alarmkind.${alarm.kind}`)}{" "}
          <b class="num">{figure(alarm.kind, alarm.value)}</b>{" "}
          <span class="meta">{t("alarm.limit", { limit: figure(alarm.kind, alarm.limit) })}</span>
        </p>
        <p class="meta num">
          {t("alarm.goes_on", { from: clockTime(alarm.since) })} · <Elapsed since={alarm.since} /> ·{" "}
          {seen
            ? t("alarm.acknowledged", { name: nameOf(alarm.acknowledged_by), time: clockTime(alarm.acknowledged_at ?? 0) })
            : t("alarm.unacknowledged")}
        </p>
      </div>
      <button
        type="button"
        class="button small"
        data-testid="acknowledge"
        disabled={seen || socketState.value !== "open"}
        onClick={() => void order({ cmd: "alarm.acknowledge", alarm_id: alarm.alarm_id })}
      >
        <Icon name="check" size={14} /> {t("alarm.acknowledge")}
      </button>
    </li>
  );
}

function PastAlarm({ alarm }: { alarm: PastAlarmView }): JSX.Element {
  return (
    <li class="alarm-row" data-testid="past-alarm" data-queue={alarm.queue} data-kind={alarm.kind}>
      <span class={`trouble ${alarm.worst}`}>
        <Icon name="alarm" size={14} /> {t(`alarm.${alarm.worst}`)}
      </span>
      <div class="grow">
        <p>
          {ofWhat(alarm)} · {t(`alarmkind.${alarm.kind}`)}
        </p>
        <p class="meta num">
          {t("alarm.over", { from: clockTime(alarm.raised_at), to: clockTime(alarm.cleared_at ?? 0) })}
          {alarm.acknowledged_by !== "" &&
            ` · ${t("alarm.acknowledged", { name: nameOf(alarm.acknowledged_by), time: clockTime(alarm.acknowledged_at ?? 0) })}`}
        </p>
      </div>
    </li>
  );
}
