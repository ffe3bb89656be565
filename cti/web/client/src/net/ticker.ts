// Runs as a worker: the timers of a page in the background run once a second at best, and once a minute after a while.
const EVERY_MS = 500;

setInterval(() => postMessage(0), EVERY_MS);
