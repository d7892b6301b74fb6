// Addresses of the page: /, /camera/ID, /add, /sign-in, /welcome#TOKEN.

import { signal } from '@preact/signals';

export type Route =
  | { page: 'wall' }
  | { page: 'camera'; id: string }
  | { page: 'add' }
  | { page: 'sign-in'; next: string }
  | { page: 'welcome'; token: string }
  | { page: 'missing' };

/** Only an address of this page may follow a sign-in; anything else, "//elsewhere" too, is the wall. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && parse(next).page !== 'missing' && parse(next).page !== 'sign-in' ? next : '/';
}

export function parse(address: string): Route {
  const url = new URL(address, 'http://page.invalid');
  const path = url.pathname.replace(/(.)\/$/, '$1');
  const camera = /^\/camera\/([0-9a-f]{32})$/.exec(path)?.[1];
  if (camera) return { page: 'camera', id: camera };
  switch (path) {
    case '/':
      return { page: 'wall' };
    case '/add':
      return { page: 'add' };
    case '/sign-in':
      return { page: 'sign-in', next: safeNext(url.searchParams.get('next')) };
    case '/welcome':
      return { page: 'welcome', token: url.hash.slice(1) };
    default:
      return { page: 'missing' };
  }
}

export const cameraPath = (id: string): string => `/camera/${id}`;

export function signInPath(from: string): string {
  const next = safeNext(from);
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}

const here = (): string => location.pathname + location.search + location.hash;

export const route = signal<Route>({ page: 'wall' });

export function navigate(path: string, replace = false): void {
  if (path === here()) replace = true;
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  route.value = parse(path);
  scrollTo(0, 0);
}

/** Follows the browser's own navigation and turns clicks on the page's links into it. */
export function listen(): void {
  route.value = parse(here());
  addEventListener('popstate', () => (route.value = parse(here())));
  addEventListener('hashchange', () => (route.value = parse(here())));
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return;
    if (link.hash && link.pathname === location.pathname) return; // within this page
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
  });
}
