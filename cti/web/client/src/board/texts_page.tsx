import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { SentTextView, TextTo } from "../gen/messages";
import { localised, t } from "../i18n/language";
import { agents, queueList, send, socketState, texts } from "../session";
import { queueName } from "../ui/codes";
import { clockTime } from "../ui/format";
import { Icon } from "../ui/icons";
import { Empty } from "../ui/parts";
import { showToast } from "../ui/toasts";
import { problemText } from "../i18n/problems";
import { CommandFailed } from "../net/connection";
import { seats } from "./figures";
import { Sheet } from "./sheet";

const MOST = 500;

/** Write to one, to a queue or to everybody, and see who has read it. `to` is an agent id, "" for everybody. */
export function TextsPage({ to, onClose }: { to: string; onClose: () => void }): JSX.Element {
  const all = Object.values(texts.value).sort((left, right) => right.text.at - left.text.at);
  const first = all.filter((each) => each.text.reply_to === "" || texts.value[each.text.reply_to] === undefined);
  return (
    <Sheet icon="chat" title={t("text.title")} testId="texts-page" onClose={onClose}>
      <Compose to={to} />
      <h3 class="sheet-heading">{t("text.today")}</h3>
      {all.length === 0 && <Empty icon="chat" text={t("text.none")} />}
      <ul class="rows">
        {first.map((each) => (
          <SentText key={each.text.text_id} sent={each} replies={all.filter((other) => other.text.reply_to === each.text.text_id)} />
        ))}
      </ul>
    </Sheet>
  );
}

/** What stands in the field "to": "everybody", "queue:after_sales" or "agent:1001". */
function addressed(address: string): { to: TextTo; target: string } {
  const [to, target = ""] = address.split(/:(.*)/u);
  return { to: to === "queue" || to === "agent" ? to : "everybody", target };
}

function Compose({ to }: { to: string }): JSX.Element {
  const address = useSignal(to === "" ? "everybody" : `agent:${to}`);
  const words = useSignal("");
  const left = MOST - [...words.value].length;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const done = await send({ cmd: "text.send", ...addressed(address.value), text: words.value });
      words.value = "";
      showToast("info", t("text.sent", { n: Number(done?.["recipients"] ?? 0) }));
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      showToast("error", problemText(error.problem));
    }
  };
  return (
    <form class="compose" onSubmit={(event) => void submit(event)}>
      <label>
        <span class="meta">{t("text.to")}</span>
        <select data-testid="text-to" value={address.value} onChange={(event) => (address.value = event.currentTarget.value)}>
          <option value="everybody">{t("text.everybody")}</option>
          {queueList.value.map((queue) => (
            <option key={queue.name} value={`queue:${queue.name}`}>
              {t("text.queue", { name: localised(queue.label, queue.name) })}
            </option>
          ))}
          {seats(Object.values(agents.value)).map((agent) => (
            <option key={agent.agent_id} value={`agent:${agent.agent_id}`}>
              {agent.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="meta">{t("text.words")}</span>
        <textarea
          data-testid="text-words"
          rows={3}
          maxLength={MOST}
          placeholder={t("text.placeholder")}
          value={words.value}
          onInput={(event) => (words.value = event.currentTarget.value)}
        />
      </label>
      <p class="compose-foot">
        <span class="meta num grow">{t("text.left", { n: left })}</span>
        <button
          type="submit"
          class="button strong"
          data-testid="text-send"
          disabled={words.value.trim() === "" || left < 0 || socketState.value !== "open"}
        >
          {t("text.send")}
        </button>
      </p>
    </form>
  );
}

const nameOf = (agentId: string): string => agents.value[agentId]?.name ?? agentId;

function whom({ text }: SentTextView): string {
  if (text.to === "everybody") return t("text.everybody");
  return text.to === "queue" ? t("text.queue", { name: queueName(text.target) }) : nameOf(text.target);
}

function SentText({ sent, replies }: { sent: SentTextView; replies: readonly SentTextView[] }): JSX.Element {
  const unread = sent.recipients.filter((who) => sent.read[who] === undefined);
  const read = sent.recipients.length - unread.length;
  return (
    <li class="sent-text" data-testid="sent-text" data-read={read} data-recipients={sent.recipients.length}>
      <p class="meta num">
        {clockTime(sent.text.at)} {sent.text.sender_name} → {whom(sent)}
      </p>
      <p class="text-words">{sent.text.text}</p>
      <p class="meta num">
        {t("text.read_by", { read, all: sent.recipients.length })} ·{" "}
        {unread.length === 0 ? (
          <>
            <Icon name="check" size={12} /> {t("text.all_read")}
          </>
        ) : (
          t("text.unread_by", { names: unread.map(nameOf).join(", ") })
        )}
      </p>
      {replies.map((reply) => (
        <p key={reply.text.text_id} class="text-reply" data-testid="text-reply">
          <b>{t("text.reply_of", { name: reply.text.sender_name })}</b> <span class="meta num">{clockTime(reply.text.at)}</span>
          <br />
          {reply.text.text}
        </p>
      ))}
    </li>
  );
}
