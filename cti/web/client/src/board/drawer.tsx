import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { InteractionRow } from "../desk/idle";
import type { InteractionHit } from "../gen/messages";
import { t } from "../i18n/language";
import { interactions } from "../net/rest";
import { agents } from "../session";
import { Icon } from "../ui/icons";
import { Empty, Failure, Skeleton } from "../ui/parts";
import { playing } from "../ui/player";
import { seats } from "./figures";
import { explained } from "./why";

const PAGE = 30;

/** Interactions and their recordings, newest first, by the customer's number and by agent. */
export function Drawer({ onClose }: { onClose: () => void }): JSX.Element {
  const number = useSignal("");
  const agent = useSignal("");
  const found = useSignal<readonly InteractionHit[] | null>(null);
  const next = useSignal<number | null>(null);
  const failed = useSignal(false);
  const asked = useRef(0);

  const search = async (before?: number): Promise<void> => {
    const ticket = ++asked.current;
    failed.value = false;
    try {
      const page = await interactions({ number: number.value.trim(), agent: agent.value, before, limit: PAGE });
      if (ticket !== asked.current) return; // an answer to an older question
      found.value = before === undefined ? page.items : [...(found.value ?? []), ...page.items];
      next.value = page.next_before;
    } catch {
      failed.value = ticket === asked.current;
    }
  };
  useEffect(() => {
    void search();
    return () => (playing.value = "");
  }, []);

  return (
    <div class="drawer-shade" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <aside class="drawer" data-testid="drawer" aria-label={t("drawer.title")}>
        <header class="panel-head">
          <h2 class="grow">{t("drawer.title")}</h2>
          <button type="button" class="icon-button" aria-label={t("close")} data-testid="close-drawer" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <form
          class="drawer-search"
          onSubmit={(event) => {
            event.preventDefault();
            void search();
          }}
        >
          <label class="search-field grow">
            <Icon name="search" />
            <input
              data-testid="search-number"
              placeholder={t("drawer.number")}
              value={number.value}
              onInput={(event) => (number.value = event.currentTarget.value)}
            />
          </label>
          <select
            data-testid="search-agent"
            aria-label={t("drawer.agent")}
            value={agent.value}
            onChange={(event) => {
              agent.value = event.currentTarget.value;
              void search();
            }}
          >
            <option value="">{t("drawer.every_agent")}</option>
            {seats(Object.values(agents.value)).map((each) => (
              <option key={each.agent_id} value={each.agent_id}>
                {each.name}
              </option>
            ))}
          </select>
          <button type="submit" class="button" data-testid="search-submit">
            {t("drawer.search")}
          </button>
        </form>
        <div class="drawer-body">
          {failed.value && <Failure text={t("drawer.failed")} retry={() => void search()} />}
          {found.value === null && !failed.value && <Skeleton rows={8} />}
          {found.value?.length === 0 && <Empty icon="search" text={t("drawer.none")} hint={t("drawer.none_hint")} />}
          <ul class="rows">
            {(found.value ?? []).map((hit) => (
              <InteractionRow key={hit.interaction_id} hit={hit} onWhy={() => (explained.value = hit.interaction_id)} />
            ))}
          </ul>
          {next.value !== null && (
            <button type="button" class="button small" onClick={() => void search(next.value ?? undefined)}>
              {t("drawer.more")}
            </button>
          )}
        </div>
      </aside>
    </div>
  );
}
