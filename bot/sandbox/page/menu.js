/** A small menu that a button opens: Escape, a choice, or going elsewhere closes it. */

/**
 * @param {HTMLButtonElement} opener
 * @param {HTMLElement} menu hidden at first; the buttons in it are the choices
 * @param {(choice: HTMLButtonElement) => void} onChoose
 */
export function makeMenu(opener, menu, onChoose) {
  const isOpen = () => !menu.hidden;

  function set(open) {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  }

  function close() {
    set(false);
    opener.focus();
  }

  opener.setAttribute("aria-controls", menu.id);
  set(false);
  opener.addEventListener("click", () => {
    set(!isOpen());
    if (isOpen()) menu.querySelector("button").focus();
  });
  menu.addEventListener("click", (event) => {
    const choice = event.target.closest("button");
    if (!choice) return;
    close();
    onChoose(choice);
  });
  menu.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("pointerdown", (event) => isOpen() && !menu.contains(event.target) && !opener.contains(event.target) && set(false));
  menu.addEventListener("focusout", (event) => event.relatedTarget && !menu.contains(event.relatedTarget) && event.relatedTarget !== opener && set(false));
}
