import type { JSX } from "preact";

import type { WaitingView } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { order, queueList, socketState } from "../session";
import { Icon } from "../ui/icons";
import { Menu } from "../ui/parts";

/** What a supervisor may do with a waiting caller: to the front, into another queue, or not to be called back. */
export function CallerMenu({ caller }: { caller: WaitingView }): JSX.Element {
  const id = caller.interaction_id;
  const callback = caller.medium === "callback";
  const others = callback ? [] : queueList.value.filter((queue) => queue.name !== caller.queue);
  return (
    <Menu
      label={<Icon name="transfer" size={14} />}
      testId="caller-menu"
      className="icon-button"
      title={t("caller.menu")}
      disabled={socketState.value !== "open"}
    >
      <button type="button" role="menuitem" data-testid="to-the-front" onClick={() => void order({ cmd: "interaction.prioritise", interaction_id: id })}>
        {t("caller.front")}
      </button>
      {callback && (
        <button type="button" role="menuitem" data-testid="cancel-callback" onClick={() => void order({ cmd: "callback.cancel", interaction_id: id })}>
          {t("callback.cancel")}
        </button>
      )}
      {others.map((queue) => (
        <button
          key={queue.name}
          type="button"
          role="menuitem"
          data-testid="move-to"
          data-queue={queue.name}
          onClick={() => void order({ cmd: "interaction.move", interaction_id: id, queue: queue.name })}
        >
          {t("caller.move", { queue: localised(queue.label, queue.name) })}
        </button>
      ))}
    </Menu>
  );
}
