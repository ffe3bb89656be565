import type { JSX } from "preact";

import { localised, t } from "./i18n/language";
import { restartPhone, takePhoneHere, webPhoneWanted } from "./phone/control";
import { microphoneState, openMicrophone } from "./phone/microphone";
import { LineQuality } from "./phone/line_quality";
import { togglePhonePanel } from "./phone/panel_host";
import { phoneDetail, phoneState } from "./phone/softphone";
import { go, type Page } from "./route";
import { isSupervisor, logOut, me, queueList, session, socketState } from "./session";
import { Brand } from "./ui/brand";
import { initials } from "./ui/format";
import { Icon } from "./ui/icons";
import { Avatar, Elapsed, Menu } from "./ui/parts";
import { LanguageToggle, ThemeToggle } from "./ui/preferences";
import { showToast } from "./ui/toasts";
import { shortcutsOpen } from "./desk/shortcuts";

export function TopBar({ page }: { page: Page }): JSX.Element {
  return (
    <header class="top">
      <Brand />
      <PageSwitch page={page} />
      {page === "desk" ? <QueueChips /> : <span class="grow" />}
      <div class="status" role="group" aria-label={t("status.title")}>
        <SocketStatus />
        <PhoneStatus />
        <MicrophoneStatus />
        <LineQuality />
      </div>
      <div class="tools">
        {page === "board" && (
          <button
            type="button"
            class="icon-button"
            data-testid="wallboard"
            title={t("board.wall")}
            aria-label={t("board.wall")}
            onClick={() => go("wall")}
          >
            <Icon name="wall" />
          </button>
        )}
        {page === "desk" && (
          <button
            type="button"
            class="icon-button"
            title={t("keys.title")}
            aria-label={t("keys.title")}
            onClick={() => (shortcutsOpen.value = !shortcutsOpen.value)}
          >
            <Icon name="help" />
          </button>
        )}
        <LanguageToggle />
        <ThemeToggle />
        <Me />
      </div>
    </header>
  );
}

function PageSwitch({ page }: { page: Page }): JSX.Element {
  const pages = isSupervisor.value ? (["board", "desk", "recordings"] as const) : (["desk", "scores"] as const);
  return (
    <nav class="segments small">
      {pages.map((each) => (
        <button key={each} type="button" aria-pressed={page === each} data-testid={`go-${each}`} onClick={() => go(each)}>
          {t(`page.${each}`)}
        </button>
      ))}
    </nav>
  );
}

/** Mine first; the others only as far as there is room. */
function QueueChips(): JSX.Element {
  const mine = new Set(me.value?.queues ?? []);
  const sorted = [...queueList.value].sort((left, right) => Number(mine.has(right.name)) - Number(mine.has(left.name)));
  return (
    <div class="queue-chips">
      {sorted.map((queue) => (
        <span
          key={queue.name}
          class={`queue-chip${queue.waiting > 0 ? " waiting" : ""}${mine.has(queue.name) ? "" : " foreign"}`}
          data-testid="queue-chip"
          data-queue={queue.name}
          data-waiting={queue.waiting}
        >
          {localised(queue.label, queue.name)} <b class="num">{queue.waiting}</b>
          {queue.oldest !== null && (
            <span class="meta">
              <Icon name="clock" size={12} /> <Elapsed since={queue.oldest} />
            </span>
          )}
        </span>
      ))}
    </div>
  );
}

type Health = "good" | "wait" | "bad" | "rest";

interface StatusProps {
  testId: string;
  state: string;
  health: Health;
  name: string;
  sentence: string;
  onClick?: (() => void) | undefined;
}

/** A dot, a name, and the sentence on pointing; something that the user can mend is a button. */
function Status({ testId, state, health, name, sentence, onClick }: StatusProps): JSX.Element {
  const content = (
    <>
      <span class={`status-dot ${health}`} aria-hidden="true" />
      {name}
      <span class="hidden">: {sentence}</span>
    </>
  );
  const common = { class: `status-item ${health}`, "data-testid": testId, "data-state": state, title: sentence };
  if (onClick === undefined) return <span {...common}>{content}</span>;
  return (
    <button type="button" {...common} onClick={onClick}>
      {content}
    </button>
  );
}

function SocketStatus(): JSX.Element {
  const state = socketState.value;
  const health = state === "open" ? "good" : state === "connecting" ? "wait" : "bad";
  return (
    <Status
      testId="socket-status"
      state={state}
      health={health}
      name={t("status.socket")}
      sentence={t(`socket.${state}`)}
    />
  );
}

function PhoneStatus(): JSX.Element {
  const state = phoneState.value;
  const desk = me.value?.phone === "desk" && !webPhoneWanted.value && me.value.state !== "logged_out";
  if (desk) {
    const reachable = me.value?.reachable === true;
    return (
      <Status
        testId="phone-status"
        state={reachable ? "registered" : "unreachable"}
        health={reachable ? "good" : "bad"}
        name={t("phone.desk")}
        sentence={t(reachable ? "phone.desk_reachable" : "phone.desk_unreachable")}
      />
    );
  }
  const health: Record<typeof state, Health> = {
    off: "rest",
    elsewhere: "bad",
    connecting: "wait",
    registered: "good",
    refused: "bad",
    unreachable: "bad",
    ringing: "good",
    talking: "good",
  };
  const mend: Partial<Record<typeof state, () => void>> = {
    elsewhere: takePhoneHere,
    refused: restartPhone,
    unreachable: restartPhone,
  };
  const detail = phoneDetail.value === "" ? "" : ` (${phoneDetail.value})`;
  return (
    <Status
      testId="phone-status"
      state={state}
      health={health[state]}
      name={t("status.phone")}
      sentence={t(`phone.${state}`) + detail}
      onClick={mend[state]}
    />
  );
}

function MicrophoneStatus(): JSX.Element {
  const state = microphoneState.value;
  const health = state === "ready" ? "good" : state === "asking" ? "wait" : state === "off" ? "rest" : "bad";
  return (
    <Status
      testId="mic-status"
      state={state}
      health={health}
      name={t("status.mic")}
      sentence={t(`mic.${state}`)}
      onClick={health === "bad" ? () => void openMicrophone() : togglePhonePanel}
    />
  );
}

function Me(): JSX.Element {
  const user = session.value;
  const name = user?.name ?? "";
  const leave = (): void => {
    logOut().catch(() => showToast("error", t("problem.not_connected")));
  };
  return (
    <Menu
      testId="me"
      className="me-button"
      title={name}
      label={
        <>
          <Avatar text={initials(name)} tone="ready" size={28} />
          <span class="me-name">{name}</span>
        </>
      }
    >
      <p class="menu-note">
        <b>{name}</b>
        <span class="meta">
          {t(`role.${user?.role ?? "agent"}`)}
          {me.value !== null && me.value.extension !== "" && ` · ${t("me.extension")} ${me.value.extension}`}
        </span>
      </p>
      <button type="button" role="menuitem" data-testid="go-account" onClick={() => go("account")}>
        <Icon name="user" /> {t("page.account")}
      </button>
      <button type="button" role="menuitem" data-testid="log-out" onClick={leave}>
        <Icon name="door" /> {t("me.log_out")}
      </button>
    </Menu>
  );
}
