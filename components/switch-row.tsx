import type { ComponentChildren } from 'preact';

type SwitchRowProps = {
  readonly label: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onSwitch: (isOn: boolean) => void;
  /** Under the label, in small type. */
  readonly children?: ComponentChildren;
};

/** A label with a switch at its end. The switch is a native checkbox, so the keyboard and screen readers know it. */
export function SwitchRow({ label, isOn, isDisabled = false, onSwitch, children }: SwitchRowProps) {
  return (
    <label class="switch-row">
      <span class="switch-text">
        <span>{label}</span>
        {children === undefined ? null : <span class="small quiet">{children}</span>}
      </span>
      <input
        type="checkbox"
        role="switch"
        class="switch"
        checked={isOn}
        disabled={isDisabled}
        onChange={({ currentTarget }) => {
          const wanted = currentTarget.checked;
          // The switch shows the present state: the browser may still ask the user.
          currentTarget.checked = isOn;
          onSwitch(wanted);
        }}
      />
    </label>
  );
}
