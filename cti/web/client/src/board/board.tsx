import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/language";
import { agents, known } from "../session";
import { Icon } from "../ui/icons";
import { Skeleton } from "../ui/parts";
import { AgentGrid, selected } from "./agent_grid";
import { AgentPanel } from "./agent_panel";
import { AlarmButton } from "./alarm_button";
import { ChartCard } from "./chart_card";
import { Drawer } from "./drawer";
import { Gaps } from "./gaps";
import { QueueTiles } from "./queue_tiles";
import { Side, side } from "./side";
import { PhoneStrip } from "./strip";
import { TaskButton, TaskPanel } from "./task_panel";
import { WaitingList } from "./waiting_list";
import { explained, WhyPanel } from "./why";

const drawerOpen = signal(false);
const tasksOpen = signal(false);

function onKey(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  if (explained.value !== "") explained.value = "";
  else if (side.value !== null) side.value = null;
  else if (drawerOpen.value) drawerOpen.value = false;
  else if (tasksOpen.value) tasksOpen.value = false;
  else selected.value = "";
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
  const agent = agents.value[selected.value];
  return (
    <main class="board" data-testid="board" data-mode="full">
      <QueueTiles />
      <div class="board-body">
        <AgentGrid />
        <div class="board-side">
          <WaitingList />
          <ChartCard />
          {agent !== undefined && <AgentPanel key={agent.agent_id} agent={agent} />}
        </div>
      </div>
      <footer class="board-foot">
        <PhoneStrip />
        <Gaps />
        <AlarmButton />
        <button type="button" class="button" data-testid="open-texts" onClick={() => (side.value = { kind: "texts", to: "" })}>
          <Icon name="chat" /> {t("text.open")}
        </button>
        <TaskButton onOpen={() => (tasksOpen.value = true)} />
        <button type="button" class="button" data-testid="open-drawer" onClick={() => (drawerOpen.value = true)}>
          <Icon name="search" /> {t("drawer.open")}
        </button>
      </footer>
      {tasksOpen.value && <TaskPanel onClose={() => (tasksOpen.value = false)} />}
      {drawerOpen.value && <Drawer onClose={() => (drawerOpen.value = false)} />}
      {side.value !== null && <Side />}
      {explained.value !== "" && <WhyPanel interactionId={explained.value} onClose={() => (explained.value = "")} />}
    </main>
  );
}
