import { Fragment } from 'preact';
import type { ComponentChildren } from 'preact';

/** A label, its value, and the value's class. */
export type Fact = readonly [label: string, value: ComponentChildren, className?: string];

type FactsProps = { readonly facts: readonly Fact[]; readonly class?: string };

/** A list of labelled values, in small type unless `class` says otherwise. */
export function Facts({ facts, class: listClass = 'facts small' }: FactsProps) {
  return (
    <dl class={listClass}>
      {facts.map(([label, value, className = '']) => (
        <Fragment key={label}>
          <dt>{label}</dt>
          <dd class={className}>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
