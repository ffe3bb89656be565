import type { JSX } from "preact";

import type { CallView } from "../gen/messages";
import { t } from "../i18n/language";
import type { Key } from "../i18n/zh";
import { phoneState } from "../phone/softphone";
import { socketState } from "../session";
import { Icon, type IconName } from "../ui/icons";
import { hangUp } from "./actions";
import { may, perform, sheet, unheard } from "./call_control";
import { keyOf } from "./keymap";
import type { Act } from "./possible";

interface Face {
  readonly act: Act;
  readonly testId: string;
  readonly icon: IconName;
  readonly label: Key;
  /** The whole of it, where the label is short. */
  readonly meaning?: Key;
  readonly pressed?: boolean;
  readonly tone?: "on" | "alarm";
}

/** Eight places that never move; what stands in one of them changes its words, not its meaning. */
export function CallButtons({ current }: { current: CallView }): JSX.Element | null {
  if (current.phase === "wrap_up") return null;
  const faces = [holdFace(), muteFace(), transferFace(), consultFace(), keysFace(), recordingFace(), flowFace()];
  return (
    <div class="call-buttons">
      {faces.map((face) => (
        <CallButton key={face.testId} face={face} />
      ))}
      <HangUpButton offered={current.phase === "offered"} />
    </div>
  );
}

function CallButton({ face }: { face: Face }): JSX.Element {
  const offlineToo = face.act === "mute" && phoneState.value === "talking";
  const enabled = may.value.has(face.act) && (socketState.value === "open" || offlineToo);
  const key = keyOf(face.act);
  const meaning = t(face.meaning ?? face.label);
  return (
    <button
      type="button"
      class={`call-button ${face.tone ?? ""}`}
      data-testid={face.testId}
      aria-pressed={face.pressed ?? false}
      aria-keyshortcuts={key}
      aria-label={meaning}
      title={key === undefined ? meaning : `${meaning} (${key.toUpperCase()})`}
      disabled={!enabled}
      onClick={() => perform(face.act)}
    >
      <Icon name={face.icon} size={18} />
      <span>{t(face.label)}</span>
    </button>
  );
}

function HangUpButton({ offered }: { offered: boolean }): JSX.Element {
  return (
    <button
      type="button"
      class="call-button danger"
      data-testid={offered ? "decline" : "hang-up"}
      disabled={socketState.value !== "open" && phoneState.value !== "talking"}
      onClick={() => void hangUp()}
    >
      <Icon name="hangup" size={18} />
      <span>{t(offered ? "call.decline" : "call.hang_up")}</span>
    </button>
  );
}

function holdFace(): Face {
  if (may.value.has("swap")) return { act: "swap", testId: "swap", icon: "transfer", label: "parties.swap" };
  const held = may.value.has("resume");
  return held
    ? { act: "resume", testId: "resume", icon: "play", label: "call.resume", pressed: true, tone: "on" }
    : { act: "hold", testId: "hold", icon: "pause", label: "call.hold" };
}

function muteFace(): Face {
  return unheard.value
    ? { act: "mute", testId: "mute", icon: "micOff", label: "call.unmute", pressed: true, tone: "alarm" }
    : { act: "mute", testId: "mute", icon: "mic", label: "call.mute" };
}

function transferFace(): Face {
  if (may.value.has("complete")) return { act: "complete", testId: "complete", icon: "door", label: "parties.complete" };
  return { act: "transfer", testId: "transfer", icon: "door", label: "call.transfer", pressed: sheet.value === "transfer" };
}

function consultFace(): Face {
  if (may.value.has("conference")) return { act: "conference", testId: "merge", icon: "people", label: "parties.merge" };
  return { act: "consult", testId: "consult", icon: "people", label: "call.consult", pressed: sheet.value === "consult" };
}

function keysFace(): Face {
  return { act: "digits", testId: "keypad", icon: "keys", label: "call.keypad", pressed: sheet.value === "keypad" };
}

const REC = { icon: "record" } as const;

function recordingFace(): Face {
  if (may.value.has("resume-recording")) {
    return {
      act: "resume-recording",
      testId: "resume-recording",
      icon: "record",
      label: "call.rec_resume",
      meaning: "call.resume_recording",
      pressed: true,
      tone: "on",
    };
  }
  if (may.value.has("start-recording")) {
    return { ...REC, act: "start-recording", testId: "start-recording", label: "call.rec_start", meaning: "call.start_recording" };
  }
  return { ...REC, act: "pause-recording", testId: "pause-recording", label: "call.rec_pause", meaning: "call.pause_recording" };
}

function flowFace(): Face {
  if (may.value.has("fetch")) return { act: "fetch", testId: "fetch", icon: "stop", label: "call.fetch", tone: "on" };
  return { act: "flow", testId: "flow", icon: "chat", label: "call.flow", pressed: sheet.value === "flows" };
}
