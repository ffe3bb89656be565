import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { InteractionCard, Ledger, LedgerEntry } from "../gen/messages";
import { t, word } from "../i18n/language";
import { get } from "../net/rest";
import { agents } from "../session";
import { dispositionText, queueName } from "../ui/codes";
import { dayAndTime, duration, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Failure, Skeleton } from "../ui/parts";
import { PlayButton, PlayerRow } from "../ui/player";
import { DetailLines } from "./detail_lines";
import { explained } from "./why";

/** One interaction: who, how long, why there, the recording, and every fact about it. */
export function InteractionDetail({ interactionId }: { interactionId: string }): JSX.Element {
  const card = useSignal<InteractionCard | null>(null);
  const facts = useSignal<readonly LedgerEntry[]>([]);
  const failed = useSignal(false);
  const load = async (): Promise<void> => {
    failed.value = false;
    const path = `/interactions/${encodeURIComponent(interactionId)}`;
    try {
      card.value = await get<InteractionCard>(path);
      facts.value = (await get<Ledger>(`${path}/ledger`)).items;
    } catch {
      failed.value = true;
    }
  };
  useEffect(() => void load(), [interactionId]);
  if (failed.value) return <Failure text={t("behind.failed")} retry={() => void load()} />;
  if (card.value === null) return <Skeleton rows={6} />;
  const { interaction, segments, lines, steps, note } = card.value;
  return (
    <article class="interaction-detail" data-testid="interaction-detail" data-interaction={interactionId}>
      <p class="row-line">
        <b class="grow">{interaction.customer_name || phoneNumber(interaction.customer_number)}</b>
        {interaction.has_recording && <PlayButton interactionId={interactionId} />}
        <button type="button" class="button small" data-testid="detail-why" onClick={() => (explained.value = interactionId)}>
          <Icon name="help" size={14} /> {t("explain.title")}
        </button>
      </p>
      <PlayerRow interactionId={interactionId} />
      <p class="meta num">
        {[
          dayAndTime(interaction.started_at),
          phoneNumber(interaction.customer_number),
          queueName(interaction.queue),
          interaction.outcome === "" ? t("idle.going_on") : word("outcome", interaction.outcome),
          dispositionText(interaction.disposition),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {note !== "" && (
        <p class="text-words">
          <span class="meta">{t("behind.note")}</span> {note}
        </p>
      )}
      {steps.length > 0 && (
        <p class="meta">
          {t("behind.steps")}: {steps.map((step) => [step.digits, step.label || step.step].filter(Boolean).join(" ")).join(" > ")}
        </p>
      )}
      {segments.length > 0 && (
        <p class="meta num">
          {t("behind.segments")}:{" "}
          {segments.map((each) => `${agents.value[each.agent_id]?.name ?? each.agent_id} ${duration(each.talk_s ?? 0)}`).join(" > ")}
        </p>
      )}
      <DetailLines lines={lines} />
      <h3 class="sheet-heading">{t("behind.ledger")}</h3>
      <ol class="ledger" data-testid="ledger">
        {facts.value.map((fact, place) => (
          <li key={place}>
            <span class="num meta">{dayAndTime(fact.at).split(" ").at(-1)}</span> <b class="mono">{fact.type}</b>{" "}
            <span class="meta">{said(fact.fields)}</span>
          </li>
        ))}
      </ol>
    </article>
  );
}

/** The fields that say something, as they stand in the ledger. */
function said(fields: LedgerEntry["fields"]): string {
  return Object.entries(fields)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value) && value !== "" && value !== false)
    .map(([name, value]) => `${name}=${typeof value === "number" ? Math.round(value * 10) / 10 : String(value)}`)
    .join(" ");
}
