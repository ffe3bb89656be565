import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { LanguageToggle, ThemeToggle } from "./ui/preferences";
import { t } from "./i18n/language";
import { RequestFailed } from "./net/rest";
import { logIn } from "./session";
import { Icon } from "./ui/icons";
import { Brand } from "./ui/brand";

function explain(error: RequestFailed): string {
  if (error.status === 0) return t("login.unreachable");
  if (error.status === 401 || error.status === 403) return t("login.wrong");
  if (error.status === 429) return t("login.too_often", { seconds: error.retryAfter ?? 60 });
  return t("login.failed", { detail: error.problem.message || `HTTP ${error.status}` });
}

export function Login(): JSX.Element {
  const login = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      await logIn(login.value.trim(), password.value);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      problem.value = explain(error);
      password.value = "";
    } finally {
      busy.value = false;
    }
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={(event) => void submit(event)}>
        <Brand size={40} />
        <p class="meta">{t("login.subtitle")}</p>
        <label class="field">
          <span>{t("login.name")}</span>
          <input
            data-testid="login-name"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            autofocus
            required
            value={login.value}
            onInput={(event) => (login.value = event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{t("login.password")}</span>
          <input
            data-testid="login-password"
            type="password"
            autocomplete="current-password"
            required
            value={password.value}
            onInput={(event) => (password.value = event.currentTarget.value)}
          />
        </label>
        <p class="login-error" role="alert" data-testid="login-error" hidden={problem.value === ""}>
          <Icon name="alarm" /> <span>{problem.value}</span>
        </p>
        <button type="submit" class="primary sign-in" data-testid="login-submit" disabled={busy.value}>
          {t(busy.value ? "login.busy" : "login.submit")}
        </button>
      </form>
      <div class="login-tools">
        <LanguageToggle />
        <ThemeToggle />
      </div>
    </main>
  );
}
