import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import "../styles/wall.css";
import { language, t } from "../i18n/language";
import { now } from "../net/clock";
import { go, wallQueues } from "../route";
import { known, offline, queueList, system } from "../session";
import { Icon } from "../ui/icons";
import { Empty, Skeleton } from "../ui/parts";
import { ringForAlarms } from "./alarm_list";
import { chosen } from "./figures";
import { QueueTile } from "./queue_tiles";

const QUIET_MS = 3_000;

/** The tiles only, for a screen on the wall: nothing to click, nothing that dims, and it comes back by itself. */
export function Wall(): JSX.Element {
  const touched = useSignal(false);
  useEffect(ringForAlarms, []);
  useEffect(stayAwake, []);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touch = (): void => {
      touched.value = true;
      clearTimeout(timer);
      timer = setTimeout(() => (touched.value = false), QUIET_MS);
    };
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape") go("board");
    };
    addEventListener("pointermove", touch);
    addEventListener("keydown", touch);
    addEventListener("keydown", leave);
    return () => {
      clearTimeout(timer);
      removeEventListener("pointermove", touch);
      removeEventListener("keydown", touch);
      removeEventListener("keydown", leave);
    };
  }, []);
  const { shown, unknown } = chosen(queueList.value, wallQueues);
  const stale = offline.value || (known.value && system.value?.link === false);
  return (
    <main class={`wall${touched.value ? "" : " still"}`} data-testid="wall" data-offline={offline.value}>
      <header class="wall-head">
        <span class="wall-note" role="status">
          {stale && (
            <>
              <Icon name="alarm" size={24} /> {t(offline.value ? "wall.offline" : "banner.link")}
            </>
          )}
          {!stale && known.value && unknown.length > 0 && t("wall.unknown", { names: unknown.join(", ") })}
        </span>
        {touched.value && (
          <button type="button" class="button" data-testid="leave-wall" onClick={() => go("board")}>
            <Icon name="close" /> {t("wall.leave")}
          </button>
        )}
        <Clock />
      </header>
      {!known.value && <Skeleton rows={4} />}
      {known.value && shown.length === 0 && <Empty icon="wall" text={t("board.no_queues")} />}
      <section class="queue-tiles" data-count={shown.length} aria-label={t("board.queues")}>
        {shown.map((queue) => (
          <QueueTile key={queue.name} queue={queue} plain />
        ))}
      </section>
    </main>
  );
}

function Clock(): JSX.Element {
  const at = new Date(now.value * 1000);
  const time = new Intl.DateTimeFormat(language.value, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const day = new Intl.DateTimeFormat(language.value, { weekday: "short", month: "short", day: "numeric" });
  return (
    <time class="wall-clock num" data-testid="wall-clock" dateTime={at.toISOString()}>
      <span class="meta">{day.format(at)}</span> {time.format(at)}
    </time>
  );
}

/** Asks that the screen stays on, again whenever the page comes back; where the browser cannot, nothing is lost. */
function stayAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = async (): Promise<void> => {
    if (over || document.hidden || !("wakeLock" in navigator)) return;
    lock = await navigator.wakeLock.request("screen").catch(() => null);
  };
  const again = (): void => void ask();
  document.addEventListener("visibilitychange", again);
  void ask();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", again);
    void lock?.release();
  };
}
