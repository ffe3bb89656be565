import { signal } from "@preact/signals";

/** Wallboard mode: the tiles only, readable from five metres. */
export const wallboard = signal(false);
