/** The icon of buttons that close or delete. The button itself has the name for screen readers. */
export function CrossSign() {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
    >
      <path d="M4 4l8 8M12 4l-8 8" />
    </svg>
  );
}
