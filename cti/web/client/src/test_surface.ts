import { popAt } from "./desk/pop";
import { softphone } from "./phone/control";
import { type AudioStats, phoneState, ringAt } from "./phone/softphone";

declare global {
  interface Window {
    /** For the browser tests: what cannot be read from the page itself. Times: this machine's clock, unix seconds. */
    laidian: {
      readonly phone: {
        readonly state: string;
        /** When the last INVITE arrived. */
        readonly ringAt: number | null;
        stats(): Promise<AudioStats>;
      };
      /** When the last screen-pop was painted. */
      readonly popAt: number | null;
    };
  }
}

export function exposeForTests(): void {
  window.laidian = {
    phone: {
      get state() {
        return phoneState.value;
      },
      get ringAt() {
        return ringAt.value;
      },
      stats: () => softphone.stats(),
    },
    get popAt() {
      return popAt;
    },
  };
}
