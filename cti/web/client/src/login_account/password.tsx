import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { request } from "../net/rest";
import { resumeSession } from "../session";
import { showToast } from "../ui/toasts";
import { Field, Problem } from "./fields";
import { refusal, w } from "./words";

/** `must`: somebody else chose the present one. */
export function PasswordCard({ least, must }: { least: number; must: boolean }): JSX.Element {
  const old = useSignal("");
  const fresh = useSignal("");
  const again = useSignal("");
  const problem = useSignal("");
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (fresh.value !== again.value) {
      problem.value = w("password.differ");
      return;
    }
    try {
      await request("POST", "/account/password", { old: old.value, new: fresh.value });
      old.value = fresh.value = again.value = problem.value = "";
      showToast("info", w("password.saved"));
      await resumeSession();
    } catch (error) {
      problem.value = refusal(error, "password.wrong", least);
    }
  };
  return (
    <form class="card account-card" data-testid="account-password" onSubmit={(event) => void save(event)}>
      <h2>{w(must ? "password.must" : "password.title")}</h2>
      {must && <p>{w("password.why")}</p>}
      <Field label={w("password.old")} testId="password-old" value={old} />
      <Field label={w("password.new")} testId="password-new" value={fresh} complete="new-password" />
      <p class="meta">{w("password.hint", { least })}</p>
      <Field label={w("password.again")} testId="password-again" value={again} complete="new-password" />
      <Problem text={problem.value} />
      <button type="submit" class="button strong" data-testid="password-save">
        {w("password.save")}
      </button>
    </form>
  );
}
