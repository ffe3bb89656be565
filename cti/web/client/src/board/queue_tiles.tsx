import type { JSX } from "preact";

import type { Counted, QueueView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { queueList } from "../session";
import { percent, spoken } from "../ui/format";
import { Icon } from "../ui/icons";
import { Elapsed, Empty } from "../ui/parts";
import { alarmsOf } from "./alarm_list";
import { byTrouble, troubleOf } from "./figures";
import { showBehind } from "./side";

export function QueueTiles(): JSX.Element {
  const queues = byTrouble(queueList.value);
  return (
    <section class="queue-tiles" aria-label={t("board.queues")}>
      {queues.length === 0 && <Empty icon="people" text={t("board.no_queues")} />}
      {queues.map((queue) => (
        <QueueTile key={queue.name} queue={queue} />
      ))}
    </section>
  );
}

/** `plain`: on the wall, where nobody can click. */
export function QueueTile({ queue, plain = false }: { queue: QueueView; plain?: boolean }): JSX.Element {
  const trouble = troubleOf(queue);
  const level = queue.service_level_today === null ? "–" : percent(queue.service_level_today);
  const estimate = queue.wait_s === null || queue.waiting === 0 ? "–" : `≈${spoken(queue.wait_s)}`;
  return (
    <article class={`queue-tile ${trouble}`} data-testid="queue-tile" data-queue={queue.name} data-waiting={queue.waiting} data-trouble={trouble}>
      <header>
        <h2 class="grow">{localised(queue.label, queue.name)}</h2>
        <Troubles queue={queue.name} />
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
          <Figure queue={queue} what="within_target" text={level} plain={plain} huge />
          <span class="meta">{t("tile.in_time", { seconds: queue.target_s })}</span>
        </p>
        <p data-testid="tile-wait">
          <b class="num huge">{estimate}</b>
          <span class="meta">
            {estimate === "–" || queue.wait_error_s === null ? t("tile.estimate") : t("tile.estimate_error", { error: spoken(queue.wait_error_s) })}
          </span>
        </p>
      </div>
      <footer class="tile-foot num">
        <span>
          <b>
            {queue.ready}/{queue.signed_in}
          </b>
          {t("tile.ready")}
        </span>
        <Counted_ queue={queue} what="offered" count={queue.offered_today} label={t("tile.offered")} plain={plain} />
        <Counted_ queue={queue} what="answered" count={queue.answered_today} label={t("tile.answered")} plain={plain} />
        <Counted_ queue={queue} what="abandoned" count={queue.abandoned_today} label={t("tile.abandoned")} plain={plain} />
        <Counted_ queue={queue} what="overflowed" count={queue.overflowed_today} label={t("tile.overflowed")} plain={plain} />
      </footer>
    </article>
  );
}

/** Which figures are in trouble: colour, icon and word. What somebody sees to has a tick. */
function Troubles({ queue }: { queue: string }): JSX.Element {
  const found = alarmsOf(queue);
  const first = found[0];
  if (first === undefined) return <span class="trouble" />;
  const words = found.map((each) => t(`alarmkind.${each.kind}`)).join(", ");
  return (
    <span class={`trouble ${first.level}`} data-testid="tile-trouble" title={words}>
      <Icon name={first.acknowledged_by === "" ? "alarm" : "check"} size={14} />
      <span class="ellipsis">{words}</span>
    </span>
  );
}

interface FigureProps {
  queue: QueueView;
  what: Counted;
  text: string;
  plain: boolean;
  huge?: boolean;
}

/** A number that opens the calls behind it. */
function Figure({ queue, what, text, plain, huge = false }: FigureProps): JSX.Element {
  const look = huge ? "num huge" : "num";
  if (plain) return <b class={look}>{text}</b>;
  const number = `${t(`behind.${what}`)} ${text}`;
  return (
    <button
      type="button"
      class={`figure ${look}`}
      data-testid="figure"
      data-what={what}
      data-queue={queue.name}
      aria-label={t("tile.show", { queue: localised(queue.label, queue.name), number })}
      onClick={() => showBehind({ what, queue: queue.name })}
    >
      {text}
    </button>
  );
}

function Counted_(props: { queue: QueueView; what: Counted; count: number; label: string; plain: boolean }): JSX.Element {
  const lost = props.what === "abandoned" && props.count > 0;
  return (
    <span class={lost ? "lost" : ""}>
      <Figure queue={props.queue} what={props.what} text={String(props.count)} plain={props.plain} />
      {props.label}
    </span>
  );
}
