/** The emulators' news: what changed, and whether we still hear them. */

/** How long to wait before asking again when the server refused the stream (the browser itself retries a lost one). */
const REOPEN_AFTER_MS = 1500;

/**
 * @param {{onChange: (change: {what: string, bot?: number, chat?: number}) => void, onOpen: () => void, onLost: () => void}} listener
 * `onOpen` comes at the start and after every loss: whatever is on the page may be old then.
 */
export function openStream({ onChange, onOpen, onLost }) {
  const source = new EventSource("/control/stream");
  source.addEventListener("open", onOpen);
  source.addEventListener("message", (event) => onChange(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    onLost();
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => openStream({ onChange, onOpen, onLost }), REOPEN_AFTER_MS);
    }
  });
}
