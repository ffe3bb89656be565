import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { localised, t } from "../i18n/language";
import { queueList } from "../session";
import { Failure } from "../ui/parts";

type Kind = "quarters" | "waiting" | "states";
const KINDS: readonly Kind[] = ["quarters", "waiting", "states"];

const kind = signal<Kind>("quarters");
const queue = signal("");

const loaded = signal<typeof import("./charts") | null>(null);
const failed = signal(false);

async function load(): Promise<void> {
  failed.value = false;
  try {
    loaded.value ??= await import("./charts");
  } catch {
    failed.value = true;
  }
}

/** One of three charts, fetched beside the rest of the board; as high before as after. */
export function ChartCard(): JSX.Element {
  useEffect(() => void load(), []);
  const charts = loaded.value;
  const known = queueList.value.some((each) => each.name === queue.value) ? queue.value : "";
  return (
    <section class="card chart" data-testid="chart" data-kind={kind.value} data-queue={known}>
      <header class="chart-head">
        <div class="segments small" role="group" aria-label={t("chart.title")}>
          {KINDS.map((each) => (
            <button key={each} type="button" data-testid={`chart-${each}`} aria-pressed={kind.value === each} onClick={() => (kind.value = each)}>
              {t(`chart.${each}`)}
            </button>
          ))}
        </div>
        <select
          data-testid="chart-queue"
          aria-label={t("chart.queue")}
          value={known}
          disabled={kind.value === "states"}
          onChange={(event) => (queue.value = event.currentTarget.value)}
        >
          <option value="">{t("chart.all")}</option>
          {queueList.value.map((each) => (
            <option key={each.name} value={each.name}>
              {localised(each.label, each.name)}
            </option>
          ))}
        </select>
      </header>
      <div class="chart-room">
        {failed.value && <Failure text={t("chart.failed")} retry={() => void load()} />}
        {charts !== null && kind.value === "quarters" && <charts.Quarters queue={known} />}
        {charts !== null && kind.value === "waiting" && <charts.Waiting queue={known} />}
        {charts !== null && kind.value === "states" && <charts.States />}
      </div>
    </section>
  );
}
