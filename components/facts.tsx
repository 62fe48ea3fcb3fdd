import { Fragment } from 'preact';
import type { ComponentChildren } from 'preact';

/** A label, its value, and the value's class. */
export type Fact = readonly [label: string, value: ComponentChildren, className?: string];

/** A list of labelled values in small type. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts small">
      {facts.map(([label, value, className = '']) => (
        <Fragment key={label}>
          <dt>{label}</dt>
          <dd class={className}>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
