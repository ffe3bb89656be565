/**
 * One tab owns the phone of an agent. Two tabs that register the same endpoint would both ring and fight for the
 * microphone; a tab becomes the owner when it is the first, or on purpose.
 */
export interface Ownership {
  /** Takes the phone away from the other tab. */
  seize(): void;
  release(): void;
}

export interface OwnershipEvents {
  owned(): void;
  /** Another tab has it, now or since now. */
  elsewhere(): void;
}

export function claimPhone(agentId: string, events: OwnershipEvents): Ownership {
  const name = `laidian-phone-${agentId}`;
  if (!("locks" in navigator)) {
    // No locks on an insecure origin, where there is no microphone either.
    events.owned();
    return { seize: () => undefined, release: () => undefined };
  }
  let letGo: () => void = () => undefined;
  let wanted = true;

  const hold = (): Promise<void> => {
    if (!wanted) return Promise.resolve();
    events.owned();
    return new Promise((resolve) => {
      letGo = resolve;
    });
  };
  const wait = (): void => {
    navigator.locks.request(name, hold).catch(() => lost());
  };
  const lost = (): void => {
    if (!wanted) return;
    events.elsewhere();
    wait();
  };

  navigator.locks
    .request(name, { ifAvailable: true }, (lock) => (lock === null ? lost() : hold()))
    .catch(() => lost());
  return {
    seize: () => {
      navigator.locks.request(name, { steal: true }, hold).catch(() => lost());
    },
    release: () => {
      wanted = false;
      letGo();
    },
  };
}
