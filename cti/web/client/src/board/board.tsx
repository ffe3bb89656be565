import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/language";
import { agents, known } from "../session";
import { Icon } from "../ui/icons";
import { Skeleton } from "../ui/parts";
import { AgentGrid, selected } from "./agent_grid";
import { AgentPanel } from "./agent_panel";
import { Chart } from "./chart";
import { Drawer } from "./drawer";
import { QueueTiles } from "./queue_tiles";
import { PhoneStrip } from "./strip";
import { WaitingList } from "./waiting_list";
import { explained, WhyPanel } from "./why";
import { wallboard } from "./wallboard";

const drawerOpen = signal(false);

function onKey(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  if (explained.value !== "") explained.value = "";
  else if (drawerOpen.value) drawerOpen.value = false;
  else if (selected.value !== "") selected.value = "";
  else wallboard.value = false;
}

export function Board(): JSX.Element {
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  if (!known.value) {
    return (
      <main class="board" data-testid="board">
        <Skeleton rows={8} />
      </main>
    );
  }
  if (wallboard.value) {
    return (
      <main class="board wallboard" data-testid="board" data-mode="wall">
        <QueueTiles />
      </main>
    );
  }
  const agent = agents.value[selected.value];
  return (
    <main class="board" data-testid="board" data-mode="full">
      <QueueTiles />
      <div class="board-body">
        <AgentGrid />
        <div class="board-side">
          <WaitingList />
          <Chart />
          {agent !== undefined && <AgentPanel key={agent.agent_id} agent={agent} />}
        </div>
      </div>
      <footer class="board-foot">
        <PhoneStrip />
        <button type="button" class="button" data-testid="open-drawer" onClick={() => (drawerOpen.value = true)}>
          <Icon name="search" /> {t("drawer.open")}
        </button>
      </footer>
      {drawerOpen.value && <Drawer onClose={() => (drawerOpen.value = false)} />}
      {explained.value !== "" && <WhyPanel interactionId={explained.value} onClose={() => (explained.value = "")} />}
    </main>
  );
}
