/** A cross; the button that holds it has the words. */
export function CloseIcon() {
  return (
    <svg
      viewBox="0 0 12 12"
      width="12"
      height="12"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M2 2l8 8M10 2l-8 8" />
    </svg>
  );
}
