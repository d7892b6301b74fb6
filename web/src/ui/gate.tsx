// The frame of what is seen before one is inside: signing in, and the first password.

import type { ComponentChildren } from 'preact';
import { strings } from '../strings';
import { Screen } from './screen';

export function Gate({ title, heading, children }: { title: string; heading: string; children: ComponentChildren }) {
  return (
    <div class="gate">
      <header class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M8.500 9.500h15M8.500 16h15M8.500 22.500h15" />
        </svg>
        {strings.product}
      </header>
      <Screen title={title} heading={heading} keepFocus class="card">
        {children}
      </Screen>
    </div>
  );
}
