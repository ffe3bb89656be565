import "./account.css";

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { AccountView, Must, OwnSessionView, OwnSessions } from "../gen/messages";
import { language, t } from "../i18n/language";
import { get, request } from "../net/rest";
import { logOut } from "../session";
import { Failure, Skeleton } from "../ui/parts";
import { showToast } from "../ui/toasts";
import { PasswordCard } from "./password";
import { SecondFactorCard } from "./second_factor";
import { w } from "./words";

const account = signal<AccountView | null>(null);
const sessions = signal<readonly OwnSessionView[]>([]);
const failed = signal(false);

async function load(all: boolean): Promise<void> {
  failed.value = false;
  try {
    account.value = await get<AccountView>("/account");
    sessions.value = all ? (await get<OwnSessions>("/account/sessions")).items : [];
  } catch {
    failed.value = true;
  }
}

/** `only`: the one thing that has to be done first, in the place of the whole page. */
export function Account({ only }: { only: Must }): JSX.Element {
  const reload = (): void => void load(only === "");
  useEffect(reload, [only]);
  if (failed.value) return <Failure text={t("page.failed")} retry={reload} />;
  const known = account.value;
  if (known === null) return <Skeleton rows={6} />;
  const password = <PasswordCard least={known.min_length} must={only !== ""} />;
  const factor = <SecondFactorCard factor={known.second_factor} must={only !== ""} changed={reload} />;
  if (only !== "") {
    return (
      <div class="account-must">
        {only === "change_password" ? password : factor}
        <button type="button" class="button" onClick={() => void logOut()}>
          {w("log_out")}
        </button>
      </div>
    );
  }
  return (
    <main class="account" data-testid="account-page">
      <h1>{w("title")}</h1>
      <div class="account-cards">
        {known.own_password ? password : <p class="card account-card">{w("password.none")}</p>}
        {known.second_factor.offered && known.own_password && factor}
        <SessionsCard changed={reload} />
      </div>
    </main>
  );
}

function SessionsCard({ changed }: { changed: () => void }): JSX.Element {
  const end = (id: string): void => {
    request("DELETE", `/account/sessions/${encodeURIComponent(id)}`)
      .then(changed)
      .catch(() => showToast("error", t("problem.not_connected")));
  };
  return (
    <section class="card account-card">
      <h2>{w("sessions.title")}</h2>
      <ul class="session-list">
        {sessions.value.map((one) => (
          <li key={one.session_id} data-testid="own-session" data-this={one.this_one}>
            <div>
              <b>{browserName(one.browser)}</b> <span class="num">{one.address}</span>
              {one.via === "oidc" && ` · ${w("sessions.oidc")}`}
              <p class="meta">{one.this_one ? w("sessions.this") : w("sessions.seen", { when: at(one.seen_at) })}</p>
            </div>
            {!one.this_one && (
              <button type="button" class="button small" data-testid="end-session" onClick={() => end(one.session_id)}>
                {w("sessions.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** As much of a User-Agent as a person knows their browser by. */
function browserName(agent: string): string {
  const found = ["Edg", "Firefox", "Chrome", "Safari"].find((name) => agent.includes(`${name}/`));
  const system = ["Windows", "Android", "iPhone", "Mac OS", "Linux"].find((name) => agent.includes(name));
  return [found?.replace("Edg", "Edge") ?? agent.slice(0, 30), system].filter(Boolean).join(", ");
}

function at(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(language.value, { dateStyle: "short", timeStyle: "short" });
}
