import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { CommentView, WaveformView } from "../gen/messages";
import { recordingAddress } from "../net/rest";
import { duration } from "../ui/format";
import { Icon } from "../ui/icons";
import { Lane } from "./lane";
import { type Playback, type Side, skipsSilence, speed, SPEEDS } from "./playback";
import { withoutSilence } from "./silence";
import { q } from "./words";

const SIDES: readonly Side[] = ["customer", "ours"];
const STEP_S = 5;

export interface PlayerProps {
  interactionId: string;
  duration_s: number;
  wave: WaveformView | "failed" | null;
  comments: readonly CommentView[];
  playback: Playback;
}

export function Player({ interactionId, duration_s, wave, comments, playback }: PlayerProps): JSX.Element {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => (audio.current === null ? undefined : playback.follow(audio.current)), [playback]);
  useEffect(() => {
    playback.silences = wave === null || wave === "failed" ? [] : wave.silences;
  }, [playback, wave]);
  return (
    <div class="quality-player" data-testid="player">
      {/* Nothing is fetched before somebody asks to hear it: a listening is audited. */}
      <audio ref={audio} data-testid="review-audio" preload="none" src={recordingAddress(interactionId)} />
      <Waves duration_s={duration_s} wave={wave} comments={comments} playback={playback} />
      <Controls duration_s={duration_s} wave={wave} playback={playback} />
      {wave === "failed" && <p class="meta">{q("player.no_wave")}</p>}
      {playback.broken.value && (
        <p class="failure small" role="alert">
          {q("review.listen_failed")}
        </p>
      )}
    </div>
  );
}

type WavesProps = Pick<PlayerProps, "duration_s" | "wave" | "comments" | "playback">;

function Waves({ duration_s, wave, comments, playback }: WavesProps): JSX.Element {
  const share = (at: number): string => `${Math.min(100, (at / Math.max(duration_s, 0.001)) * 100)}%`;
  const drawn = wave === null || wave === "failed" ? null : wave;
  const second = useComputed(() => Math.floor(playback.position.value)).value;
  return (
    <div class="waves">
      <div class="lane-names">
        {SIDES.map((side) => (
          <MuteButton key={side} side={side} playback={playback} />
        ))}
      </div>
      <div class="timeline-of-sound">
        <div
          class="lanes"
          role="slider"
          tabIndex={0}
          data-testid="waveform"
          data-buckets={drawn?.customer.length ?? 0}
          aria-label={q("player.position")}
          aria-valuemin={0}
          aria-valuemax={Math.round(duration_s)}
          aria-valuenow={second}
          aria-valuetext={duration(second)}
          onPointerDown={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            playback.seek(((event.clientX - box.left) / box.width) * duration_s);
          }}
          onKeyDown={(event) => onKey(event, playback, duration_s)}
        >
          {SIDES.map((side) => (
            <Lane
              key={side}
              side={side}
              peaks={drawn?.[side] ?? []}
              silences={drawn?.silences ?? []}
              duration_s={duration_s}
              muted={playback.muted.value[side]}
            />
          ))}
          <Cursor playback={playback} share={share} />
        </div>
        {comments.map((comment) => (
          <button
            key={comment.comment_id}
            type="button"
            class="marker"
            data-testid="marker"
            style={{ left: share(comment.at_s) }}
            title={`${duration(comment.at_s)} ${comment.author_name}: ${comment.text}`}
            aria-label={q("comments.go", { at: duration(comment.at_s) })}
            onClick={() => playback.seek(comment.at_s)}
          />
        ))}
      </div>
    </div>
  );
}

/** Of its own, because it is drawn again with every picture of the screen. */
function Cursor({ playback, share }: { playback: Playback; share: (at: number) => string }): JSX.Element {
  const width = useComputed(() => share(playback.position.value));
  return <div class="played" style={{ width: width.value }} aria-hidden="true" />;
}

function onKey(event: KeyboardEvent, playback: Playback, duration_s: number): void {
  const at = playback.position.value;
  const moves: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => playback.seek(at - STEP_S),
    ArrowRight: () => playback.seek(Math.min(duration_s, at + STEP_S)),
    Home: () => playback.seek(0),
    End: () => playback.seek(duration_s),
    " ": () => void playback.toggle(),
  };
  const move = event.target === event.currentTarget ? moves[event.key] : undefined;
  if (move === undefined) return;
  event.preventDefault();
  move();
}

function MuteButton({ side, playback }: { side: Side; playback: Playback }): JSX.Element {
  const muted = playback.muted.value[side];
  const name = q(`player.${side}`);
  return (
    <button
      type="button"
      class={`lane-name ${side}`}
      data-testid="mute-side"
      data-side={side}
      aria-pressed={muted}
      title={q("player.mute", { side: name })}
      onClick={() => playback.mute(side, !muted)}
    >
      <Icon name={muted ? "micOff" : "mic"} size={14} /> {name}
    </button>
  );
}

function Controls({ duration_s, wave, playback }: Pick<PlayerProps, "duration_s" | "wave" | "playback">): JSX.Element {
  const playing = playback.playing.value;
  const second = useComputed(() => Math.floor(playback.position.value)).value;
  const silences = wave === null || wave === "failed" ? [] : wave.silences;
  return (
    <div class="player-controls">
      <button
        type="button"
        class="button strong"
        data-testid="play"
        aria-label={q(playing ? "player.pause" : "player.play")}
        onClick={() => void playback.toggle()}
      >
        <Icon name={playing ? "pause" : "play"} /> {q(playing ? "player.pause" : "player.play")}
      </button>
      <span class="num player-time" data-testid="player-time">
        {duration(second)} / {duration(duration_s)}
      </span>
      <span class="grow" />
      <label class="check" title={q("player.skip_saves", { length: duration(withoutSilence(duration_s, silences)) })}>
        <input
          type="checkbox"
          data-testid="skip-silence"
          checked={skipsSilence.value}
          onChange={(event) => (skipsSilence.value = event.currentTarget.checked)}
        />
        {q("player.skip")}
      </label>
      <label class="check">
        <span class="hidden">{q("player.speed")}</span>
        <select
          class="speed"
          data-testid="speed"
          title={q("player.speed")}
          value={String(speed.value)}
          onChange={(event) => playback.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={String(each)}>
              {each}×
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
