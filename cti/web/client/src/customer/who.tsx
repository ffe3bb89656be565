import type { JSX } from "preact";

import type { CallView } from "../gen/messages";
import { now } from "../net/clock";
import { order } from "../session";
import { ago } from "../ui/format";
import { Vip } from "../ui/parts";
import { sheet } from "./sheets";
import { w } from "./words";

/** Whoever is meant by an agent; the call, its form and its timeline follow. */
export async function identify(current: CallView, customerId: number, name = "", keepNumber = true): Promise<boolean> {
  const { interaction_id } = current;
  return await order({ cmd: "call.identify", interaction_id, customer_id: customerId, name, keep_number: keepNumber });
}

/** Several customers share the number: the one talked to last is shown until somebody has asked. */
export function Candidates({ current }: { current: CallView }): JSX.Element | null {
  if (current.candidates.length < 2 || current.customer_chosen) return null;
  return (
    <section class="candidates" data-testid="candidates">
      <p>{w("who.shared", { count: current.candidates.length })}</p>
      <div class="candidate-list">
        {current.candidates.map((one, index) => (
          <button
            key={one.customer_id}
            type="button"
            class={`button candidate ${one.customer_id === current.customer?.customer_id ? "taken" : ""}`}
            data-testid="candidate"
            data-customer={one.customer_id}
            aria-current={one.customer_id === current.customer?.customer_id}
            onClick={() => void identify(current, one.customer_id)}
          >
            <kbd>{index + 1}</kbd> <b>{one.name || "—"}</b> <Vip level={one.vip} />
            <span class="meta">
              {[one.company || one.city, one.last_at === null ? w("who.never") : w("who.last", { when: ago(one.last_at, now.value) })]
                .filter((each) => each !== "")
                .join(" · ")}
            </span>
          </button>
        ))}
        <button type="button" class="button" data-testid="candidate-none" onClick={() => (sheet.value = "find")}>
          {w("who.none")}
        </button>
      </div>
    </section>
  );
}
