// Another theme while the page is open: the variables of Streamlit's style sheet change, and nobody calls the
// components.

/**
 * Calls `repaint` when the page turns light or dark. The background of `root` follows the page's; that it starts to
 * change is the sign, which costs nothing as long as it does not.
 * @param {HTMLElement} root of a component
 * @param {() => void} repaint
 */
export function followTheme(root, repaint) {
  root.style.backgroundColor = "var(--st-background-color, #fff)";
  root.style.transition = "background-color 1ms";
  root.addEventListener(
    "transitionrun",
    (event) => event.target === root && event.propertyName === "background-color" && repaint()
  );
}
