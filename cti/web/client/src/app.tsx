import { computed, effect } from "@preact/signals";
import type { JSX } from "preact";

import { Board } from "./board/board";
import { Wall } from "./board/wall";
import { Desk } from "./desk/desk";
import { t } from "./i18n/language";
import { Login } from "./login";
import { AccountPage } from "./login_account/lazy";
import { PhonePanelHost } from "./phone/panel_host";
import { QualityPage } from "./quality/lazy";
import { asked, go, type Page, pageFor, showAddress } from "./route";
import { call, isDemo, isSupervisor, offline, session, system } from "./session";
import { TopBar } from "./top_bar";
import { Icon } from "./ui/icons";
import { Inbox } from "./ui/inbox";
import { ToastList } from "./ui/toast_list";

const user = computed(() => {
  if (session.value === null || session.value === undefined) return "nobody";
  return isSupervisor.value ? "supervisor" : "agent";
});
const page = computed(() => pageFor(asked.value, user.value));

effect(() => {
  if (session.value !== undefined) showAddress(page.value, user.value);
});

// Whoever reads their scores while a call comes in is needed at the desk.
const callId = computed(() => call.value?.interaction_id ?? "");
effect(() => {
  if (callId.value !== "" && (page.peek() === "scores" || page.peek() === "account")) go("desk");
});

export function App(): JSX.Element | null {
  if (session.value === undefined) return null;
  if (page.value === "login") {
    return (
      <>
        {isDemo.value && <DemoBanner />}
        <Login />
        <ToastList />
      </>
    );
  }
  if (session.value !== null && session.value.must !== "") {
    return (
      <>
        <main class="login">
          <AccountPage only={session.value.must} />
        </main>
        <ToastList />
      </>
    );
  }
  if (page.value === "wall") return <Wall />;
  return (
    <div class="app">
      <TopBar page={page.value} />
      <Banners />
      <Shown page={page.value} />
      <Inbox page={page.value} />
      <PhonePanelHost />
      <ToastList />
    </div>
  );
}

function Shown({ page }: { page: Page }): JSX.Element {
  if (page === "account") return <AccountPage />;
  if (page === "recordings" || page === "scores") return <QualityPage page={page} />;
  return page === "board" ? <Board /> : <Desk />;
}

/** What concerns everything on the page: demo passwords, a lost line to the server, a lost line to the telephone system. */
function Banners(): JSX.Element {
  return (
    <div class="banners">
      {isDemo.value && <DemoBanner />}
      {offline.value && (
        <p class="banner alarm" role="alert" data-testid="offline-banner">
          <Icon name="alarm" /> {t("banner.offline")}
        </p>
      )}
      {!offline.value && system.value !== null && !system.value.link && (
        <p class="banner alarm" role="alert" data-testid="link-banner">
          <Icon name="alarm" /> {t("banner.link")}
        </p>
      )}
      {!offline.value && system.value !== null && system.value.link && system.value.away.length > 0 && (
        <p class="banner alarm" role="alert" data-testid="node-banner">
          <Icon name="alarm" /> {t("banner.node", { names: system.value.away.join(", ") })}
        </p>
      )}
      {!offline.value && system.value !== null && system.value.message !== "" && (
        <p class="banner" role="status">
          {system.value.message}
        </p>
      )}
    </div>
  );
}

export function DemoBanner(): JSX.Element {
  return (
    <p class="banner demo" data-testid="demo-banner">
      <Icon name="alarm" size={14} /> {t("banner.demo")}
    </p>
  );
}
