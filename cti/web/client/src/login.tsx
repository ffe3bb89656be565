import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { LanguageToggle, ThemeToggle } from "./ui/preferences";
import { localised, t } from "./i18n/language";
import { RequestFailed, waysIn } from "./net/rest";
import { logIn } from "./session";
import { Icon } from "./ui/icons";
import { Brand } from "./ui/brand";

const PROBLEMS = ["stale", "provider", "refused", "no_account", "no_role", "disabled"] as const;

/** Why the provider's log-in failed, which the server tells in the address. */
function problemOfAddress(): string {
  const told = new URLSearchParams(location.search).get("problem");
  const known = PROBLEMS.find((one) => one === told);
  return known === undefined ? "" : t(`login.problem.${known}`);
}

function explain(error: RequestFailed, withCode: boolean): string {
  if (error.status === 0) return t("login.unreachable");
  if (error.status === 401 || error.status === 403) return t(withCode ? "login.wrong_code" : "login.wrong");
  if (error.status === 429) return t("login.too_often", { seconds: error.retryAfter ?? 60 });
  return t("login.failed", { detail: error.problem.message || `HTTP ${error.status}` });
}

function focusOnce(field: HTMLInputElement | null): void {
  if (field !== null && document.activeElement !== field && field.value === "") field.focus();
}

export function Login(): JSX.Element {
  const login = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal(problemOfAddress());
  const code = useSignal("");
  const asksCode = useSignal(false);
  const provider = useSignal<Readonly<Record<string, string>> | null>(null);
  useEffect(() => void waysIn().then((ways) => (provider.value = ways.provider), () => undefined), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      await logIn(login.value.trim(), password.value, code.value);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (error.problem.code === "code_required") {
        asksCode.value = true;
        return;
      }
      problem.value = explain(error, asksCode.value);
      code.value = "";
      if (!asksCode.value) password.value = "";
    } finally {
      busy.value = false;
    }
  };
  const startOver = (): void => {
    asksCode.value = false;
    password.value = code.value = problem.value = "";
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={(event) => void submit(event)}>
        <Brand size={40} />
        <p class="meta">{t("login.subtitle")}</p>
        {asksCode.value ? (
          <label class="field">
            <span>{t("login.code")}</span>
            <input
              data-testid="login-code"
              autocomplete="one-time-code"
              autocapitalize="none"
              spellcheck={false}
              ref={focusOnce}
              required
              value={code.value}
              onInput={(event) => (code.value = event.currentTarget.value)}
            />
          </label>
        ) : (
          <>
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
          </>
        )}
        <p class="login-error" role="alert" data-testid="login-error" hidden={problem.value === ""}>
          <Icon name="alarm" /> <span>{problem.value}</span>
        </p>
        <button type="submit" class="primary sign-in" data-testid="login-submit" disabled={busy.value}>
          {t(busy.value ? "login.busy" : "login.submit")}
        </button>
        {asksCode.value && (
          <button type="button" class="button" data-testid="login-back" onClick={startOver}>
            {t("login.back")}
          </button>
        )}
        {!asksCode.value && provider.value !== null && (
          <a class="button" data-testid="login-provider" href="/login/oidc">
            {localised(provider.value)}
          </a>
        )}
      </form>
      <div class="login-tools">
        <LanguageToggle />
        <ThemeToggle />
      </div>
    </main>
  );
}
