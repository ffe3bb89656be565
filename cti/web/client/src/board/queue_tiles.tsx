import type { JSX } from "preact";

import type { QueueView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { now } from "../net/clock";
import { queueList } from "../session";
import { percent, spoken } from "../ui/format";
import { Icon } from "../ui/icons";
import { Elapsed, Empty } from "../ui/parts";
import { byTrouble, troubleOf } from "./figures";

export function QueueTiles(): JSX.Element {
  const queues = byTrouble(queueList.value, now.value);
  return (
    <section class="queue-tiles" aria-label={t("board.queues")}>
      {queues.length === 0 && <Empty icon="people" text={t("board.no_queues")} />}
      {queues.map((queue) => (
        <QueueTile key={queue.name} queue={queue} />
      ))}
    </section>
  );
}

function QueueTile({ queue }: { queue: QueueView }): JSX.Element {
  const trouble = troubleOf(queue, now.value);
  return (
    <article class={`queue-tile ${trouble}`} data-testid="queue-tile" data-queue={queue.name} data-waiting={queue.waiting}>
      <header>
        <h2>{localised(queue.label, queue.name)}</h2>
        {trouble !== "calm" && (
          <span class="trouble">
            <Icon name="alarm" size={14} /> {t(`trouble.${trouble}`)}
          </span>
        )}
      </header>
      <div class="tile-main">
        <p>
          <b class="num huge">{queue.waiting}</b>
          <span class="meta">{t("tile.waiting")}</span>
        </p>
        <p>
          <b class="num huge tile-longest">{queue.oldest === null ? "–" : <Elapsed since={queue.oldest} />}</b>
          <span class="meta">{t("tile.longest")}</span>
        </p>
        <p>
          <b class="num huge">{queue.service_level_today === null ? "–" : percent(queue.service_level_today)}</b>
          <span class="meta">{t("tile.level", { seconds: queue.target_s })}</span>
        </p>
      </div>
      <footer class="tile-foot num">
        <span>
          <b>{queue.ready}</b> {t("tile.ready")}
        </span>
        <span>
          <b>{queue.busy}</b> {t("tile.busy")}
        </span>
        <span>
          <b>{queue.answered_today}</b> {t("tile.answered")}
        </span>
        <span class={queue.abandoned_today > 0 ? "lost" : ""}>
          <b>{queue.abandoned_today}</b> {t("tile.abandoned")}
        </span>
        {queue.overflowed_today > 0 && (
          <span>
            <b>{queue.overflowed_today}</b> {t("tile.overflowed")}
          </span>
        )}
        {queue.wait_s !== null && queue.waiting > 0 && (
          <span data-testid="tile-wait">
            <b>≈ {spoken(queue.wait_s)}</b> {queue.wait_error_s === null ? "" : `±${spoken(queue.wait_error_s)}`}
          </span>
        )}
      </footer>
    </article>
  );
}
