// What every screen has: a title in the tab, and focus on its heading when one comes to it from another screen.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { store } from '../store';
import { strings } from '../strings';

let first = true;

interface ScreenProps {
  title: string;
  heading?: ComponentChildren;
  class?: string;
  children?: ComponentChildren;
  /** The screen has put the focus where it belongs by itself. */
  keepFocus?: boolean;
}

export function Screen({ title, heading, class: name = '', children, keepFocus = false }: ScreenProps) {
  const top = useRef<HTMLHeadingElement>(null);
  const home = store.home.value?.name;
  useEffect(() => {
    document.title = strings.title(title, home);
  }, [title, home]);
  useEffect(() => {
    if (!first && !keepFocus) top.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  return (
    <main class={name} id="main">
      <h1 ref={top} tabIndex={-1} class={heading ? '' : 'spoken'}>
        {heading ?? title}
      </h1>
      {children}
    </main>
  );
}

export function Empty({ heading, text, children }: { heading: string; text: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{heading}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}
