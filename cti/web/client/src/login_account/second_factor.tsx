import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { Enrolment, FactorView, RecoveryCodes } from "../gen/messages";
import { request } from "../net/rest";
import { resumeSession } from "../session";
import { showToast } from "../ui/toasts";
import { Field, Problem } from "./fields";
import { qrCode } from "./qr";
import { refusal, w } from "./words";

interface Props {
  factor: FactorView;
  must: boolean;
  changed: () => void;
}

/** Off, being set up, its codes just told, or on. */
export function SecondFactorCard({ factor, must, changed }: Props): JSX.Element {
  const password = useSignal("");
  const code = useSignal("");
  const problem = useSignal("");
  const enrolment = useSignal<Enrolment | null>(null);
  const codes = useSignal<readonly string[]>([]);
  const attempt = async (wrong: "password.wrong" | "factor.wrong", work: () => Promise<void>): Promise<void> => {
    problem.value = "";
    try {
      await work();
    } catch (error) {
      problem.value = refusal(error, wrong);
    }
  };
  const ask = async <T,>(path: string, body: object): Promise<T> => {
    const response = await request("POST", `/account/second-factor${path}`, body);
    return (response.status === 204 ? null : await response.json()) as T;
  };
  const proof = (): { password: string } => {
    const typed = password.value;
    password.value = "";
    return { password: typed };
  };
  const begin = (): Promise<void> =>
    attempt("password.wrong", async () => void (enrolment.value = await ask<Enrolment>("", proof())));
  const confirm = (): Promise<void> =>
    attempt("factor.wrong", async () => {
      codes.value = (await ask<RecoveryCodes>("/confirmation", { code: code.value })).codes;
      enrolment.value = null;
      code.value = "";
    });
  const renew = (): Promise<void> =>
    attempt("password.wrong", async () => void (codes.value = (await ask<RecoveryCodes>("/recovery-codes", proof())).codes));
  const remove = (): Promise<void> =>
    attempt("password.wrong", async () => {
      await ask<null>("/removal", proof());
      showToast("info", w("factor.removed"));
      changed();
    });
  const kept = (): void => {
    codes.value = [];
    changed();
    void resumeSession();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (codes.value.length > 0) kept();
    else if (enrolment.value !== null) void confirm();
    else void (factor.enrolled ? renew() : begin());
  };
  return (
    <form class="card account-card" data-testid="account-factor" data-enrolled={factor.enrolled} onSubmit={submit}>
      <h2>{w(must ? "factor.must" : "factor.title")}</h2>
      {codes.value.length > 0 ? (
        <Codes codes={codes.value} />
      ) : enrolment.value !== null ? (
        <>
          <Scan enrolment={enrolment.value} />
          <Field label={w("factor.code")} testId="factor-code" value={code} kind="text" complete="one-time-code" />
          <Problem text={problem.value} />
          <button type="submit" class="button strong" data-testid="factor-confirm">
            {w("factor.confirm")}
          </button>
        </>
      ) : (
        <>
          <p>{must ? w("factor.why") : factor.enrolled ? w("factor.on", { count: factor.codes_left }) : w("factor.off")}</p>
          <Field label={w("factor.password")} testId="factor-password" value={password} />
          <Problem text={problem.value} />
          <div class="account-row">
            <button type="submit" class="button strong" data-testid={factor.enrolled ? "factor-renew" : "factor-begin"}>
              {w(factor.enrolled ? "factor.renew" : "factor.begin")}
            </button>
            {factor.enrolled && !factor.required && (
              <button type="button" class="button danger" data-testid="factor-remove" onClick={() => void remove()}>
                {w("factor.remove")}
              </button>
            )}
          </div>
        </>
      )}
    </form>
  );
}

function Codes({ codes }: { codes: readonly string[] }): JSX.Element {
  return (
    <>
      <p>{w("factor.codes")}</p>
      <ul class="recovery-codes num" data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <button type="submit" class="button strong" data-testid="factor-kept">
        {w("factor.kept")}
      </button>
    </>
  );
}

/** The picture is drawn here: the secret goes nowhere. One that is too long for it is typed. */
function Scan({ enrolment }: { enrolment: Enrolment }): JSX.Element {
  const rows = qrCode(enrolment.uri);
  const dark = rows?.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x + 4} ${y + 4}h1v1h-1z`] : []))).join("");
  const size = (rows?.length ?? 0) + 8;
  return (
    <>
      <p>{w("factor.scan")}</p>
      {rows !== null && (
        <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={w("factor.qr")} shape-rendering="crispEdges">
          <rect width={size} height={size} fill="#fff" />
          <path d={dark} fill="#000" />
        </svg>
      )}
      <code class="num" data-testid="factor-secret">
        {enrolment.secret}
      </code>
    </>
  );
}
