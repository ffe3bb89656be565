import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import type { RecordingReview, ScoreView, WaveformView } from "../gen/messages";
import { dispositionText, queueName } from "../ui/codes";
import { dayAndTime, phoneNumber } from "../ui/format";
import { Icon } from "../ui/icons";
import { Failure, Skeleton } from "../ui/parts";
import { Comments } from "./comments";
import { downloadAddress, review, waveform } from "./net";
import { Playback } from "./playback";
import { Player } from "./player";
import { q } from "./words";

export interface ReviewProps {
  interactionId: string;
  /** What stands below the player: scoring for a supervisor, the own score for an agent. */
  children: (found: RecordingReview, onScore: (score: ScoreView) => void) => ComponentChildren;
  /** After a change that the list beside may show. */
  onChange?: ((found: RecordingReview) => void) | undefined;
}

/** One recording: player, comments, and what is made of it. Give it the interaction's id as its key. */
export function Review({ interactionId, children, onChange }: ReviewProps): JSX.Element {
  const found = useSignal<RecordingReview | null>(null);
  const wave = useSignal<WaveformView | "failed" | null>(null);
  const failed = useSignal(false);
  const playback = useMemo(() => new Playback(), [interactionId]);
  const load = async (): Promise<void> => {
    failed.value = false;
    waveform(interactionId).then(
      (answer) => (wave.value = answer),
      () => (wave.value = "failed"),
    );
    try {
      found.value = await review(interactionId);
    } catch {
      failed.value = true;
    }
  };
  useEffect(() => void load(), [interactionId]);
  if (failed.value) return <Failure text={q("review.failed")} retry={() => void load()} />;
  if (found.value === null) return <Skeleton rows={6} />;
  const shown = found.value;
  const change = (next: RecordingReview): void => {
    found.value = next;
    onChange?.(next);
  };
  const onScore = (score: ScoreView): void => {
    const others = shown.scores.filter((each) => each.score_id !== score.score_id);
    change({ ...shown, scores: [...others, score] });
  };
  return (
    <div class="review" data-testid="review" data-interaction={interactionId}>
      <Head found={shown} />
      <Player
        interactionId={interactionId}
        duration_s={wave.value === null || wave.value === "failed" ? shown.recording.duration_s : wave.value.duration_s}
        wave={wave.value}
        comments={shown.comments}
        playback={playback}
      />
      <div class="review-columns">
        <Comments
          interactionId={interactionId}
          comments={shown.comments}
          playback={playback}
          onChange={(comments) => change({ ...shown, comments })}
        />
        <div>{children(shown, onScore)}</div>
      </div>
    </div>
  );
}

function Head({ found }: { found: RecordingReview }): JSX.Element {
  const { recording } = found;
  const facts = [
    phoneNumber(recording.customer_number),
    queueName(recording.queue),
    found.agents.map((agent) => agent.name).join(", "),
    recording.disposition === "" ? "" : dispositionText(recording.disposition),
  ];
  return (
    <header class="review-head">
      <div class="grow">
        <h2>
          {recording.customer_name || phoneNumber(recording.customer_number) || q("row.unknown")}
          <span class="meta num">{dayAndTime(recording.started_at)}</span>
        </h2>
        <p class="meta num">{facts.filter((each) => each !== "").join(" · ")}</p>
      </div>
      {found.may_download && (
        <a class="button" data-testid="download" href={downloadAddress(recording.interaction_id)} download>
          <Icon name="down" /> {q("review.download")}
        </a>
      )}
    </header>
  );
}
