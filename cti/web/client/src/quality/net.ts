import type {
  Calibrations,
  CommentView,
  FoundRecordingsView,
  RecordingReview,
  RecordingSearchQuery,
  ScoreBody,
  ScorecardList,
  ScoreList,
  ScoreView,
  WaveformView,
} from "../gen/messages";
import { get, request } from "../net/rest";

const ROOT = "/quality";
const recordingPath = (interactionId: string): string => `${ROOT}/recordings/${encodeURIComponent(interactionId)}`;

async function send<T>(method: string, path: string, body: unknown): Promise<T> {
  return (await (await request(method, path, body)).json()) as T;
}

export const searchRecordings = (search: RecordingSearchQuery): Promise<FoundRecordingsView> => {
  const given = Object.entries(search).map(([name, value]) => [name, value ?? undefined] as const);
  return get(`${ROOT}/recordings`, Object.fromEntries(given));
};

export const review = (interactionId: string): Promise<RecordingReview> => get(recordingPath(interactionId));
export const waveform = (interactionId: string): Promise<WaveformView> => get(`${recordingPath(interactionId)}/waveform`);
export const downloadAddress = (interactionId: string): string => `/api/v1${recordingPath(interactionId)}/download`;

export const addComment = (interactionId: string, at_s: number, text: string): Promise<CommentView> =>
  send("POST", `${recordingPath(interactionId)}/comments`, { at_s, text });
export const editComment = (commentId: number, text: string): Promise<CommentView> =>
  send("PATCH", `${ROOT}/comments/${commentId}`, { text });
export const removeComment = (commentId: number): Promise<Response> =>
  request("DELETE", `${ROOT}/comments/${commentId}`);

export const scorecards = (): Promise<ScorecardList> => get(`${ROOT}/scorecards`);
export const saveScore = (interactionId: string, body: ScoreBody): Promise<ScoreView> =>
  send("POST", `${recordingPath(interactionId)}/scores`, body);
export const calibration = (interactionId: string): Promise<Calibrations> =>
  get(`${recordingPath(interactionId)}/calibration`);
export const scores = (before?: number): Promise<ScoreList> => get(`${ROOT}/scores`, { before });
export const acknowledge = (scoreId: number, reply: string): Promise<ScoreView> =>
  send("POST", `${ROOT}/scores/${scoreId}/acknowledgement`, { reply });
