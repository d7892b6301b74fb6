// A button that opens a short list of actions: arrow keys move, Escape closes, a press elsewhere closes.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface MenuItem {
  label: ComponentChildren;
  run: () => void;
  checked?: boolean;
}

interface MenuProps {
  label: string;
  button: ComponentChildren;
  heading?: string;
  items: MenuItem[];
  align?: 'start' | 'end';
}

export function Menu({ label, button, heading, items, align = 'start' }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  const entries = (): HTMLElement[] => [...root.current!.querySelectorAll<HTMLElement>('[role^="menuitem"]')];

  useEffect(() => {
    if (!open) return;
    entries().find((entry) => entry.getAttribute('aria-checked') === 'true' || true)?.focus();
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  const key = (event: KeyboardEvent): void => {
    if (!open) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        event.stopPropagation();
        setOpen(true);
      }
      return;
    }
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') return setOpen(false);
    else if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="menu" ref={root} onKeyDown={key}>
      <button type="button" class="quiet" ref={opener} aria-label={label} aria-haspopup="menu" aria-expanded={open} {...(open ? { 'aria-controls': id } : {})} onClick={() => setOpen(!open)}>
        {button}
      </button>
      {open && (
        <div class="menu-list" role="menu" id={id} aria-label={heading ?? label} data-align={align}>
          {heading && <p class="menu-heading">{heading}</p>}
          {items.map(({ label: text, run, checked }) => (
            <button
              type="button"
              tabIndex={-1}
              {...(checked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': checked })}
              onClick={() => {
                close();
                run();
              }}
            >
              {text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
