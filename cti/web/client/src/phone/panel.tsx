import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";

import { t } from "../i18n/language";
import { me } from "../session";
import { Icon } from "../ui/icons";
import { canChooseSpeaker, choose, chosen, ofPurpose, type Purpose } from "./devices";
import { microphone, reopenMicrophone } from "./microphone";
import { LineFigures } from "./line_quality";
import "./panel.css";
import { phonePanelOpen } from "./panel_host";
import { checkAgain } from "./readiness";
import { startRinging, stopRinging } from "./ringtone";
import { farSide, phoneState } from "./softphone";

const RING_MS = 1_500;

/** Which devices the phone uses, how loud both sides are, and whether a tone comes back from the telephone system. */
export function PhonePanel(): JSX.Element {
  return (
    <aside class="phone-panel card" data-testid="phone-panel" aria-label={t("panel.title")}>
      <header class="call-head">
        {t("panel.title")}
        <button type="button" class="icon-button" aria-label={t("close")} onClick={() => (phonePanelOpen.value = false)}>
          <Icon name="close" />
        </button>
      </header>
      <DeviceChoice purpose="microphone" />
      <Meter name={t("panel.own_level")} testId="own-level" stream={microphone.value} />
      {canChooseSpeaker && <DeviceChoice purpose="speaker" />}
      <Meter name={t("panel.far_level")} testId="far-level" stream={farSide.value} />
      <LineFigures />
      {canChooseSpeaker && <DeviceChoice purpose="ringer" />}
      <div class="phone-panel-tests">
        <button type="button" class="button small" data-testid="ring-test" onClick={ringOnce}>
          {t("panel.ring_test")}
        </button>
        <EchoTest />
      </div>
    </aside>
  );
}

function DeviceChoice({ purpose }: { purpose: Purpose }): JSX.Element {
  return (
    <label class="phone-panel-choice">
      <span>{t(`device.${purpose}`)}</span>
      <select
        data-testid={`device-${purpose}`}
        value={chosen.value[purpose]}
        onChange={(event) => {
          choose(purpose, event.currentTarget.value);
          if (purpose === "microphone") void reopenMicrophone();
        }}
      >
        <option value="">{t("panel.by_itself")}</option>
        {ofPurpose(purpose).map(({ deviceId, label }) => (
          <option key={deviceId} value={deviceId}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The same check that lets calls come: a tone goes out and has to be heard back. */
function EchoTest(): JSX.Element {
  const gate = me.value?.station?.gate ?? "unchecked";
  const able = me.value?.phone === "web" && phoneState.value === "registered";
  return (
    <>
      <button type="button" class="button small" data-testid="echo-test" disabled={!able || gate === "checking"} onClick={checkAgain}>
        {t("panel.echo_test")}
      </button>
      <span class="meta" role="status" data-testid="echo-result" data-gate={gate}>
        {t(`panel.gate_${gate}`)}
      </span>
    </>
  );
}

function ringOnce(): void {
  if (phoneState.value === "ringing") return;
  startRinging();
  setTimeout(() => phoneState.value !== "ringing" && stopRinging(), RING_MS);
}

/** 0 to 100, from the loudest sample of the last moment on a scale of 60 dB. */
function Meter({ name, testId, stream }: { name: string; testId: string; stream: MediaStream | null }): JSX.Element {
  const level = useLevel(stream);
  return (
    <div class="phone-panel-meter">
      <span class="meta">{name}</span>
      <meter data-testid={testId} min={0} max={100} value={level} aria-label={name} />
    </div>
  );
}

function useLevel(stream: MediaStream | null): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    setLevel(0);
    if (stream === null) return undefined;
    const context = new AudioContext();
    const ear = context.createAnalyser();
    ear.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(ear);
    const samples = new Float32Array(ear.fftSize);
    const timer = setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-6);
      setLevel(Math.round(Math.max(0, Math.min(100, 100 + (20 * Math.log10(loudest) * 100) / 60))));
    }, 100);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [stream]);
  return level;
}
