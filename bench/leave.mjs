// What a bench has started and must not leave behind: stopped when the run ends before its time (Ctrl-C, a failure, its
// deadline), the newest first.
const started = new Set();
let isStopping = false;

/** Whether everything is being stopped: what ends now was meant to. */
export const isLeaving = () => isStopping;

/** @returns what to call once it has been stopped in the ordinary way */
export function stopLater(stop) {
  started.add(stop);
  return () => started.delete(stop);
}

export async function stopAll() {
  isStopping = true;
  for (const stop of [...started].reverse()) {
    started.delete(stop);
    try {
      await stop();
    } catch (error) {
      console.error(error);
    }
  }
  isStopping = false;
}
