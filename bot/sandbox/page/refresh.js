/** One refresh at a time: a wish that comes during a refresh leads to one more afterwards. */

/**
 * @param {() => Promise<void>} work
 * @param {(error: unknown) => void} onError
 * @returns {() => Promise<void>} settles when nothing is left to refresh; never rejects
 */
export function oneAtATime(work, onError) {
  let running = null;
  let again = false;

  async function run() {
    do {
      again = false;
      try {
        await work();
      } catch (error) {
        onError(error);
      }
    } while (again);
    running = null;
  }

  return () => {
    if (running) again = true;
    else running = run();
    return running;
  };
}
