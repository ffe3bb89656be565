import { effect, signal, untracked } from "@preact/signals";

import { known, me, send, socketState } from "../session";
import { tab } from "./tab";

/**
 * One tab owns the phone of an agent, over all browsers and computers: two that register the same endpoint would both
 * ring and fight for the microphone. The server says which one; a tab becomes the owner when there is none, or on
 * purpose. While the server is away the phone stays where it is.
 */
export interface Ownership {
  release(): void;
}

export interface OwnershipEvents {
  owned(): void;
  /** Another tab has it, now or since now. */
  elsewhere(): void;
}

/** A tab that only shows lets the one that owned the phone come back first, after a server that was away. */
const AFTER_THE_OWNER_MS = 3_000;
/** How long an owner whose page is gone may take to come back (a reload) before another page has the phone. */
const OWNER_GONE_MS = 6_000;

/** Makes the phone this tab's, also when another one has it. Raises CommandFailed. */
export async function seizePhone(): Promise<void> {
  await send({ cmd: "phone.claim", tab, seize: true });
}

export function followOwnership(events: OwnershipEvents): Ownership {
  const mine = signal<boolean | null>(null);
  const owner = signal("");
  const present = signal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const become = (owned: boolean): void => {
    if (mine.value === owned) return;
    mine.value = owned;
    if (owned) events.owned();
    else events.elsewhere();
  };
  const claim = (): void => {
    send({ cmd: "phone.claim", tab }).then(
      (result) => stopped || become(result?.["owner"] === true),
      () => undefined, // the server is away: the next snapshot asks again
    );
  };
  let stopped = false;
  const stopOwner = effect(() => {
    owner.value = me.value?.station?.tab ?? "";
    present.value = me.value?.station?.present ?? false;
  });
  const stop = effect(() => {
    if (!known.value || socketState.value !== "open") return;
    const whose = owner.value;
    const there = present.value;
    untracked(() => {
      clearTimeout(timer);
      if (whose === tab) become(true);
      else if (whose !== "") {
        become(false);
        if (!there) timer = setTimeout(claim, OWNER_GONE_MS);
      }
      else if (mine.value === false) timer = setTimeout(claim, AFTER_THE_OWNER_MS);
      else claim();
    });
  });
  return {
    release: () => {
      stopped = true;
      clearTimeout(timer);
      stop();
      stopOwner();
    },
  };
}
